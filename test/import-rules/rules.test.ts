/** Each import rule is broken once in a tree of its own and must be found; the same tree without the break must be clean. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkImports } from './cruise.ts';
import { rules } from './rules.ts';

/** A file that breaks a rule, and what it imports. */
interface Planted {
  readonly rule: string;
  readonly from: string;
  readonly text: string;
}

const planted: readonly Planted[] = [
  { rule: 'no-circles', from: 'shared/contract/ids.ts', text: `import { b } from './rows.ts'; export const a = b;` },
  {
    rule: 'contract-imports-nothing-of-ours',
    from: 'shared/contract/bad.ts',
    text: `import { pem } from '../standards/pem.ts'; export const a = pem;`,
  },
  {
    rule: 'standards-know-the-contract-only',
    from: 'shared/standards/bad.ts',
    text: `import type { F } from '../fleet/schema.ts'; export type A = F;`,
  },
  {
    rule: 'fleet-knows-contract-and-standards',
    from: 'shared/fleet/bad.ts',
    text: `import { plan } from '../stages/plan/plan.ts'; export const a = plan;`,
  },
  {
    rule: 'stages-never-meet',
    from: 'shared/stages/assess/bad.ts',
    text: `import type { Plan } from '../plan/plan.ts'; export type A = Plan;`,
  },
  {
    rule: 'lanes-know-stages-not-adapters',
    from: 'shared/lanes/bad.ts',
    text: `import { send } from '../adapters/aws/sns-channel.ts'; export const a = send;`,
  },
  {
    rule: 'adapters-know-no-lane',
    from: 'shared/adapters/aws/bad.ts',
    text: `import { loop } from '../../lanes/loop.ts'; export const a = loop;`,
  },
  {
    rule: 'wiring-knows-no-command',
    from: 'shared/wiring/bad.ts',
    text: `import { main } from '../../cli/main.ts'; export const a = main;`,
  },
  {
    rule: 'rights-know-the-fleet',
    from: 'shared/rights/bad.ts',
    text: `import type { Plan } from '../stages/plan/plan.ts'; export type A = Plan;`,
  },
  {
    rule: 'functions-know-wiring',
    from: 'functions/bad.ts',
    text: `import { send } from '../shared/adapters/aws/sns-channel.ts'; export const a = send;`,
  },
  {
    rule: 'infra-knows-fleet-and-rights',
    from: 'infra/bad.ts',
    text: `import { loop } from '../shared/lanes/loop.ts'; export const a = loop;`,
  },
  {
    rule: 'sandbox-is-a-world-of-its-own',
    from: 'sandbox/bad.ts',
    text: `import type { A } from '../shared/contract/rows.ts'; export type B = A;`,
  },
  {
    rule: 'adapters-take-types-of-stages-only',
    from: 'shared/adapters/aws/worse.ts',
    text: `import { plan } from '../../stages/plan/plan.ts'; export const a = plan;`,
  },
  {
    rule: 'pure-rooms',
    from: 'shared/stages/plan/bad.ts',
    text: `import { readFileSync } from 'node:fs'; export const a = readFileSync;`,
  },
  {
    rule: 'pure-rooms',
    from: 'shared/standards/worse.ts',
    text: `import { SNSClient } from '@aws-sdk/client-sns'; export const a = SNSClient;`,
  },
  {
    rule: 'only-the-demo-opens-the-sandbox',
    from: 'cli/bad.ts',
    text: `import { start } from '../sandbox/start.ts'; export const a = start;`,
  },
  {
    rule: 'product-never-needs-tests',
    from: 'cli/worse.ts',
    text: `import { check } from '../test/scenarios/harness/check.ts'; export const a = check;`,
  },
  {
    rule: 'scenarios-know-no-particular-world',
    from: 'test/scenarios/bad.scenario.ts',
    text: `import { start } from '../../sandbox/start.ts'; export const a = start;`,
  },
];

/** A tree in which every direction that is allowed is used. */
const clean: Readonly<Record<string, string>> = {
  'shared/contract/rows.ts': `import type { Id } from './ids.ts'; export type A = Id; export const b = 1;`,
  'shared/contract/ids.ts': `export type Id = string;`,
  'shared/standards/pem.ts': `import type { A } from '../contract/rows.ts'; export const pem: A = '';`,
  'shared/fleet/schema.ts': `import { pem } from '../standards/pem.ts'; export type F = typeof pem;`,
  'shared/stages/plan/plan.ts': `import { pem } from '../../standards/pem.ts'; export type Plan = typeof pem; export const plan = pem;`,
  'shared/lanes/loop.ts': `import { plan } from '../stages/plan/plan.ts'; export const loop = plan;`,
  'shared/adapters/aws/sns-channel.ts': `import { SNSClient } from '@aws-sdk/client-sns'; import type { Plan } from '../../stages/plan/plan.ts'; export const send = (p: Plan) => [SNSClient, p];`,
  'shared/wiring/local.ts': `import { send } from '../adapters/aws/sns-channel.ts'; export const world = send;`,
  'shared/rights/roles.ts': `import type { F } from '../fleet/schema.ts'; export type Roles = F;`,
  'functions/wake.ts': `import { world } from '../shared/wiring/local.ts'; export const handler = world;`,
  'infra/app.ts': `import type { Roles } from '../shared/rights/roles.ts'; export type App = Roles;`,
  'sandbox/start.ts': `import { once } from 'node:events'; export const start = once;`,
  'cli/main.ts': `import { world } from '../shared/wiring/local.ts'; export const main = world;`,
  'cli/demo.ts': `import { start } from '../sandbox/start.ts'; export const demo = start;`,
  'test/scenarios/harness/check.ts': `import { start } from '../../../sandbox/start.ts'; export const check = start;`,
};

describe('the import rules', () => {
  let root: string;

  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `${text}\n`);
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'import-rules-'));
    await symlink(resolve(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'));
    for (const [path, text] of Object.entries(clean)) await write(path, text);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  test('find nothing where every import goes an allowed way', async () => {
    expect(await checkImports(root)).toEqual({ files: 15, imports: 15, violations: [] });
  });

  test.each(planted)('$rule: found when $from breaks it', async ({ rule, from, text }) => {
    await write(from, text);
    const { violations } = await checkImports(root);
    expect(violations.map((v) => [v.rule, v.from])).toContainEqual([rule, from]);
  });

  test('each has a planted violation', () => {
    expect(new Set(planted.map(({ rule }) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });

  test('refuse to call a tree clean when no import of it was read', async () => {
    await rm(root, { recursive: true });
    await write('shared/contract/ids.ts', 'export type Id = string;');
    await expect(checkImports(root)).rejects.toThrow('1 files without a single import: the parser reads nothing');
  });
});
