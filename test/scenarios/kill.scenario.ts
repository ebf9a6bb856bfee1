/**
 * The process is ended by SIGKILL from outside at the n-th request that the servers see, for every n of a run; the next run finishes.
 * The request is done and its answer is heard by nobody: of all moments the one that knows least. In parts, because a run for each n takes its time.
 * Refused nonces and lanes side by side move the numbers from run to run, so what changes the world is met by name where no n met it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import type { KillOrder, Recorded } from './harness/recorder.ts';
import { scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt } from './harness/served.ts';
import { stepIn } from './harness/state.ts';
import type { NolapseResult, World } from './harness/world.ts';

const PARTS = 4;
/** Two places in one lane and one in another: a kill falls between any two of them. */
const SECRETS = ['shop-tls', 'shop-copy'];
const STORE = 'certs/shop';
/** More requests than any run of this fleet makes. */
const MANY = 400;
/** The CA refuses one nonce in twenty, and what it refuses is no effect. */
const TRIES = 5;

interface Effect {
  readonly what: string;
  readonly of: (seen: Recorded) => boolean;
  /** Which of them, from 1. */
  readonly nth: number;
}

const asked = (operation: string): Effect => ({
  what: operation,
  of: (seen) => seen.operation === operation,
  nth: 1,
});

/** One that can be accepted where somebody else has values at the name: it replaces the whole record set. */
const replaces = ({ path, requestBody }: Recorded): boolean =>
  path.endsWith('/rrset') && ['DELETE', 'CREATE'].every((action) => requestBody.includes(`<Action>${action}<`));
const createsSecret = ({ protocol, method, path }: Recorded): boolean =>
  protocol === 'kubernetes' && method === 'POST' && path.endsWith('/secrets');

/** What a run changes in the world, each once. */
const EFFECTS: readonly Effect[] = [
  asked('newAccount'),
  asked('newOrder'),
  { what: 'the values are written', of: replaces, nth: 1 },
  asked('challenge'),
  { what: 'the values are removed', of: replaces, nth: 2 },
  asked('finalize'),
  { what: 'the first Secret', of: createsSecret, nth: 1 },
  { what: 'the second Secret', of: createsSecret, nth: 2 },
  asked('secretsmanager CreateSecret'),
  asked('sns Publish'),
];

/** Effects that a run was ended at: of all parts, so that none is met twice without need. */
const met = new Set<string>();

/** The effect that the run was ended at; undefined where the server refused it, or it changed nothing. */
function effectAt(killed: Recorded, seen: readonly Recorded[]): Effect | undefined {
  const isDone = (one: Recorded): boolean => one.n <= killed.n && one.status !== undefined && one.status < 400;
  return isDone(killed)
    ? EFFECTS.find(({ of, nth }) => of(killed) && seen.filter((one) => of(one) && isDone(one)).length === nth)
    : undefined;
}

const stateOf = ({ folder }: World): string => join(folder, 'state');

async function wipe(world: World): Promise<void> {
  const [east] = world.clusters;
  for (const name of SECRETS) await east.admin.delete(secretAt('shop', name));
  if ((await world.secretsManager.value(STORE)) !== undefined) await world.secretsManager.remove(STORE);
  await rm(stateOf(world), { recursive: true, force: true });
}

interface Round {
  readonly fleet: string;
  readonly zoneBefore: string;
}

/** What must be true once a run has finished: one sentence for each thing that is not. */
async function wrongs(world: World, { zoneBefore }: Round): Promise<readonly string[]> {
  const [east] = world.clusters;
  const served = await Promise.all(SECRETS.map((name) => servedAt(east, secretAt('shop', name))));
  const stored = JSON.parse((await world.secretsManager.value(STORE)) ?? '{}') as { readonly [key: string]: string };
  const inStore = ['tls.crt', 'tls.key'].map((key) => Buffer.from(stored[key] ?? '').toString('base64'));
  const differs = served.some((one) => one?.secret.data?.['tls.crt'] !== inStore[0]);
  const otherKey = served.some((one) => one?.secret.data?.['tls.key'] !== inStore[1]);
  return [
    ...(served.every((one) => one?.keyFits) ? [] : ['a Secret holds no certificate with its key']),
    ...(differs || otherKey ? ['the Secrets and Secrets Manager do not hold the same'] : []),
    ...((await world.zone.snapshot()) === zoneBefore ? [] : ['the zone is not what it was before']),
    ...(stepIn(stateOf(world)) === 'done' ? [] : ['an attempt is still open']),
  ];
}

