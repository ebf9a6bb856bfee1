/** `npm run imports`: checks the import directions of this repository; exit code 1 when one is broken. */
import { resolve } from 'node:path';
import { checkImports } from './cruise.ts';

const { files, imports, violations } = await checkImports(resolve(import.meta.dirname, '../..'));
for (const { rule, from, to } of violations) console.error(`${rule}: ${from} imports ${to}`);
console.log(`${imports} imports of ${files} files read, ${violations.length} break the rules`);
if (violations.length > 0) process.exitCode = 1;
