/** No challenge is answered before every name server has the value; and a name server that is down fails the order, until it is back. */
import { runIn } from './harness/answers.ts';
import { earlyAnswers } from './harness/early-answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt } from './harness/served.ts';
import type { World } from './harness/world.ts';

const SECRET = secretAt('shop', 'shop-tls');

async function shopFleet(world: World): Promise<string> {
  await world.clusters[0].admin.namespace('shop');
  const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`, `api.${world.zone.name}`];
  const place = { kubernetesSecret: { clusters: ['east'], namespace: 'shop', name: 'shop-tls' } };
  return writeFleet(world, { documents: [fleetCertificate('shop', names, [place])] });
}

scenario(
  'no challenge is answered before the zone is in sync',
  { inSync: { minMs: 2_000, maxMs: 6_000 } },
  async (world, check) => {
    const run = await world.nolapse(['run', '--fleet', await shopFleet(world), '-o', 'json']);
    check.equal(run.code, 0, 'the exit code');
    const seen = world.recorder.seen();
    check.ok(
      seen.some(({ operation }) => operation === 'challenge'),
      'challenges were answered',
    );
    check.deepEqual(earlyAnswers(seen), [], 'challenges that were answered too early');
    check.ok((await servedAt(world.clusters[0], SECRET))?.keyFits, 'the certificate is there');
  },
);

scenario('without name servers the order fails, and is made anew once they are back', {}, async (world, check) => {
  const fleet = await shopFleet(world);
  const before = await world.zone.snapshot();
  await world.fault('dns', { kind: 'dns-down' });
  const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.equal(run.code, 3, 'the exit code while the name servers are down');
  const [failed, ...others] = runIn(run).failed;
  check.equal(others.length, 0, 'further failures');
  check.equal(failed?.id, 'fleet/shop', 'what failed');
  check.match(failed?.problem.type ?? '', /^urn:ietf:params:acme:error:/, 'whose problem it is');
  // which of the names the CA tries first is its own affair
  check.match(failed?.problem.detail ?? '', /\b(shop|api)\.example\.com/, 'a name that failed');
  check.ok(Date.parse(failed?.nextAttemptAt ?? '') > Date.now(), 'the next attempt is later');
  check.equal(await world.zone.snapshot(), before, 'the zone after the failure');
  check.equal(await servedAt(world.clusters[0], SECRET), undefined, 'what is in the cluster');

  await world.calm('dns');
  const waiting = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.equal(runIn(waiting).renewed.length, 0, 'what is renewed before its time');
  const mark = world.recorder.mark();
  const renewed = await world.nolapse(['renew', 'shop', '--force', '--fleet', fleet, '-o', 'json']);
  check.equal(renewed.code, 0, 'the exit code of renew --force');
  check.equal(ordersSince(world, mark), 1, 'orders');
  check.ok((await servedAt(world.clusters[0], SECRET))?.keyFits, 'the certificate is there');
});
