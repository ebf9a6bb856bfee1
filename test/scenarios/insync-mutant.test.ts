/** The check on INSYNC can fail: a copy of the product that does not wait is caught by it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { earlyAnswers } from './harness/early-answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { sandboxKind } from './harness/sandbox-world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WAITS = 'shared/stages/issue/challenge-batches.ts';
const WAIT = 'await this.#inSync(zoneId, changeId)';

/** A copy of the sources in which nobody waits for INSYNC; the path of its command. */
async function impatientCopy(folder: string): Promise<string> {
  for (const part of ['cli', 'shared', 'package.json'])
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const source = await readFile(join(folder, WAITS), 'utf8');
  // for a change of this run, and for one of the run before
  expect(source.split(WAIT)).toHaveLength(3);
  await writeFile(join(folder, WAITS), source.replaceAll(WAIT, 'await Promise.resolve()'));
  return join(folder, 'cli/main.ts');
}

test('a mutant that skips the wait is caught', async () => {
  const options = { name: 'mutant', inSync: { minMs: 2_000, maxMs: 6_000 }, run: async () => undefined };
  const world = await sandboxKind.open(options);
  try {
    await world.clusters[0].admin.namespace('shop');
    const place = { kubernetesSecret: { clusters: ['east'], namespace: 'shop', name: 'shop-tls' } };
    const certificate = fleetCertificate('shop', [`shop.${world.zone.name}`], [place]);
    const fleet = await writeFleet(world, { documents: [certificate] });
    const main = await impatientCopy(join(world.folder, 'copy'));
    const { PATH = '' } = process.env;
    const child = spawn(join(ROOT, 'node_modules/node/bin/node'), [main, 'run', '--fleet', fleet], {
      cwd: world.folder,
      env: { PATH, HOME: world.folder, ...world.awsEnv },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    const early = earlyAnswers(world.recorder.seen());
    expect(early.length).toBeGreaterThan(0);
    expect(early[0]).toMatch(/before .* was said to be INSYNC/);
  } finally {
    await world.close();
  }
});
