/** A hundred certificates of one zone in one run: their waits overlap, and no server is asked more often than it must be. */
import { runIn } from './harness/answers.ts';
import { earlyAnswers } from './harness/early-answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { costOf, NAMESPACE, wishForMany } from './harness/many-certificates.ts';
import { scenario } from './harness/scenario.ts';

const COUNT = 100;
/** newOrder, authorization, challenge, two looks at the order, CSR, certificate; one to spare for refused nonces. */
const CA_REQUESTS = 8;

scenario(
  'a hundred certificates share their batches and their waits',
  { inSync: { minMs: 2_000, maxMs: 2_500 } },
  async (world, check) => {
    const [{ admin }] = world.clusters;
    const secrets = await wishForMany(world, { count: COUNT, privateKey: { algorithm: 'ECDSA', size: 256 } });
    const fleet = await writeFleet(world);
    const zone = await world.zone.snapshot();

    const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    const seen = world.recorder.seen();
    const { renewed, delivered, failed } = runIn(result);
    check.deepEqual(failed, [], 'what failed');
    check.equal(result.code, 0, 'the exit code');
    check.equal(renewed.length, COUNT, 'certificates renewed');
    check.equal(delivered.length, COUNT, 'places delivered to');
    const made = (await admin.list({ kind: 'Secret', namespace: NAMESPACE })).map(({ metadata }) => metadata.name);
    check.deepEqual(made.sort(), [...secrets].sort(), 'the Secrets in the cluster');

    const orders = seen.filter(({ operation, status }) => operation === 'newOrder' && status === 201);
    check.equal(orders.length, COUNT, 'orders');
    const { ca, caOnce, adds, removes } = costOf(seen);
    check.ok(adds >= 1 && adds <= 2, `1 or 2 batches add values: ${adds}`);
    check.ok(caOnce <= 12, `directory, account and a few nonces, once for all: ${caOnce}`);
    check.ok(removes >= 1 && removes <= 2, `1 or 2 batches remove values: ${removes}`);
    check.ok(
      ca <= CA_REQUESTS * COUNT,
      `at most ${CA_REQUESTS} requests to the CA for each certificate: ${ca / COUNT}`,
    );
    check.deepEqual(earlyAnswers(seen), [], 'challenges answered before INSYNC');
    check.equal(await world.zone.snapshot(), zone, 'the zone after the run');
  },
);
