/** The lane `inventory:<cluster or fleet>`: inventory, then assess. Reads its source, writes rows, and changes nothing out there. */
import { FLEET_SOURCE, inventoryLane, type Lane } from '../contract/ids.ts';
import { isOfStore, type Problem, ProblemError, problemOf } from '../contract/problem.ts';
import { sourceDown, sourceGaps } from '../stages/assess/judge.ts';
import { settle } from './findings.ts';
import { inventoryOfCluster } from './inventory-cluster.ts';
import { inventoryOfFleet, reassessFleetIn } from './inventory-fleet.ts';
import type { InventoryLanePorts, Passed } from './inventory-ports.ts';
import { asOnlyWorker, changeLane, type Turn } from './lease.ts';
import { settlePauses } from './pause.ts';

/** One pass over one source. A source that cannot be read is stale, never empty: that is a row and a finding, not an error. */
export async function runInventoryLane(source: string, ports: InventoryLanePorts): Promise<Turn> {
  const lane = inventoryLane(source);
  if (source === FLEET_SOURCE) await settlePauses(ports);
  const outcome = await asOnlyWorker(lane, ports, async () => {
    const cluster = ports.fleet.clusters.find(({ name }) => name === source);
    try {
      const passed = cluster ? await inventoryOfCluster(cluster, ports) : await inventoryOfFleet(ports);
      await passedWell(lane, source, passed, ports);
    } catch (error) {
      if (!(error instanceof ProblemError) || isOfStore(error)) throw error;
      await failed(lane, source, problemOf(error), ports);
    }
  });
  return outcome.is;
}

async function passedWell(lane: Lane, source: string, passed: Passed, ports: InventoryLanePorts): Promise<void> {
  const { records, clock, journal } = ports;
  const now = clock.now();
  await changeLane(records, lane, ({ problem: _past, ...state }) => ({
    ...state,
    ...{ failures: 0, lastOkAt: now.toISOString(), lastTryAt: now.toISOString() },
    ...(passed.uid && !state.clusterUid ? { clusterUid: passed.uid } : {}),
  }));
  await settle(records, { owner: `LANE#${lane}`, now, findings: sourceGaps(source, passed.gaps ?? []) });
  await reassessFleetIn(source, ports);
  const detail = Object.fromEntries(Object.entries(passed.counts).map(([what, count]) => [what, String(count)]));
  await journal.tell({ subject: lane, what: 'inventory-done', stage: 'inventory', detail });
}

async function failed(lane: Lane, source: string, problem: Problem, ports: InventoryLanePorts): Promise<void> {
  const { records, clock, journal } = ports;
  const now = clock.now();
  const state = await changeLane(records, lane, (before) => ({
    ...before,
    ...{ problem, failures: before.failures + 1, lastTryAt: now.toISOString() },
  }));
  await settle(records, { owner: `LANE#${lane}`, now, findings: [sourceDown(source, problem, state, now)] });
  await reassessFleetIn(source, ports);
  const detail = { type: problem.type, problem: problem.detail };
  await journal.tell({ subject: lane, what: 'source-down', stage: 'inventory', detail });
}
