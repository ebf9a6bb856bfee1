/** What the last inventory knows of each source, for people. */
import { FLEET_SOURCE, inventoryLane } from '../contract/ids.ts';
import type { CertificateView, SourceView } from '../contract/observation.ts';
import type { Blobs, Clock } from '../contract/ports.ts';
import { keys, type Records } from '../contract/records.ts';
import { pauseOf } from '../contract/rows.ts';
import { sharing } from '../contract/sharing.ts';
import { endpointView } from '../stages/assess/judge-served.ts';
import { graveGap } from '../stages/assess/judge-source.ts';
import { judgedFleet } from './inventory-fleet.ts';
import type { LanePorts } from './lane-ports.ts';
import { pausedWords } from './pause.ts';
import { probesOf } from './probes.ts';
import { sideBySide } from './side-by-side.ts';
import { readBrief, readHead } from './snapshots.ts';

interface SourcePorts {
  readonly records: Records;
  readonly blobs: Blobs;
  readonly clock: Pick<Clock, 'now'>;
}

/** `stale`: the last try failed, or its lane is paused, and an earlier one did not; `down`: never read. */
async function sourceView(name: string, { records, blobs, clock }: SourcePorts): Promise<SourceView> {
  const lane = (await records.get(keys.lane(inventoryLane(name))))?.body;
  const snapshot = await readHead(blobs, name);
  const asOf = lane?.lastOkAt ? { asOf: lane.lastOkAt } : {};
  const pause = pauseOf(lane, clock.now());
  if (pause) return { name, ...asOf, state: snapshot ? 'stale' : 'down', problem: pausedWords(pause) };
  if (lane?.problem) return { name, ...asOf, state: snapshot ? 'stale' : 'down', problem: lane.problem.detail };
  if (!lane?.lastOkAt) return { name, state: 'down', problem: 'it was never read' };
  const gap = graveGap(snapshot?.gaps ?? []);
  return {
    name,
    ...asOf,
    state: gap ? 'stale' : 'ok',
    ...(gap ? { problem: `${gap.what}: ${gap.problem}${gap.fix ? ` (${gap.fix})` : ''}` } : {}),
  };
}

export const sourceViews = (sources: readonly string[], ports: SourcePorts): Promise<readonly SourceView[]> =>
  sideBySide(sources, (source) => sourceView(source, ports));

/** The lines of all sources, in their order: of clusters as their last pass saw them, of the fleet file as the rows know it. */
export async function viewsOf(
  sources: readonly string[],
  { blobs, records, fleet, clock }: SourcePorts & Pick<LanePorts, 'fleet'>,
): Promise<readonly CertificateView[]> {
  const views = await sideBySide(sources, async (source) =>
    source === FLEET_SOURCE
      ? (await judgedFleet({ records, fleet }, clock.now())).views
      : ((await readBrief(blobs, source))?.certificates ?? []),
  );
  return withEndpoints(withCopies(views.flat()), await probesOf(records), clock.now());
}

/** A serial and the days of its validity tell one certificate from all others that a fleet holds. */
const same = ({ serial, notBefore, notAfter }: CertificateView): string => `${serial} ${notBefore} ${notAfter}`;

/** Each line with what is seen where it must be served. */
const withEndpoints = (
  views: readonly CertificateView[],
  probes: Awaited<ReturnType<typeof probesOf>>,
  now: Date,
): readonly CertificateView[] =>
  views.map((view) => {
    const mine = probes.get(view.id);
    return mine ? { ...view, endpoints: mine.map((probe) => endpointView(probe, now)) } : view;
  });

/** A wildcard that is copied into every namespace of a fleet would name thousands in each of thousands of lines. */
const MOST_COPIES = 20;

function copiesBeside({ id }: CertificateView, group: readonly CertificateView[]) {
  const copies = group
    .slice(0, MOST_COPIES + 1)
    .flatMap((one) => (one.id === id ? [] : one.id))
    .slice(0, MOST_COPIES);
  const more = group.length - 1 - copies.length;
  return { copies, ...(more > 0 && { moreCopies: more }) };
}

/** Each line with the others that hold the same certificate. */
export function withCopies(views: readonly CertificateView[]): readonly CertificateView[] {
  const bySerial = sharing(views, ({ serial }) => serial);
  const groups = Map.groupBy([...bySerial.values()].flat(), same);
  return views.map((view) => {
    const isShared = view.serial !== undefined && bySerial.has(view.serial);
    const group = isShared ? (groups.get(same(view)) ?? []) : [];
    return group.length > 1 ? { ...view, ...copiesBeside(view, group) } : view;
  });
}
