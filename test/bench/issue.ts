/** Many certificates of one zone issued in one run: how long, against how long it must take, and what it asked of each server. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runIn } from '../scenarios/harness/answers.ts';
import { writeFleet } from '../scenarios/harness/fleet-file.ts';
import { type Cost, costOf, type KeyWish, wishForMany } from '../scenarios/harness/many-certificates.ts';
import type { Recorded } from '../scenarios/harness/recorder.ts';
import type { WorldKind } from '../scenarios/harness/run-scenarios.ts';
import type { NolapseResult, World } from '../scenarios/harness/world.ts';

export interface IssueBench {
  readonly kind: WorldKind;
  readonly certificates: number;
  /** How long each name server takes to serve a change. */
  readonly inSyncMs: number;
  readonly privateKey: KeyWish;
}

export interface IssueResult {
  /** From the start of the command to the last Secret written. */
  readonly wallMs: number;
  /** INSYNC and the CA, measured with one certificate alone in a world of the same kind. */
  readonly floorMs: number;
  readonly certificates: number;
  readonly cost: Cost;
  readonly rssBytes: number;
  readonly cpuMs: number;
}

const PEAK = pathToFileURL(join(import.meta.dirname, 'peak.ts')).href;
const TIMEOUT_MS = 600_000;

interface Measured extends Omit<IssueResult, 'floorMs' | 'wallMs'> {
  readonly startedAt: number;
  readonly seen: readonly Recorded[];
}

export const isSecretWrite = ({ kind, protocol, path }: Recorded): boolean =>
  kind === 'write' && protocol === 'kubernetes' && /\/secrets(\/|$)/.test(path);

export const lastEnd = (seen: readonly Recorded[]): number => Math.max(...seen.map(({ endedAt = 0 }) => endedAt));

function requireAll(result: NolapseResult, certificates: number): void {
  const { renewed, failed } = runIn(result);
  if (result.code === 0 && renewed.length === certificates && failed.length === 0) return;
  const first = JSON.stringify(failed[0] ?? result.stderr.slice(-2_000));
  throw new Error(`${renewed.length} of ${certificates} were renewed, exit code ${result.code}: ${first}`);
}

async function measuredIn(world: World, { certificates, privateKey }: IssueBench): Promise<Measured> {
  await wishForMany(world, { count: certificates, privateKey });
  const fleet = await writeFleet(world);
  const peakFile = join(world.folder, 'peak.json');
  const startedAt = performance.now();
  const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json'], {
    env: { NODE_OPTIONS: `--import=${PEAK}`, PEAK_FILE: peakFile },
    timeoutMs: TIMEOUT_MS,
  });
  requireAll(result, certificates);
  const used = JSON.parse(await readFile(peakFile, 'utf8')) as Pick<IssueResult, 'rssBytes' | 'cpuMs'>;
  const seen = world.recorder.seen();
  return { ...used, certificates, startedAt, seen, cost: costOf(seen) };
}

export async function runOfCommand(bench: IssueBench): Promise<Measured> {
  const inSync = { minMs: bench.inSyncMs, maxMs: bench.inSyncMs };
  const world = await bench.kind.open({ name: 'bench issue', inSync, run: async () => undefined });
  try {
    return await measuredIn(world, bench);
  } finally {
    await world.close();
  }
}

/** From the first request to the CA to its last answer, for one certificate whose value is served at once. */
async function caMs(bench: IssueBench): Promise<number> {
  const { seen } = await runOfCommand({ ...bench, certificates: 1, inSyncMs: 0 });
  const ofCa = seen.filter(({ server }) => server === 'ca');
  return lastEnd(ofCa) - (ofCa[0]?.startedAt ?? 0);
}

/** Runs the command once for all certificates, and once for one. Throws when any certificate was not renewed. */
export async function benchIssue(bench: IssueBench): Promise<IssueResult> {
  const floorMs = bench.inSyncMs + (await caMs(bench));
  const { startedAt, seen, ...rest } = await runOfCommand(bench);
  return { ...rest, floorMs, wallMs: lastEnd(seen.filter(isSecretWrite)) - startedAt };
}
