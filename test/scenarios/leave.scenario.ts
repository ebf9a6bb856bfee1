/** A fleet is left: orders end, the zone is as before, every place is given back with what is in it, and whoever comes next may write. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LeaveAnswer, leaveIn, runIn } from './harness/answers.ts';
import {
  AT,
  changesValues,
  contentsOf,
  each,
  fleetToLeave,
  foreignValues,
  givesSecretBack,
  hasValues,
  oursOn,
  outcomes,
  PLACES,
  secretsOf,
  untags,
} from './harness/fleet-to-leave.ts';
import { lateRun } from './harness/late-run.ts';
import type { KillOrder, Recorded } from './harness/recorder.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { secretAt, writesSince } from './harness/served.ts';
import { stepIn } from './harness/state.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { World } from './harness/world.ts';

/** What nobody has to remove to be rid of us, each with what it costs: what the world itself consists of, then what every fleet leaves. */
function checkStays({ stays }: LeaveAnswer, check: Check): void {
  const costs = stays.map(({ what, usdAMonth }) => `${what.split(/[ :]/)[0]} ${usdAMonth}`);
  check.deepEqual(costs.slice(-3), ['sealed 0', 'account 0', 'secret 0.4'], 'what stays, and its price');
  check.ok(
    stays.some(({ what, where }) => /state/.test(what) && where !== ''),
    'where the state is',
  );
}

scenario(
  'a fleet that is left gives everything back as it is',
  { isOfService: true, timeoutMs: 240_000 },
  async (world, check) => {
    const zone = await foreignValues(world);
    const fleet = await fleetToLeave(world);
    const args = (...words: readonly string[]) => [...words, '--fleet', fleet, '-o', 'json'];
    check.equal((await world.nolapse(args('run'))).code, 0, 'the exit code of the run');
    const contents = await contentsOf(world);
    check.ok(oursOn(await secretsOf(world)).length > 0, 'the Secrets are ours');

    let mark = world.recorder.mark();
    const look = leaveIn(await world.nolapse(args('leave', '--dry-run')));
    check.deepEqual([outcomes(look), look.leaving], [each('to-release'), null], 'what would be done');
    check.deepEqual(writesSince(world, mark), [], 'writes of the dry run');

    const left = await world.nolapse(args('leave', '--yes'));
    check.equal(left.code, 0, 'the exit code of leave');
    check.deepEqual(outcomes(leaveIn(left)), each('released'), 'what was done');
    checkStays(leaveIn(left), check);
    check.deepEqual(await contentsOf(world), contents, 'what is in the places');
    check.deepEqual(oursOn(await secretsOf(world)), [], 'what of ours is on the Secrets');
    check.equal(await world.zone.snapshot(), zone, 'the zone');

    mark = world.recorder.mark();
    const again = await world.nolapse(args('leave', '--yes'));
    check.deepEqual([again.code, outcomes(leaveIn(again))], [0, each('nothing')], 'leaving again');
    const run = await world.nolapse(args('run'));
    check.equal(run.code, 2, 'the exit code of a run afterwards');
    check.match(run.stderr, /fleet world: was left at .*\n\s+fix: .*nolapse run --rejoin/, 'what it says');
    check.deepEqual(writesSince(world, mark), [], 'writes of both');

    const others = tlsSecret(AT, await selfSignedPair(['others.example.com']));
    for (const { admin } of world.clusters) await admin.apply(others, { manager: 'others', force: false });
    const applied = (await secretsOf(world)).map((secret) => secret?.data?.['tls.crt']);
    check.deepEqual(applied, [others.data?.['tls.crt'], others.data?.['tls.crt']], 'what others apply without force');
    const rejoined = runIn(await world.nolapse([...args('run'), '--rejoin']));
    const back = rejoined.delivered.map(({ place, outcome }) => `${place} ${outcome}`).sort();
    check.deepEqual(
      back,
      [`${PLACES[0]} written`, `${PLACES[1]} unchanged`, `${PLACES[2]} written`],
      'what a fleet that is taken up again delivers',
    );
  },
);

const challenge = (seen: Recorded): boolean => seen.operation === 'challenge';

/** Longer than a run with a deadline takes to be over. */
const LATE = { minMs: 90_000, maxMs: 90_000 };

