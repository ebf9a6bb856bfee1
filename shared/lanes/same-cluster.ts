/** Whether a source is the cluster that it is taken for: the one of before, and none that the fleet has by another name. */
import type { Cluster } from '../contract/fleet.ts';
import { inventoryLane, type Lane } from '../contract/ids.ts';
import { ProblemError } from '../contract/problem.ts';
import { KIND, type Records } from '../contract/records.ts';
import type { LaneState } from '../contract/rows.ts';
import type { InventoryLanePorts } from './inventory-ports.ts';

type Ports = Pick<InventoryLanePorts, 'fleet' | 'records' | 'readerOf'>;

const refused = (type: string, detail: string, fix: string): ProblemError =>
  new ProblemError({ type: `nolapse:${type}`, detail, retry: 'never', fix });

/** By lane, the UIDs that were pinned: one query, however many clusters there are. */
async function pinnedIn(records: Records): Promise<ReadonlyMap<Lane, string>> {
  const pinned = new Map<Lane, string>();
  for await (const { body } of records.list<LaneState>(KIND.lane))
    if (body.clusterUid) pinned.set(body.lane, body.clusterUid);
  return pinned;
}

/** As it says itself, where nobody has looked yet. Functions may be where they cannot ask it. */
async function saidBy(other: Cluster, ports: Ports): Promise<string | undefined> {
  if (ports.fleet.isDeployed) return undefined;
  try {
    return await (await ports.readerOf(other)).uid();
  } catch {
    // what is wrong with it is said where it is looked at itself
    return undefined;
  }
}

/** Before a look is stored: nothing of another cluster may be, and nothing twice. Of two names of one cluster the first is looked at. */
export async function requireSameCluster(cluster: Cluster, uid: string, ports: Ports): Promise<void> {
  const { name } = cluster;
  if (!uid) return;
  const pinned = await pinnedIn(ports.records);
  const known = pinned.get(inventoryLane(name));
  if (known && known !== uid)
    throw refused(
      'another-cluster',
      `${name} is another cluster than before: its kube-system has the UID ${uid}, not ${known}`,
      'point the kubeconfig back at the cluster, or give the new one a name of its own in the fleet',
    );
  const { clusters } = ports.fleet;
  const before = clusters.slice(
    0,
    clusters.findIndex((one) => one.name === name),
  );
  const uids = await Promise.all(before.map((other) => pinned.get(inventoryLane(other.name)) ?? saidBy(other, ports)));
  const twin = before[uids.indexOf(uid)];
  if (!twin) return;
  throw refused(
    'same-cluster',
    `${name} is the cluster ${twin.name} by another name: the kube-system of both has the UID ${uid}`,
    `leave ${name} out; where its user may read more, leave ${twin.name} out`,
  );
}
