/** Commands that say what would be done send only requests that the servers count as reads, whatever there is to be done. */
import type { PlanAnswer } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { World } from './harness/world.ts';

const at = (name: string) => ({ namespace: 'shop', name });

/** One certificate that is missing everywhere, one that expired, and one whose place somebody else made. */
async function scene(world: World): Promise<string> {
  const [east, west] = world.clusters;
  for (const { admin } of [east, west]) await admin.namespace('shop');
  const host = (label: string): string => `${label}.${world.zone.name}`;
  const past = { notBefore: new Date(Date.now() - 90 * 86_400_000), notAfter: new Date(Date.now() - 86_400_000) };
  await west.admin.create(tlsSecret(at('expired'), await selfSignedPair([host('expired')], past)));
  await east.admin.create(tlsSecret(at('theirs'), await selfSignedPair([host('theirs')])));
  const secret = (cluster: string, name: string, more = {}) => ({
    kubernetesSecret: { clusters: [cluster], ...at(name), ...more },
  });
  const store = { secretsManager: { name: 'certs/shop' } };
  return writeFleet(world, {
    documents: [
      fleetCertificate('shop', [host('shop')], [secret('east', 'shop'), secret('west', 'shop'), store]),
      fleetCertificate('expired', [host('expired')], [secret('west', 'expired', { adopt: true })]),
      fleetCertificate('theirs', [host('theirs')], [secret('east', 'theirs')]),
    ],
  });
}

const LOOKS: readonly (readonly string[])[] = [
  ['inventory'],
  ['plan'],
  ['plan', 'fleet/shop'],
  ['renew', 'fleet/shop', '--dry-run'],
  ['renew', 'fleet/shop', '--force', '--dry-run'],
  ['explain', 'fleet/shop'],
  ['adopt', 'fleet/theirs'],
  ['leave', '--dry-run'],
];

/** Each command on its own; all of them succeed, and none writes to a cluster, to AWS or to the CA. Gives what `plan` said. */
async function checkLooks(world: World, fleet: string, check: Check): Promise<PlanAnswer> {
  const zone = await world.zone.snapshot();
  const answers: unknown[] = [];
  for (const args of LOOKS) {
    const mark = world.recorder.mark();
    const result = await world.nolapse([...args, '--fleet', fleet, '--fail-on', 'never', '-o', 'json']);
    const what = args.join(' ');
    check.equal(result.code, 0, `the exit code of ${what}`);
    answers.push(result.json());
    const seen = world.recorder.seen(mark);
    check.equal(seen.length > 0, args[0] !== 'explain', `whether ${what} asks anybody`);
    const writes = seen.filter(({ kind }) => kind === 'write').map(({ server, operation }) => `${server} ${operation}`);
    check.deepEqual(writes, [], `writes of ${what}`);
  }
  check.equal(await world.zone.snapshot(), zone, 'the zone afterwards');
  return answers[1] as PlanAnswer;
}

scenario(
  'commands that only say what would be done read, on a fresh state and on a used one',
  {},
  async (world, check) => {
    const fleet = await scene(world);
    const fresh = await checkLooks(world, fleet, check);
    check.deepEqual(fresh.due.map(({ id }) => id).sort(), ['fleet/expired', 'fleet/shop'], 'what is due at first');
    check.equal((await world.nolapse(['run', '--fleet', fleet])).code, 0, 'the exit code of the run');
    const [east, west] = world.clusters;
    await east.admin.delete({ kind: 'Secret', ...at('shop') });
    await west.admin.delete({ kind: 'Secret', ...at('expired') });
    await world.secretsManager.remove('certs/shop');
    const used = await checkLooks(world, fleet, check);
    check.deepEqual(
      used.due.map(({ id, destinations }) => [id, ...destinations]).sort(),
      [
        ['fleet/expired', 'west/shop/expired'],
        ['fleet/shop', 'east/shop/shop', 'secretsmanager/certs/shop'],
      ],
      'what is due once they are gone',
    );
    check.equal(await world.secretsManager.value('certs/shop'), undefined, 'the value in Secrets Manager');
  },
);
