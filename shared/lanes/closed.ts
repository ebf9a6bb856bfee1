/** What nobody asks for any more: wishes that went, and whole sources that were taken out of the fleet. */
import { inventoryLane } from '../contract/ids.ts';
import { KIND, keys } from '../contract/records.ts';
import type { LaneState, Wanted } from '../contract/rows.ts';
import { type AssessPorts, assess } from './assess.ts';
import { settle } from './findings.ts';
import { sideBySide } from './side-by-side.ts';
import { closeWanted, wantedRows } from './source-rows.ts';

/** Issuances that lost a member may have nothing to do any more. */
export async function reassessClosed(closed: readonly Wanted[], ports: AssessPorts): Promise<void> {
  await sideBySide(new Set(closed.flatMap(({ issuance }) => issuance ?? [])), async (id) => {
    const row = await ports.records.get(keys.issuance(id));
    if (row) await assess({ id, request: row.body.request, members: [] }, ports);
  });
}

async function forgetSource(source: string, ports: AssessPorts): Promise<void> {
  const { records, clock } = ports;
  const now = clock.now();
  const closed = (await wantedRows(records, source)).map(({ body }) => body);
  await sideBySide(closed, ({ id }) => closeWanted(records, id, now.toISOString()));
  await reassessClosed(closed, ports);
  const lane = inventoryLane(source);
  for (const owner of [`SRC#${source}`, `LANE#${lane}`]) await settle(records, { owner, now, findings: [] });
  const row = await records.get(keys.lane(lane));
  if (row) await records.remove(keys.lane(lane), row.rev);
}

/** Sources that the fleet no longer names: nothing of theirs is renewed, and nothing is said of them. */
export async function forgetOtherSources(sources: ReadonlySet<string>, ports: AssessPorts): Promise<void> {
  const prefix = inventoryLane('');
  const gone: string[] = [];
  for await (const { body } of ports.records.list<LaneState>(KIND.lane))
    if (body.lane.startsWith(prefix) && !sources.has(body.lane.slice(prefix.length)))
      gone.push(body.lane.slice(prefix.length));
  for (const source of gone) await forgetSource(source, ports);
}
