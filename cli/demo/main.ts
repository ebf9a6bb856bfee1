/** The demo: a small fleet in a box on this machine, looked at, renewed, delivered and checked against what its servers recorded. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seen } from '../../sandbox/control.ts';
import { kubeconfigOf } from '../../sandbox/handout.ts';
import { systemClock } from '../../shared/adapters/local/system-clock.ts';
import { FAILED, INTERRUPTED } from '../exit-code.ts';
import { paperOf } from '../terminal.ts';
import { type Cast, drawCast } from './cast.ts';
import { type Check, checksOf, checksOfFailure } from './check.ts';
import { fleetFileOf } from './fleet-file.ts';
import { demoFolder } from './folder.ts';
import { plantedOf } from './planted.ts';
import type { Played } from './play.ts';
import { close, nearer, useEnvironment } from './reader.ts';
import { saidByRun } from './said.ts';
import type { Cut } from './shorten.ts';
import { type Stage, stageOn } from './stage.ts';
import { startWorld, type World } from './world.ts';

export interface DemoOptions {
  /** The part of the world that fails. */
  readonly broken?: 'dns';
  /** Tell the story of the seven findings instead. */
  readonly story?: boolean;
  /** What starts this command again: the program and its first argument. `part <name> <config>` after it runs a part of the sandbox. */
  readonly command: readonly string[];
}

const HEADS: Cut = { whole: 0, rest: 'first lines' };
/** What failed, with what to do about it. */
const FAILING: Cut = { whole: 1, code: 'renewal-failing', rest: 'nothing' };

interface Scene {
  readonly cast: Cast;
  readonly world: World;
  readonly stage: Stage;
}

const inCluster = (cluster: string, { names = [], ...seen }: Seen): Seen => ({
  ...seen,
  names: names.map((name) => `${cluster}/${name}`),
});

async function recorded({ cast, world }: Scene, written: readonly string[], zoneBefore: string) {
  const [one, two] = cast.clusters;
  const places = written.map(async (place) => {
    const [cluster = '', namespace = '', name = ''] = place.split('/');
    const held =
      cluster === 'secretsmanager'
        ? world.secretsManager(place.slice('secretsmanager/'.length))
        : world.secret(cluster, namespace, name);
    return [place, await held] as const;
  });
  const clusters = await Promise.all([world.requests(one), world.requests(two)]);
  return {
    ca: await world.requests('ca'),
    clusters: cast.clusters.flatMap((cluster, i) => (clusters[i] ?? []).map((seen) => inCluster(cluster, seen))),
    places: new Map(await Promise.all(places)),
    zone: { before: zoneBefore, after: await world.zone() },
    messages: await world.messages(),
  };
}

const isOrderedBy =
  ({ clusters, namespace, database }: Cast) =>
  (id: string): boolean =>
    id !== `${clusters[1]}/${namespace}/${database}`;

async function playAll(scene: Scene): Promise<readonly Check[]> {
  const { cast, world, stage } = scene;
  const zone = await world.zone();
  stage.title('What is there, and what is wrong with it?');
  const inventory = await stage.play('inventory --all', {
    name: '1-inventory.txt',
    cut: { whole: 2, rest: 'first lines' },
  });
  stage.title('One Secret was made by kubectl. It is taken over when somebody says so.');
  const id = `${cast.clusters[0]}/${cast.namespace}/${cast.service.byKubectl}`;
  const adopt = await stage.play(`adopt ${id} --yes`, { name: '2-adopt.txt' });
  stage.title('What is due, and why?');
  const plan = await stage.play('plan', { name: '3-plan.txt' });
  stage.title('Renew it, deliver it to both clusters and to Secrets Manager, tell people.');
  const run = await stage.play('run', { name: '4-run.txt', cut: { whole: 0, rest: 'nothing' } });
  stage.title('The same look again: what is left waits for a person.');
  const again = await stage.play('inventory --all', { name: '5-inventory.txt', cut: HEADS });
  const said = saidByRun(run);
  const seen = await recorded(scene, said.places, zone);
  tellMessages(stage, seen.messages);
  const commands = [inventory, adopt, plan, run, again];
  const played = { said, inventory: inventory.answer, again: again.answer, codes: commands.map(({ code }) => code) };
  const isOrdered = isOrderedBy(cast);
  return checksOf({ played, recorded: seen, planted: plantedOf(cast), isOrdered, codes: [1, 0, 0, 1, 1] });
}

