/** Whatever ends a run early or stands in its way, the state is whole, the next run finishes, and nothing is done twice. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { runIn } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { lateRun } from './harness/late-run.ts';
import { type Check, scenario } from './harness/scenario.ts';
import type { NolapseProcess, NolapseResult, World } from './harness/world.ts';

const NAMESPACE = 'shop';

interface Scene {
  /** `run` with the fleet file and JSON. */
  readonly run: readonly string[];
  readonly zone: string;
}

/** One FleetCertificate for both clusters. */
async function scene(world: World): Promise<Scene> {
  for (const { admin } of world.clusters) await admin.namespace(NAMESPACE);
  const secret = { kubernetesSecret: { clusters: ['east', 'west'], namespace: NAMESPACE, name: 'shop-tls' } };
  const fleet = await writeFleet(world, { documents: [fleetCertificate('shop', ['shop.example.com'], [secret])] });
  return { run: ['run', '--fleet', fleet, '-o', 'json'], zone: await world.zone.snapshot() };
}

const ordersOf = ({ recorder }: World): number =>
  recorder.seen().filter(({ operation, status }) => operation === 'newOrder' && status === 201).length;

const writesOf = ({ recorder }: World): number =>
  recorder
    .seen()
    .filter(({ kind, protocol, status = 0 }) => kind === 'write' && protocol === 'kubernetes' && status < 300).length;

interface Told {
  readonly error: {
    readonly problems: readonly { readonly type?: string; readonly where?: string; readonly fix?: string }[];
  };
}

/** What the only problem is called, and that it says what to do. */
function problemIn(result: NolapseResult, check: Check): string {
  const { problems } = (result.json() as Told).error;
  check.equal(problems.length, 1, 'problems told');
  check.ok(problems[0]?.fix, 'the problem says what to do');
  check.ok(!/\n\s+at /.test(result.stderr), `people read no stack: ${result.stderr}`);
  return problems[0]?.type ?? problems[0]?.where ?? '';
}

/** A run that nothing stands in the way of: all is delivered by one order in all, and the zone is as before. */
async function finishes(world: World, check: Check, { run, zone }: Scene): Promise<void> {
  const result = await world.nolapse(run);
  check.equal(result.code, 0, `the exit code of the run that finishes: ${result.stderr}`);
  check.equal(ordersOf(world), 1, 'orders in all');
  for (const { admin, name } of world.clusters) {
    const secret = await admin.get({ kind: 'Secret', namespace: NAMESPACE, name: 'shop-tls' });
    check.ok(secret?.data?.['tls.key'], `the Secret in ${name}, after ${result.stdout}${result.stderr}`);
  }
  check.equal(await world.zone.snapshot(), zone, 'the zone at the end');
}

/** Resolves when the command has told of it on stderr. */
async function told({ child }: NolapseProcess, words: string): Promise<void> {
  if (!child.stderr) throw new TypeError('stderr is not piped');
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line.includes(words) && resolve());
    lines.on('close', () => reject(new Error(`the command ended before it said: ${words}`)));
  });
}

scenario(
  'a deadline that passes while an order is open ends with 4, and the next run finishes',
  { needs: ['one-process'], because: 'the work ends with the command; that of a function ends at its time limit' },
  async (world, check) => {
    const stage = await scene(world);
    await world.fault('dns', { kind: 'never-insync' });
    const first = await lateRun(world, stage.run, () => ordersOf(world) > 0);
    check.equal(first.code, 4, `the exit code: ${first.stderr}`);
    check.deepEqual(runIn(first).failed, [], 'what failed');
    check.equal(ordersOf(world), 1, 'orders of the first run');
    await world.calm('dns');
    await finishes(world, check, stage);
  },
);

scenario(
  'a service that never answers does not hold a run past its deadline for long',
  { needs: ['one-process'], because: 'the deadline is that of the process; that of a function is its time limit' },
  async (world, check) => {
    const stage = await scene(world);
    await world.recorder.cut('aws', 'silent');
    const first = await lateRun(world, stage.run, () => ordersOf(world) > 0);
    check.equal(first.code, 4, `the exit code: ${first.stderr}`);
    await world.recorder.mend('aws');
    await finishes(world, check, stage);
  },
);

