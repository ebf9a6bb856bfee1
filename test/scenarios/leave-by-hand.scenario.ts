/** A deployed service is left by the payloads of its functions, which are ended in the middle of it; the command finishes what is left to do. */
import { leaveIn } from './harness/answers.ts';
import {
  contentsOf,
  fleetToLeave,
  foreignValues,
  givesSecretBack,
  hasValues,
  oursOn,
  outcomes,
  secretsOf,
} from './harness/fleet-to-leave.ts';
import type { KillOrder } from './harness/recorder.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { writesSince } from './harness/served.ts';
import { type ServiceWorld, serviceOf } from './harness/service-world.ts';

/** An invocation of this time is over before a lease is: what an ended worker held is asked for again and again. */
const TIME_OUT_MS = 20_000;
const TICK_MS = 500;

type Function = 'wake' | 'issue' | 'deliver';

interface Answer {
  readonly unsettled?: readonly unknown[];
  readonly [field: string]: unknown;
}

const by =
  ({ service: { host, functions } }: ServiceWorld) =>
  (name: Function, payload: object) =>
    host.invoke(functions()[name], payload);

async function answerOf(world: ServiceWorld, name: Function, payload: object): Promise<Answer> {
  const invoked = await by(world)(name, payload);
  if (invoked.is === 'failed') throw new Error(`${name} ${JSON.stringify(payload)}: ${invoked.error.errorMessage}`);
  return invoked.payload as Answer;
}

async function errorOf(world: ServiceWorld, name: Function, payload: object): Promise<string> {
  const invoked = await by(world)(name, payload);
  return invoked.is === 'failed' ? invoked.error.errorMessage : `answered ${JSON.stringify(invoked.payload)}`;
}

/** Ends the environment that is going to answer, at its first request of a kind. */
async function endedAt(world: ServiceWorld, name: Function, payload: object, of: NonNullable<KillOrder['of']>) {
  const { host, functions } = world.service;
  for (const environment of host.environments(functions()[name])) await environment.end();
  await answerOf(world, name, { ...payload, dryRun: true });
  const [environment] = host.environments(functions()[name]);
  const order = world.recorder.killAt({ n: 1, of, pid: environment?.pid ?? 0, when: 'after' });
  const { is } = await by(world)(name, payload);
  return [is, order.killed() !== undefined];
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

async function checkSilence(world: ServiceWorld, check: Check): Promise<void> {
  for (const wake of ['due', 'inventory']) {
    const { rung, left } = await answerOf(world, 'wake', { wake });
    check.deepEqual(rung, [], `what wake rings for ${wake}`);
    check.match(JSON.stringify(left), /"closedAt"/, `what it says for ${wake}`);
  }
  const forced = await errorOf(world, 'issue', { certificate: 'fleet/shop', force: true });
  check.match(forced, /was left at .*nolapse run --rejoin/, 'what is said to who wants it renewed');
}

async function checkRefusals(world: ServiceWorld, check: Check): Promise<void> {
  const early = await errorOf(world, 'deliver', { giveBack: 'east' });
  check.match(
    early,
    /orders are not ended .*the function issue: {"leave":true}/,
    'giving back before orders have ended',
  );
  const wrong = await errorOf(world, 'issue', { leave: 'now' });
  check.match(wrong, /leave must be true [\s\S]*{"leave":true,"dryRun":true/, 'a wrong payload');
  const none = await errorOf(world, 'deliver', { giveBack: 'north' });
  check.match(none, /no cluster or store north .*east, secretsmanager, west/, 'a cluster that is none');
}

/** An order whose values are in the zone, in the hands of a function that waits for the zone. */
async function orderOpened(world: ServiceWorld): Promise<void> {
  const { host } = world.service;
  await world.fault('dns', { kind: 'never-insync' });
  host.listen(true);
  const mark = world.recorder.mark();
  await answerOf(world, 'issue', { certificate: 'fleet/shop', force: true });
  await until(() => hasValues(world, mark));
  host.listen(false);
}

scenario(
  'a service is left by hand, and by the command where its functions were ended',
  { needs: ['schedule'] },
  async (opened, check) => {
    const world = serviceOf(opened);
    const zone = await foreignValues(world);
    const fleet = await fleetToLeave(world);
    await world.deploy(fleet, { timeoutMs: TIME_OUT_MS });
    check.equal((await world.nolapse(['run', '--fleet', fleet])).code, 0, 'the exit code of the run');
    const contents = await contentsOf(world);
    await checkRefusals(world, check);
    await orderOpened(world);
    check.ok((await world.zone.snapshot()) !== zone, 'values are in the zone');
    const look = await answerOf(world, 'issue', { leave: true, dryRun: true });
    check.match(JSON.stringify(look), /"outcome":"open"/, 'what is open');

    const leave = { leave: true, within: '15s' };
    await until(async () => ((await answerOf(world, 'issue', leave)).unsettled ?? []).length === 0);
    check.equal(await world.zone.snapshot(), zone, 'the zone');
    const ended = await endedAt(world, 'deliver', { giveBack: 'east' }, givesSecretBack);
    check.deepEqual(ended, ['failed', true], 'giving back is ended in the middle');
    const result = await world.nolapse(['leave', '--yes', '--fleet', fleet, '-o', 'json']);
    const still = ['east/shop/shop-tls nothing', 'secretsmanager/certs/shop released', 'west/shop/shop-tls released'];
    check.deepEqual([result.code, outcomes(leaveIn(result))], [0, still], 'what the command has still to do');
    check.deepEqual(await contentsOf(world), contents, 'what is in the places');
    check.deepEqual(oursOn(await secretsOf(world)), [], 'what of ours is on the Secrets');
    await checkSilence(world, check);

    const after = world.recorder.mark();
    check.equal((await world.nolapse(['leave', '--yes', '--fleet', fleet])).code, 0, 'the exit code of leaving again');
    check.deepEqual(writesSince(world, after), [], 'what leaving again writes');
    check.deepEqual(world.service.denied(), [], 'what no policy allowed');
  },
);