const ended = (which: string, { code, signal, stderr }: NolapseResult): string =>
  `the ${which} run ended with ${code ?? signal}: ${stderr.slice(-400)}`;

type Moment = Pick<KillOrder, 'n' | 'of'>;

interface Ended {
  /** False: the run had fewer of these requests, and came to its end. */
  readonly killed: boolean;
  readonly wrong: readonly string[];
}

/** One run that is ended at a moment, and the next one. */
async function endedAt(world: World, moment: Moment, round: Round): Promise<Ended> {
  await wipe(world);
  const mark = world.recorder.mark();
  const args = ['run', '--fleet', round.fleet];
  const first = world.spawnNolapse(args);
  const order = world.recorder.killAt({ ...moment, pid: first.pid, when: 'after' });
  const one = await first.done;
  const killed = order.killed();
  // a run that fails by itself would look like one that is over
  if (!killed) return { killed: false, wrong: one.code === 0 ? await wrongs(world, round) : [ended('whole', one)] };
  const step = stepIn(stateOf(world));
  const second = await world.nolapse(args);
  const orders = ordersSince(world, mark);
  // an order whose URL was heard by nobody cannot be gone on with; every other one is
  const allowed = killed.operation === 'newOrder' && killed.status === 201 ? 2 : 1;
  const wrong = [
    ...(one.signal === 'SIGKILL' ? [] : [ended('killed', one)]),
    ...(second.code === 0 ? [] : [ended('next', second)]),
    ...(orders <= allowed && orders > 0 ? [] : [`${orders} orders`]),
    ...(await wrongs(world, round)),
  ];
  const effect = effectAt(killed, world.recorder.seen(mark));
  if (effect) met.add(effect.what);
  const n = killed.n - mark;
  const told = wrong.length === 0 ? 'finished by the next run' : wrong.join('; ');
  console.log(`n=${n} ${killed.server} ${killed.operation}: step ${step}, orders ${orders}, ${told}`);
  return { killed: true, wrong: wrong.map((what) => `n=${n} ${killed.operation}: ${what}`) };
}

/** The name that is validated has values of somebody else, with a time to live of their own. */
async function foreignValues({ zone }: World): Promise<void> {
  const values = ['"somebody else\'s"', '"another one"'];
  await zone.addForeign({ name: `_acme-challenge.shop.${zone.name}`, type: 'TXT', ttl: 77, values });
}

for (let part = 1; part <= PARTS; part += 1)
  scenario(
    `ended at every request, the next run finishes (part ${part} of ${PARTS})`,
    { needs: ['one-process'], because: 'what is ended is the process; functions are ended in schedule.scenario.ts' },
    async (world, check) => {
      const [east] = world.clusters;
      await east.admin.namespace('shop');
      await foreignValues(world);
      const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`];
      const places = [
        ...SECRETS.map((name) => ({ kubernetesSecret: { clusters: ['east'], namespace: 'shop', name } })),
        { secretsManager: { name: STORE } },
      ];
      const certificate = fleetCertificate('shop', names, places);
      const fleet = await writeFleet({ ...world, clusters: [east] }, { documents: [certificate] });
      const round = { fleet, zoneBefore: await world.zone.snapshot() };
      const wrong: string[] = [];
      let over = false;
      for (let n = part; n < MANY && !over; n += PARTS) {
        const found = await endedAt(world, { n }, round);
        over = !found.killed;
        wrong.push(...found.wrong);
      }
      check.ok(over, 'n went beyond the last request of a run');
      const share = EFFECTS.filter((_, i) => i % PARTS === part - 1);
      for (const { what, of, nth } of share)
        for (let tries = 0; tries < TRIES && !met.has(what); tries += 1)
          wrong.push(...(await endedAt(world, { n: nth, of }, round)).wrong);
      const missed = share.filter(({ what }) => !met.has(what)).map(({ what }) => what);
      check.deepEqual(missed, [], 'effects that no run was ended at');
      check.deepEqual(wrong, [], 'what is not as it must be after the next run');
    },
  );
