/**
 * The process is ended by SIGKILL from outside at the n-th request that the servers see, for every n of a run; the next run finishes.
 * The request is done and its answer is heard by nobody: of all moments the one that knows least. In parts, because a run for each n takes its time.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt } from './harness/served.ts';
import { stepIn } from './harness/state.ts';
import type { World } from './harness/world.ts';

const PARTS = 4;
const SECRET = secretAt('shop', 'shop-tls');
const STORE = 'certs/shop';
/** More requests than any run of this fleet makes. */
const MANY = 400;

const stateOf = ({ folder }: World): string => join(folder, 'state');

async function wipe(world: World): Promise<void> {
  const [east] = world.clusters;
  await east.admin.delete(SECRET);
  if ((await world.secretsManager.value(STORE)) !== undefined) await world.secretsManager.remove(STORE);
  await rm(stateOf(world), { recursive: true, force: true });
}

interface Round {
  readonly fleet: string;
  readonly zoneBefore: string;
}

/** What must be true after the run that follows the kill: one sentence for each thing that is not. */
async function wrongs(world: World, { zoneBefore }: Round): Promise<readonly string[]> {
  const [east] = world.clusters;
  const served = await servedAt(east, SECRET);
  const { 'tls.crt': stored } = JSON.parse((await world.secretsManager.value(STORE)) ?? '{}') as { 'tls.crt'?: string };
  const inSecret = Buffer.from(served?.secret.data?.['tls.crt'] ?? '', 'base64').toString();
  return [
    ...(served?.keyFits ? [] : ['the Secret holds no certificate with its key']),
    ...(stored === inSecret ? [] : ['Secrets Manager holds another certificate']),
    ...((await world.zone.snapshot()) === zoneBefore ? [] : ['the zone is not what it was before']),
  ];
}

/** One run that is ended at the n-th request, and the next one; undefined = there are fewer requests than n. */
async function killedAt(world: World, n: number, round: Round): Promise<readonly string[] | undefined> {
  await wipe(world);
  const mark = world.recorder.mark();
  const args = ['run', '--fleet', round.fleet];
  const first = world.spawnNolapse(args);
  const order = world.recorder.killAt({ n, pid: first.pid, when: 'after' });
  await first.done;
  const killed = order.killed();
  if (!killed) return undefined;
  const step = stepIn(stateOf(world));
  const second = await world.nolapse(args);
  world.recorder.killAt({ n: MANY, pid: first.pid, when: 'after' });
  const orders = ordersSince(world, mark);
  // an order whose URL was heard by nobody cannot be gone on with; every other one is
  const allowed = killed.operation === 'newOrder' ? 2 : 1;
  const wrong = [
    ...(second.code === 0 ? [] : [`the next run ended with ${second.code}: ${second.stderr.slice(-400)}`]),
    ...(orders <= allowed && orders > 0 ? [] : [`${orders} orders`]),
    ...(await wrongs(world, round)),
  ];
  const told = wrong.length === 0 ? 'finished by the next run' : wrong.join('; ');
  console.log(`n=${n} ${killed.server} ${killed.operation}: step ${step}, orders ${orders}, ${told}`);
  return wrong.map((one) => `n=${n} ${killed.operation}: ${one}`);
}

/** The name that is validated has values of somebody else, with a time to live of their own. */
async function foreignValues({ zone }: World): Promise<void> {
  const values = ['"somebody else\'s"', '"another one"'];
  await zone.addForeign({ name: `_acme-challenge.shop.${zone.name}`, type: 'TXT', ttl: 77, values });
}

for (let part = 1; part <= PARTS; part += 1)
  scenario(
    `ended at every request, the next run finishes (part ${part} of ${PARTS})`,
    { timeoutMs: 600_000 },
    async (world, check) => {
      const [east] = world.clusters;
      await east.admin.namespace('shop');
      await foreignValues(world);
      const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`];
      const places = [
        { kubernetesSecret: { clusters: ['east'], namespace: 'shop', name: 'shop-tls' } },
        { secretsManager: { name: STORE } },
      ];
      const certificate = fleetCertificate('shop', names, places);
      const fleet = await writeFleet({ ...world, clusters: [east] }, { documents: [certificate] });
      const round = { fleet, zoneBefore: await world.zone.snapshot() };
      const wrong: string[] = [];
      let rounds = 0;
      for (let n = part; n < MANY; n += PARTS) {
        const found = await killedAt(world, n, round);
        if (!found) break;
        rounds += 1;
        wrong.push(...found);
      }
      check.ok(rounds >= 4, 'the run was ended at several requests');
      check.deepEqual(wrong, [], 'what is not as it must be after the next run');
    },
  );
