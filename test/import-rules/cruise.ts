/** Reads every import of a tree and tells which break the rules. Refuses to call a tree clean of which it read nothing. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { rules } from './rules.ts';

const ROOMS = ['shared', 'functions', 'infra', 'cli', 'sandbox', 'test'] as const;

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface Verdict {
  /** TypeScript files whose imports were read. */
  readonly files: number;
  readonly imports: number;
  readonly violations: readonly Violation[];
}

const isResult = (output: unknown): output is ICruiseResult =>
  typeof output === 'object' && output !== null && 'modules' in output;

/** Checks the tree at `root`. Throws when files of it were left unread: the parser is missing, or a room is. */
export async function checkImports(root: string): Promise<Verdict> {
  const rooms = ROOMS.filter((room) => existsSync(join(root, room)));
  const { output } = await cruise([...rooms], {
    baseDir: root,
    parser: 'swc',
    tsPreCompilationDeps: true,
    validate: true,
    ruleSet: { forbidden: [...rules] },
    doNotFollow: { path: 'node_modules' },
  });
  if (!isResult(output)) throw new TypeError('dependency-cruiser: returned no result object');
  const ours = output.modules.filter((module) => rooms.some((room) => module.source.startsWith(`${room}/`)));
  const present = rooms.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: root }));
  const unread = present.filter((file) => !ours.some((module) => module.source === file));
  const imports = ours.reduce((sum, module) => sum + module.dependencies.length, 0);
  if (unread.length > 0) throw new Error(`not read: ${unread.join(', ')}`);
  if (imports === 0) throw new Error(`${present.length} files without a single import: the parser reads nothing`);
  const violations = output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { files: present.length, imports, violations };
}
