/** Set-ups that are broken in one place each: doctor finds that place and no other, says what mends it and who can, and writes nothing. */
import { certificateFor, SET_UPS, type SetUp } from './harness/broken-set-ups.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import type { NolapseResult, World } from './harness/world.ts';

interface CheckAnswer {
  readonly check: string;
  readonly subject: string;
  readonly state: 'ok' | 'broken' | 'warning' | 'waiting';
  readonly evidence: readonly string[];
  readonly fix?: string;
  readonly command?: string;
  readonly who?: string;
}

interface DoctorAnswer {
  readonly broken: number;
  readonly checks: readonly CheckAnswer[];
}

const idOf = ({ check, subject }: CheckAnswer): string => `${check} ${subject}`;

const answerOf = (ended: NolapseResult): DoctorAnswer => ended.json() as DoctorAnswer;

async function look(world: World, { fleet = {}, host = 'shop' }: Pick<SetUp, 'fleet' | 'host'>, json = true) {
  const { documents = [] } = fleet;
  const path = await writeFleet(world, {
    namePolicy: [{ namespaces: ['shop'], names: [`**.${world.zone.name}`] }],
    ...fleet,
    documents: [certificateFor(world, host), ...documents],
  });
  return world.nolapse(['doctor', '--fleet', path, ...(json ? ['-o', 'json'] : [])]);
}

async function checkBroken(world: World, what: string, check: Check): Promise<void> {
  const setUp = SET_UPS[what]?.(world);
  if (!setUp) throw new Error(`there is no set-up ${what}`);
  await setUp.before?.(world);
  const ended = await look(world, setUp);
  await setUp.after?.(world);
  check.equal(ended.code, 1, `the exit code with ${what}`);
  const broken = answerOf(ended).checks.filter(({ state }) => state === 'broken');
  check.equal(broken.length, 1, `what is found broken with ${what}: ${broken.map(idOf).join(', ')}`);
  const [found] = broken;
  check.match(found ? idOf(found) : '', setUp.broken, `what is found with ${what}`);
  check.match(found?.evidence[0] ?? '', setUp.evidence, `the evidence of ${what}`);
  const mends = [found?.fix ?? '', found?.command ?? ''].find((text) => setUp.mends.test(text));
  check.ok(mends, `the fix of ${what}: ${found?.fix} ${found?.command}`);
  check.match(found?.who ?? '', setUp.who, `who mends ${what}`);
}

/** What servers count as a write, and took as one. Of a dry run nothing is kept. */
const writesIn = (world: World, after = 0): readonly string[] =>
  world.recorder
    .seen(after)
    .filter(({ kind, query, status = 0 }) => kind === 'write' && status < 400 && !query.includes('dryRun=All'))
    .map(({ operation, status }) => `${operation} ${status}`);

scenario(
  'doctor finds what is broken in each of many set-ups, and nothing else',
  { needs: ['one-process'], because: 'it looks from where the command is' },
  async (world, check) => {
    for (const { admin } of world.clusters) await admin.namespace('shop');
    const zone = await world.zone.snapshot();
    const sound = await look(world, {});
    check.deepEqual(
      answerOf(sound).checks.filter(({ state }) => state === 'broken' || state === 'waiting'),
      [],
      'at first',
    );
    check.equal(sound.code, 0, 'the exit code of a sound set-up');
    const first = ['a CAA record', 'the name of a challenge'];
    const harmless = Object.keys(SET_UPS).filter((what) => !first.some((start) => what.startsWith(start)));
    for (const what of harmless) await checkBroken(world, what, check);
    check.equal(await world.zone.snapshot(), zone, 'the zone after all of that');
    for (const what of Object.keys(SET_UPS)) if (!harmless.includes(what)) await checkBroken(world, what, check);
    check.deepEqual(writesIn(world), [], 'writes that a server took');
    const mended = await look(world, {});
    check.equal(mended.code, 0, 'the exit code once all is mended');

    const ran = await world.nolapse([
      'run',
      '--fleet',
      await writeFleet(world, { documents: [certificateFor(world, 'shop')] }),
    ]);
    check.equal(ran.code, 0, 'the exit code of a run');
    const mark = world.recorder.mark();
    const after = answerOf(await look(world, {}));
    check.deepEqual(after.checks.filter(({ state }) => state !== 'ok').map(idOf), [], 'what is not ✔ after a run');
    check.deepEqual(writesIn(world, mark), [], 'writes of a look after a run');
    const text = await look(world, {}, false);
    check.match(
      text.stdout,
      /^Nothing stands between here and the next renewal \(fleet\/shop in \d+ days\)/,
      'the text',
    );
    check.equal(text.stderr, '', 'stderr in a pipe');
    check.deepEqual(
      text.stdout.split('\n').filter((line) => [...line].length > 80),
      [],
      'lines of more than 80 columns',
    );
  },
);

scenario(
  'doctor finds nothing in the way of a fleet that renews itself, and then what is',
  {},
  async (world, check) => {
    for (const { admin } of world.clusters) await admin.namespace('shop');
    const fleet = await writeFleet(world, { documents: [certificateFor(world, 'shop')] });
    const args = ['doctor', '--fleet', fleet, '-o', 'json'];
    await world.nolapse(['inventory', '--fleet', fleet]);
    await world.nolapse(['run', '--fleet', fleet]);
    const mark = world.recorder.mark();
    const sound = await world.nolapse(args);
    check.equal(sound.code, 0, 'the exit code once all is renewed');
    check.deepEqual(
      answerOf(sound)
        .checks.filter(({ state }) => state !== 'ok')
        .map(idOf),
      [],
      'what is not ✔',
    );
    check.deepEqual(writesIn(world, mark), [], 'writes');

    await world.recorder.cut('east', 'refused');
    await world.nolapse(['inventory', '--fleet', fleet]);
    const broken = await world.nolapse(args);
    check.equal(broken.code, 1, 'the exit code with a cluster that is out of reach');
    const found = answerOf(broken).checks.filter(({ state }) => state === 'broken');
    check.deepEqual(found.map(idOf), ['cluster east'], 'what is broken');
    check.match(found[0]?.evidence.join(' ') ?? '', /refused/, 'the evidence');
    await world.recorder.mend('east');
  },
);
