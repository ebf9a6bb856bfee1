/** Writes what a real API server answers to the cases: `node measure.ts '<target as JSON>' <group name> …`, into measured/. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GROUPS } from './cases/groups.ts';
import { measuredPath, type ReplayTarget, replay } from './replay.ts';

const [, , target = '{}', crds] = process.argv;
for (const group of GROUPS.filter((one) => one.crds === (crds === 'crds'))) {
  const answers = await replay(JSON.parse(target) as ReplayTarget, group);
  await writeFile(measuredPath(group), `${JSON.stringify(answers, null, 1)}\n`);
  console.log(join('measured', group.name));
}
