/** Which cluster a source may be: the one of before, and none that stands in the fleet already. */
import { expect, test } from 'vitest';
import { inventoryLane } from '../../../shared/contract/ids.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { requireSameCluster } from '../../../shared/lanes/same-cluster.ts';
import { cluster, fleet } from '../stages/assess/wishes-of-shop.ts';
import { MemoryCluster } from '../stages/inventory/memory-cluster.ts';
import { openRecords } from '../stages/issue/scripted.ts';

const [FIRST, TWIN] = [cluster('first'), cluster('twin')];
const TWINS = fleet({ clusters: [FIRST, TWIN] });
const UID = await new MemoryCluster().uid();

function opened() {
  const records = openRecords();
  const ports = { records, fleet: TWINS, readerOf: async () => new MemoryCluster() };
  const pin = (name: string, clusterUid: string) =>
    changeLane(records, inventoryLane(name), (state) => ({ ...state, clusterUid }));
  return { ports, pin };
}

test('of two names of one cluster the first is looked at, whoever comes first', async () => {
  const { ports, pin } = opened();
  const refusal = {
    problem: {
      ...{ type: 'nolapse:same-cluster', retry: 'never' },
      detail: `twin is the cluster first by another name: the kube-system of both has the UID ${UID}`,
      fix: 'leave twin out; where its user may read more, leave first out',
    },
  };
  await expect(requireSameCluster(TWIN, UID, ports)).rejects.toMatchObject(refusal);
  await expect(requireSameCluster(FIRST, UID, ports)).resolves.toBeUndefined();
  await pin('first', UID);
  await pin('twin', UID);
  await expect(requireSameCluster(TWIN, UID, ports)).rejects.toMatchObject(refusal);
  await expect(requireSameCluster(FIRST, UID, ports)).resolves.toBeUndefined();
});

test('a cluster that cannot be asked is nobody else, and where functions look none is asked', async () => {
  const { ports } = opened();
  const readerOf = () => Promise.reject(new Error('nobody answers'));
  await expect(requireSameCluster(TWIN, UID, { ...ports, readerOf })).resolves.toBeUndefined();
  const deployed = { ...ports, fleet: { ...TWINS, isDeployed: true as const } };
  await expect(requireSameCluster(TWIN, UID, deployed)).resolves.toBeUndefined();
});

test('a cluster that was another before is refused, and one that does not say which it is goes on', async () => {
  const { ports, pin } = opened();
  await pin('first', 'another');
  await expect(requireSameCluster(FIRST, UID, ports)).rejects.toMatchObject({
    problem: { type: 'nolapse:another-cluster' },
  });
  await expect(requireSameCluster(FIRST, '', ports)).resolves.toBeUndefined();
});
