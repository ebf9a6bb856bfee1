/** The report of a service: every source is in it, that of a cluster nobody could read too, and findings of what the fleet no longer has are not. */
import { expect, test } from 'vitest';
import { REPORT_KEY } from '../../../shared/contract/deployed.ts';
import { FLEET_SOURCE, inventoryLane } from '../../../shared/contract/ids.ts';
import type { Blobs } from '../../../shared/contract/ports.ts';
import { settle } from '../../../shared/lanes/findings.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { leaveReport } from '../../../shared/lanes/report.ts';
import { writeSnapshot } from '../../../shared/lanes/snapshots.ts';
import type { Reported } from '../../../shared/stages/notify/report/report.ts';
import { view } from '../../cli/values.ts';
import { cluster, fleet } from '../stages/assess/wishes-of-shop.ts';
import { jumpingClock, openRecords } from '../stages/issue/scripted.ts';
import { verdict } from './said.ts';

function memoryBlobs() {
  const held = new Map<string, Uint8Array>();
  const blobs: Blobs = { read: async (key) => held.get(key), write: async (key, body) => void held.set(key, body) };
  return { blobs, held };
}

const dataOf = (page: Uint8Array | undefined): Reported =>
  JSON.parse(
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(String(Buffer.from(page ?? [])))?.[1] ?? '',
  );

test('has the certificates of every source, and what is known of those that could not be read', async () => {
  const [records, clock, { blobs, held }] = [openRecords(), jumpingClock(), memoryBlobs()];
  const asOf = clock.now().toISOString();
  const seen = view({ id: 'prod/shop/shop-tls', cluster: 'prod' });
  await writeSnapshot(blobs, {
    ...{ source: 'prod', asOf, certificates: [seen], observations: [], gaps: [], wholeAt: asOf },
  });
  for (const source of ['prod', FLEET_SOURCE])
    await changeLane(records, inventoryLane(source), (state) => ({ ...state, lastOkAt: asOf }));
  const of = (name: string) => ({
    ...verdict(),
    object: { cluster: name, kind: 'Secret', namespace: 'shop', name: 'tls' },
  });
  await settle(records, { owner: 'SRC#prod', now: clock.now(), findings: [of('prod')] });
  await settle(records, { owner: 'SRC#gone', now: clock.now(), findings: [of('gone')] });
  await leaveReport({ records, clock, blobs, fleet: fleet({ clusters: [cluster('prod'), cluster('edge')] }) });
  const { certificates, findings, sources, at } = dataOf(held.get(REPORT_KEY));
  expect(certificates).toEqual([seen]);
  expect(findings.map(({ object }) => object.cluster)).toEqual(['prod']);
  expect(sources).toEqual([
    { name: 'prod', state: 'ok', asOf },
    { name: 'edge', state: 'down', problem: 'it was never read' },
    { name: FLEET_SOURCE, state: 'ok', asOf },
  ]);
  expect(at).toBe(asOf);
});
