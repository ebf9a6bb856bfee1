/** The report of a deployed service: what the rows and the last looks know, as one page that is replaced whole. Asks no cluster. */

import { REPORT_KEY } from '../contract/deployed.ts';
import type { Fleet } from '../contract/fleet.ts';
import { FLEET_SOURCE } from '../contract/ids.ts';
import { reportHtml } from '../stages/notify/report/report.ts';
import { openFindings } from './findings.ts';
import type { InventoryLanePorts } from './inventory-ports.ts';
import type { LanePorts } from './lane-ports.ts';
import { sourceViews, viewsOf } from './sources.ts';

export type ReportPorts = Pick<LanePorts, 'records' | 'clock'> &
  Pick<InventoryLanePorts, 'blobs'> & { readonly fleet: Fleet };

/** Writes it. Throws ProblemError of Records and of Blobs (`nolapse:state-*`): nothing else depends on the page. */
export async function leaveReport(ports: ReportPorts): Promise<void> {
  const { records, blobs, clock, fleet } = ports;
  const sources = [...fleet.clusters.map(({ name }) => name), FLEET_SOURCE];
  const page = reportHtml({
    certificates: await viewsOf(sources, ports),
    findings: (await openFindings(records)).filter(({ object }) => sources.includes(object.cluster ?? FLEET_SOURCE)),
    sources: await sourceViews(sources, ports),
    at: clock.now().toISOString(),
  });
  await blobs.write(REPORT_KEY, Buffer.from(page));
}