scenario(
  'SIGINT in mid-run stores what was begun, and the next run finishes',
  { needs: ['one-process'], because: 'the signal is sent to the process that does the work' },
  async (world, check) => {
    const stage = await scene(world);
    await world.fault('dns', { kind: 'never-insync' });
    const running = world.spawnNolapse(stage.run);
    await told(running, 'order created');
    running.child.kill('SIGINT');
    const first = await running.done;
    check.equal(first.code, 4, `the exit code, for an order is open: ${first.stderr}`);
    check.ok(first.json(), 'JSON alone on stdout');
    await world.calm('dns');
    await finishes(world, check, stage);
  },
);

scenario(
  'two runs at once both finish, and nothing is done twice',
  { needs: ['one-process'], because: 'two processes share the folder of one state; functions always share theirs' },
  async (world, check) => {
    const { run, zone } = await scene(world);
    const both = await Promise.all([world.nolapse(run), world.nolapse(run)]);
    for (const { code, stderr } of both) check.equal(code, 0, `the exit code: ${stderr}`);
    check.equal(ordersOf(world), 1, 'orders');
    check.equal(writesOf(world), 2, 'Secrets written');
    const serials = both.flatMap((one) => runIn(one).renewed.map(({ serial }) => serial));
    check.equal(serials.length, 1, 'runs that say they renewed it');
    check.equal(await world.zone.snapshot(), zone, 'the zone after both');
  },
);

/** Bytes that fit a file: its log is full while the clusters are looked at, and then while an order is open. */
const FULL_AT = [120_000, 400_000];

scenario(
  'a disk that is full ends the run with one clear error, and the next run finishes',
  { needs: ['one-process'], because: 'the state is on a disk' },
  async (world, check) => {
    const stage = await scene(world);
    for (const maxFileBytes of FULL_AT) {
      const result = await world.nolapse(stage.run, { maxFileBytes });
      check.equal(result.code, 3, `the exit code with ${maxFileBytes} bytes: ${result.stderr}`);
      check.equal(problemIn(result, check), 'nolapse:state-full', 'the problem');
    }
    check.equal(ordersOf(world), 1, 'orders that are open while the disk is full');
    await finishes(world, check, stage);
  },
);

/** A folder that this user may not write: root may write all but the kernel's own. */
async function unwritable({ folder }: World): Promise<string> {
  if (process.getuid?.() === 0) return '/sys/nolapse';
  await mkdir(join(folder, 'read-only'), { mode: 0o500 });
  return join(folder, 'read-only');
}

scenario(
  'a state that cannot be used is left as it is, and no server is asked',
  { needs: ['one-process'], because: 'the state is a file' },
  async (world, check) => {
    const { run } = await scene(world);
    const mark = world.recorder.mark();
    const refused = async (name: string, expected: { code: number; problem: RegExp }): Promise<void> => {
      const file = join(world.folder, name, 'records.sqlite');
      const before = await readFile(file).catch(() => undefined);
      const result = await world.nolapse(run, { state: join(world.folder, name) });
      check.equal(result.code, expected.code, `${name}: the exit code`);
      check.match(problemIn(result, check), expected.problem, `${name}: the problem`);
      check.deepEqual(await readFile(file).catch(() => undefined), before, `${name}: the file after it`);
    };
    const folder = async (name: string): Promise<string> => {
      await mkdir(join(world.folder, name), { mode: 0o700 });
      return join(world.folder, name, 'records.sqlite');
    };
    await writeFile(await folder('corrupt'), 'SQLite format 3, but not really. '.repeat(200));
    await refused('corrupt', { code: 3, problem: /^nolapse:state-corrupt$/ });
    const newer = new DatabaseSync(await folder('newer'));
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await refused('newer', { code: 3, problem: /^nolapse:state-newer$/ });
    await writeFile(join(world.folder, 'in-the-way'), '');
    await refused('in-the-way', { code: 2, problem: /in-the-way$/ });
    const folderOfNobody = await unwritable(world);
    const result = await world.nolapse(run, { state: folderOfNobody });
    check.equal(result.code, 3, 'a folder that may not be written: the exit code');
    check.equal(problemIn(result, check), 'nolapse:state-unwritable', 'a folder that may not be written: the problem');
    check.deepEqual(world.recorder.seen(mark), [], 'requests to any server');
  },
);
