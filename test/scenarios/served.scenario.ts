/** What is delivered must be served: servers of one name that read their Secret late, or not at all, and what people hear of it, and when. */
import { findingsAbout, inventoryIn, planIn, runIn, theFinding } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { inSecret, namespaces, ref } from './harness/plan-then-run.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { timePasses } from './harness/time-passes.ts';
import { startTlsFront, type TlsFront } from './harness/tls-front.ts';
import { selfSignedPair } from './harness/tls-secrets.ts';
import type { World } from './harness/world.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const ADDRESSES = ['127.0.0.1', '127.0.0.2'];

/** `shop.<zone>` at two addresses, where an old certificate is served, and a fleet that wants a new one seen there. */
async function scene(world: World) {
  await namespaces(world, 'shop');
  const host = `shop.${world.zone.name}`;
  const front = await startTlsFront(ADDRESSES, await selfSignedPair([host]));
  await world.zone.addForeign({ name: host, type: 'A', ttl: 60, values: ADDRESSES });
  const endpoint = `${host}:${front.port}`;
  const shop = fleetCertificate('shop', [host], [inSecret(['east', 'west'], 'shop-tls')]);
  const fleet = await writeFleet(world, {
    documents: [{ ...shop, spec: { ...shop.spec, endpoints: [endpoint] } }],
  });
  return { host, front, endpoint, fleet };
}

/** What the server at that address reads, where it does. */
async function reload(world: World, front: TlsFront, n: number): Promise<void> {
  front.reload(n, await world.clusters[0].admin.get(ref('shop-tls')));
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function ran(world: World, { fleet, endpoint }: Scene) {
  const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  const answer = runIn(result);
  return { ...answer, code: result.code, about: findingsAbout(answer.findings, endpoint) };
}

/** From the delivery to the third look; the first address follows at the second. */
async function firstLooks(world: World, at: Scene, check: Check): Promise<void> {
  const { front } = at;
  const first = await ran(world, at);
  check.deepEqual(
    [first.code, first.delivered.length, first.stillDue, front.asked()],
    [0, 2, [], [0, 0]],
    'a run that delivers waits for no look',
  );
  const looks: unknown[] = [];
  for (const minutes of [1, 2, 7]) {
    await timePasses(world, minutes * MINUTE);
    if (minutes === 2) await reload(world, front, 0);
    const { code, about } = await ran(world, at);
    looks.push([code, about, front.asked()]);
  }
  check.deepEqual(
    looks,
    [1, 2, 3].map((n) => [0, [], [n, n]]),
    'looks after 1, 3 and 10 minutes, which nobody hears of',
  );
  check.deepEqual([(await ran(world, at)).code, front.asked()], [0, [3, 3]], 'a run in between looks nowhere');
}

/** What is told at 30 minutes, and what can be asked then. */
async function late(world: World, at: Scene, check: Check): Promise<void> {
  const { front, endpoint, fleet } = at;
  const told = await ran(world, at);
  check.deepEqual([told.code, told.about, front.asked()], [0, ['warning not-served'], [4, 4]], 'after 30 minutes');
  const { message = '', fix = '' } = theFinding(told.findings, 'not-served') ?? {};
  check.match(message, new RegExp(`^1 of 2 addresses of ${endpoint} still serves serial `), 'what is told');
  check.match(fix, /^Reload or restart what answers at 127\.0\.0\.2: /, 'what to do about it');
  const { stdout } = await world.nolapse(['explain', 'shop', '--fleet', fleet]);
  check.match(stdout, /^ {2}127\.0\.0\.1: serves it$/m, 'who follows');
  check.match(stdout, /^ {2}127\.0\.0\.2: serves another one: serial /m, 'who does not');
}

async function over(world: World, at: Scene, check: Check): Promise<void> {
  const { front, fleet } = at;
  const { code, about } = await ran(world, at);
  check.deepEqual([code, about, front.asked()], [0, [], [5, 5]], 'when all agree');
  const { certificates } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(
    certificates.find(({ id }) => id === 'fleet/shop')?.endpoints.map(({ state }) => state),
    ['served'],
    'the line of the certificate',
  );
  const planned = planIn(await world.nolapse(['plan', 'fleet/shop', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(planned.deferred[0]?.endpoints, [at.endpoint], 'where the plan says that the next must be served');
  const { stdout } = await world.nolapse(['explain', 'shop', '--fleet', fleet]);
  const story = /serves [0-9a-f]+ at all 2 addresses, \d+ minutes after delivery/;
  check.match(stdout.replace(/\s+/g, ' '), story, 'what happened');
}

/** Nobody wants to see it any more. */
async function removed(world: World, { front }: Scene, check: Check): Promise<void> {
  const shop = fleetCertificate('shop', [`shop.${world.zone.name}`], [inSecret(['east', 'west'], 'shop-tls')]);
  const fleet = await writeFleet(world, { documents: [shop] });
  const { certificates } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(certificates.find(({ id }) => id === 'fleet/shop')?.endpoints, [], 'an endpoint that was taken out');
  await timePasses(world, DAY);
  await world.nolapse(['run', '--fleet', fleet]);
  check.deepEqual(front.asked(), [5, 5], 'who is asked then');
}

const LATE = 'one of two addresses that goes on with the old certificate is told at 30 minutes';

scenario(LATE, {}, async (world, check) => {
  const at = await scene(world);
  try {
    await firstLooks(world, at, check);
    await timePasses(world, 20 * MINUTE);
    await late(world, at, check);
    await reload(world, at.front, 1);
    await timePasses(world, 30 * MINUTE);
    await over(world, at, check);
    await removed(world, at, check);
  } finally {
    await at.front.close();
  }
});

scenario(
  'an endpoint that is not seen from here is told once, and no certificate is blamed',
  {},
  async (world, check) => {
    await namespaces(world, 'shop');
    const host = `away.${world.zone.name}`;
    // a broadcast address: nobody can connect to it
    await world.zone.addForeign({ name: host, type: 'A', ttl: 60, values: ['127.255.255.255'] });
    const away = fleetCertificate('away', [host], [inSecret(['east'], 'away')]);
    const fleet = await writeFleet(world, {
      documents: [{ ...away, spec: { ...away.spec, endpoints: [`${host}:443`, `${host}:8443`] } }],
    });
    await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    await timePasses(world, 31 * MINUTE);
    const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    const { findings } = runIn(result);
    check.deepEqual(
      findings.map(({ code, severity, object }) => [code, severity, object.kind, object.name]),
      [['source-down', 'info', 'Lane', 'deliver:endpoints']],
      'what is told',
    );
    check.equal(result.code, 0, 'the exit code');
  },
);
