/** What the last inventory knows of each source, for people. */
import { FLEET_SOURCE, inventoryLane } from '../contract/ids.ts';
import type { CertificateView, SourceView } from '../contract/observation.ts';
import type { Blobs, Clock } from '../contract/ports.ts';
import { keys, type Records } from '../contract/records.ts';
import { pauseOf } from '../contract/rows.ts';
import { judgedFleet } from './inventory-fleet.ts';
import type { LanePorts } from './lane-ports.ts';
import { pausedWords } from './pause.ts';
import { readSnapshot } from './snapshots.ts';

interface SourcePorts {
  readonly records: Records;
  readonly blobs: Blobs;
  readonly clock: Pick<Clock, 'now'>;
}

/** `stale`: the last try failed, or its lane is paused, and an earlier one did not; `down`: never read. */
async function sourceView(name: string, { records, blobs, clock }: SourcePorts): Promise<SourceView> {
  const lane = (await records.get(keys.lane(inventoryLane(name))))?.body;
  const snapshot = await readSnapshot(blobs, name);
  const asOf = lane?.lastOkAt ? { asOf: lane.lastOkAt } : {};
  const pause = pauseOf(lane, clock.now());
  if (pause) return { name, ...asOf, state: snapshot ? 'stale' : 'down', problem: pausedWords(pause) };
  if (lane?.problem) return { name, ...asOf, state: snapshot ? 'stale' : 'down', problem: lane.problem.detail };
  if (!lane?.lastOkAt) return { name, state: 'down', problem: 'it was never read' };
  const [gap] = snapshot?.gaps ?? [];
  return {
    name,
    ...asOf,
    state: gap ? 'stale' : 'ok',
    ...(gap ? { problem: `${gap.what}: ${gap.problem}${gap.fix ? ` (${gap.fix})` : ''}` } : {}),
  };
}

export const sourceViews = (sources: readonly string[], ports: SourcePorts): Promise<readonly SourceView[]> =>
  Promise.all(sources.map((source) => sourceView(source, ports)));

/** The lines of all sources, in their order: of clusters as their last pass saw them, of the fleet file as the rows know it. */
export async function viewsOf(
  sources: readonly string[],
  { blobs, records, fleet, clock }: SourcePorts & Pick<LanePorts, 'fleet'>,
): Promise<readonly CertificateView[]> {
  const views = sources.map(async (source) =>
    source === FLEET_SOURCE
      ? (await judgedFleet({ records, fleet }, clock.now())).views
      : ((await readSnapshot(blobs, source))?.certificates ?? []),
  );
  return (await Promise.all(views)).flat();
}
