/** The seven findings of the story in a cluster where everything seems to run: each with evidence, since when, and the one right fix. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type FindingAnswer, inventoryIn } from './harness/answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { writesSince } from './harness/served.ts';
import { SEVEN, STORY_NAMESPACES, STORY_POLICY, storyObjects } from './harness/story.ts';

const goldenPath = (name: string): string => fileURLToPath(new URL(`../data/story/${name}`, import.meta.url));

/** Instants of one run as those of any. What is counted in days is the same in every run. */
const normalised = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<instant>')
    .replace(/\d{4}-\d\d-\d\d\s+\d\d:\d\d\s+UTC/g, '<instant>')
    .replace(/since (now|just now|\d+ (second|minute)s? ago) /g, 'since now ');

/** `NOLAPSE_GOLDEN=write` writes what was said, to be read before it is kept. */
async function golden(name: string, said: string): Promise<string> {
  if (process.env.NOLAPSE_GOLDEN === 'write') await writeFile(goldenPath(name), said);
  return readFile(goldenPath(name), 'utf8');
}

scenario('the story: an inventory of one cluster finds all seven', {}, async (world, check) => {
  const [{ admin, context }] = world.clusters;
  for (const name of STORY_NAMESPACES) await admin.namespace(name);
  for (const object of await storyObjects(new Date())) await admin.create(object);
  const fleet = await writeFleet(world, { mode: 'audit', namePolicy: STORY_POLICY });
  const mark = world.recorder.mark();

  const told = await world.nolapse(['inventory', '--all', '--fleet', fleet]);
  const text = normalised(told.stdout);
  check.equal(text, await golden('inventory.txt', text), 'the inventory as text');

  const answered = await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']);
  const key = ({ code, object }: FindingAnswer): string => `${code} ${object.kind} ${object.name}`;
  const findings = inventoryIn(answered).findings.toSorted((a, b) => key(a).localeCompare(key(b)));
  const json = `${normalised(JSON.stringify({ findings }, null, 2))}\n`;
  check.deepEqual(JSON.parse(json), JSON.parse(await golden('findings.json', json)), 'the findings as JSON');

  const alone = await world.nolapse(
    ['inventory', '--kubeconfig', world.kubeconfigPath, '--context', context, '-o', 'json'],
    { state: join(world.folder, 'alone') },
  );
  const unfound = (found: readonly FindingAnswer[], wanted: readonly string[]): readonly string[] =>
    wanted.filter((code) => !found.some((finding) => finding.code === code));
  for (const { what, codes } of SEVEN) {
    check.deepEqual(unfound(findings, codes), [], what);
    check.deepEqual(unfound(inventoryIn(alone).findings, codes), [], `${what}, without a fleet file`);
  }
  check.equal(told.code, 1, 'the exit code of findings that are critical');
  check.deepEqual(writesSince(world, mark), [], 'what was written');
});
