/** `nolapse inventory`: what there is and what is wrong with it. */
import { FLEET_SOURCE } from '../shared/contract/ids.ts';
import { inventoryDocument } from './output/documents.ts';
import { leavingLines } from './output/leaving.ts';
import { inventoryLines } from './output/reports.ts';
import type { Answer, Session } from './session.ts';

/** Reads all sources and tells what the passes found. Failed when no cluster at all could be read; one of several that could not is a finding. */
export async function inventory({ local, settings }: Session): Promise<Answer> {
  await local.inventory();
  const [certificates, findings, sources, paused, leaving] = await Promise.all([
    local.views(),
    local.findings(),
    local.sources(),
    local.pausedLanes(),
    local.leaving(),
  ]);
  const clusters = sources.filter(({ name }) => name !== FLEET_SOURCE);
  const all = { certificates, findings, sources, paused };
  return {
    get document() {
      return inventoryDocument(all);
    },
    report: async (report, now) => {
      if (report === 'html') {
        const { reportLines } = await import('../shared/stages/notify/report/report.ts');
        return reportLines({ certificates, findings, sources, at: now.toISOString() });
      }
      if (report === 'csv') return (await import('./output/csv.ts')).certificateLines(certificates);
      return (await import('./output/prometheus.ts')).metricLines(all);
    },
    lines: (paper) => [...leavingLines(leaving, paper, settings.service), ...inventoryLines(all, paper, settings.all)],
    findings,
    failed: clusters.length > 0 && clusters.every(({ state }) => state !== 'ok'),
  };
}