/** A run that is ended with its order open and its values in the zone. */
async function begun(world: World, fleet: string, moment: Pick<KillOrder, 'of'>): Promise<string> {
  const running = world.spawnNolapse(['run', '--fleet', fleet]);
  world.recorder.killAt({ ...moment, n: 1, pid: running.pid, when: 'after' });
  await running.done;
  return stepIn(join(world.folder, 'state'));
}

scenario(
  'an order that is open is finished, and its places are given back',
  { isOfService: true, inSync: LATE },
  async (world, check) => {
    const zone = await foreignValues(world);
    const fleet = await fleetToLeave(world);
    const late = await lateRun(world, ['run', '--fleet', fleet], () => hasValues(world));
    check.equal(late.code, 4, 'the exit code of a run that leaves its order open');
    check.ok((await world.zone.snapshot()) !== zone, 'values are in the zone');
    const result = await world.nolapse(['leave', '--yes', '--fleet', fleet, '-o', 'json']);
    const left = leaveIn(result);
    check.deepEqual([result.code, left.orders.map(({ outcome }) => outcome)], [0, ['finished']], 'the order');
    check.deepEqual([outcomes(left), left.values], [each('released'), []], 'places and values');
    check.equal(await world.zone.snapshot(), zone, 'the zone');
    check.deepEqual(oursOn(await secretsOf(world)), [], 'what of ours is on the Secrets');
  },
);

scenario(
  'an order that cannot be finished in time is given up, and leaves no value behind',
  {
    isOfService: true,
    inSync: LATE,
    needs: ['one-process'],
    because: 'a process is killed, and what it stored is read',
  },
  async (world, check) => {
    const zone = await foreignValues(world);
    const fleet = await fleetToLeave(world);
    check.equal(await begun(world, fleet, { of: changesValues }), 'authorizing', 'the step that was begun');
    const result = await world.nolapse(['leave', '--yes', '--deadline', '10s', '--fleet', fleet, '-o', 'json']);
    const left = leaveIn(result);
    check.deepEqual([result.code, left.orders.map(({ outcome }) => outcome)], [0, ['abandoned']], 'the order');
    check.match(left.orders[0]?.order ?? '', /^https:/, 'where it is at the CA');
    check.equal(left.stays[0]?.where, join(world.folder, 'state'), 'where the state is');
    check.equal(await world.zone.snapshot(), zone, 'the zone');
    check.equal(stepIn(join(world.folder, 'state')), 'none', 'what is open');
    check.equal((await secretsOf(world))[0], undefined, 'the Secret that was never made');
  },
);

const EFFECTS: readonly [string, (seen: Recorded) => boolean][] = [
  ['the values are removed', changesValues],
  ['a Secret is given back', givesSecretBack],
  ['the secret in the store is given back', untags],
];

scenario(
  'ended in the middle of it, the next one finishes',
  {
    isOfService: true,
    timeoutMs: 300_000,
    needs: ['one-process'],
    because: 'a service is ended in leave-by-hand.scenario.ts',
  },
  async (world, check) => {
    const zone = await foreignValues(world);
    const [east] = world.clusters;
    const fleet = await fleetToLeave(world);
    for (const [what, of] of EFFECTS) {
      await rm(join(world.folder, 'state'), { recursive: true, force: true });
      await east.admin.delete(secretAt(AT.namespace, AT.name));
      await begun(world, fleet, { of: challenge });
      const leaving = world.spawnNolapse(['leave', '--yes', '--fleet', fleet]);
      const order = world.recorder.killAt({ n: 1, of, pid: leaving.pid, when: 'after' });
      await leaving.done;
      check.ok(order.killed(), `${what}: it was ended there`);
      const next = await world.nolapse(['leave', '--yes', '--fleet', fleet, '-o', 'json']);
      check.equal(next.code, 0, `${what}: the exit code of the next one`);
      check.deepEqual(oursOn(await secretsOf(world)), [], `${what}: what of ours is on the Secrets`);
      check.equal(await world.zone.snapshot(), zone, `${what}: the zone`);
      check.ok(leaveIn(next).leaving?.closedAt, `${what}: the fleet is left`);
    }
  },
);