async function playBroken(scene: Scene): Promise<readonly Check[]> {
  const { cast, world, stage } = scene;
  const zone = await world.zone();
  stage.title('What is there, and what is wrong with it?');
  const inventory = await stage.play('inventory --all', { name: '1-inventory.txt', cut: HEADS });
  await world.breakDns();
  stage.title('The name servers of the zone fall silent, and now it is time to renew.');
  const run = await stage.play('run', { name: '2-run.txt', cut: FAILING });
  stage.title('When is it tried again?');
  const plan = await stage.play('plan', { name: '3-plan.txt' });
  const said = saidByRun(run);
  const seen = await recorded(scene, said.places, zone);
  tellMessages(stage, seen.messages);
  const played = { said, inventory: inventory.answer, codes: [inventory, run, plan].map(({ code }: Played) => code) };
  const isOrdered = isOrderedBy(cast);
  return checksOfFailure({ played, recorded: seen, planted: plantedOf(cast), isOrdered, codes: [1, 3, 0] });
}

function tellMessages(stage: Stage, messages: readonly { readonly subject: string }[]): void {
  stage.title('What a queue that is subscribed to the SNS topic received:');
  stage.lines(messages.map(({ subject }) => `  ${subject}`));
}

const OPENING =
  'Nolapse looks after the TLS certificates of many clusters from outside. This is a fleet in a box: two clusters, ' +
  'a CA, Route 53, Secrets Manager, SNS and SQS on this machine, gone when the demo ends. Names and serials are new ' +
  'in every run; one of the defects is another one each time.';

function open(stage: Stage, cast: Cast, folder: string): void {
  stage.tell(OPENING);
  stage.lines([
    '',
    `  clusters    ${cast.clusters.join(' and ')}, with a dozen certificates`,
    `  zone        ${cast.zone.name}`,
    `  fleet file  ${join(folder, 'fleet.yaml')} (stays here: open it)`,
    '',
    `$ cd ${folder}`,
  ]);
}

/** Plays the demo on stdout; the exit code of the command: 0, or 3 when a part was broken or a check does not hold. */
export async function demo({ broken, story, command }: DemoOptions): Promise<number> {
  const now = systemClock().now();
  const cast = drawCast();
  const cwd = process.cwd();
  const folder = await demoFolder();
  const stage = stageOn(process.stdout, paperOf(process.stdout, now), folder);
  // whoever stops the demo stops all of it, not the command it plays; the parts end with this process
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(INTERRUPTED));
  if (story) return (await import('./tell-story.ts')).tellStory({ stage, folder, now, command });
  open(stage, cast, nearer(cwd, folder));
  const world = await startWorld(cast, { now, command: [...command, 'part'] });
  try {
    await writeFile(join(folder, 'kubeconfig'), kubeconfigOf(world.sandbox.clusters), { mode: 0o600 });
    await writeFile(join(folder, 'fleet.yaml'), fleetFileOf(cast, world));
    process.chdir(folder);
    useEnvironment(world.sandbox.env, folder);
    const scene = { cast, world, stage };
    const checks = broken ? await playBroken(scene) : await playAll(scene);
    stage.title('Is it true? What was said, against what the servers recorded:');
    stage.checks(checks);
    close(stage, command, cwd);
    return broken || checks.some(({ holds }) => !holds) ? FAILED : 0;
  } finally {
    await world.close();
  }
}
