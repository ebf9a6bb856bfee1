/** The world of the lanes as tiny objects: rows in a real SQLite file, a clock that jumps over every wait, a zone that remembers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { sqliteRecords } from '../../../../shared/adapters/local/sqlite-records.ts';
import type { ChallengeZone, Clock, Handshakes } from '../../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../../shared/contract/problem.ts';
import type { Records } from '../../../../shared/contract/records.ts';
import type { TxtKey } from '../../../../shared/contract/step.ts';

export const START = new Date('2026-11-24T09:00:00.000Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** That many milliseconds from START. */
export const at = (ms: number): string => new Date(START.getTime() + ms).toISOString();

/** Rows in a folder of their own, gone after the test; `fill` may make the file before it is opened. */
export function openRecords(fill?: (file: string) => void): Records & { close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-core-'));
  fill?.(join(folder, 'state.db'));
  const records = sqliteRecords(join(folder, 'state.db'));
  onTestFinished(() => {
    records.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return records;
}

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Turns of the event loop in which nothing more happens but what waits for the clock. */
const QUIET_TURNS = 10;
/** Keys and signatures are made by other threads, in no turn of this loop: real time for them to get their turn. */
const QUIET_MS = 2;

/** A clock that goes on to the next sleeper when everybody else has come to rest; `later` moves it by hand. */
export function jumpingClock({ deadlineMs = Number.POSITIVE_INFINITY } = {}): Clock & {
  readonly elapsed: () => number;
  later(ms: number): void;
} {
  let now = START.getTime();
  const timers = new Set<Timer>();
  let isRunning = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (timers.size > 0) {
      await pause(QUIET_MS);
      for (let turn = 0; turn < QUIET_TURNS; turn += 1) await setImmediate();
      const [next] = [...timers].sort((a, b) => a.at - b.at);
      if (!next) break;
      timers.delete(next);
      now = Math.max(now, next.at);
      next.wake();
    }
    isRunning = false;
  };
  return {
    now: () => new Date(now),
    elapsed: () => now - START.getTime(),
    later: (ms) => {
      now += ms;
    },
    remainingMs: () => deadlineMs - (now - START.getTime()),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer: Timer = { at: now + ms, wake: resolve };
        timers.add(timer);
        signal?.addEventListener('abort', () => {
          if (timers.delete(timer)) reject(signal.reason);
        });
        if (!isRunning) void run();
      }),
  };
}

/** Nobody is out there. */
export const nobodyOutside: Handshakes = {
  addressesOf: async () => [],
  shake: async () => ({ is: 'unseen', why: 'it does not answer' }),
};

export const problem = (type: string, retry: Problem['retry'] = 'later'): Problem => ({ type, detail: type, retry });
export const failing = (type: string, retry: Problem['retry'] = 'later'): never => {
  throw new ProblemError(problem(type, retry));
};

export interface ScriptedZone extends ChallengeZone {
  /** What the zone holds now: `<fqdn> <value>`. */
  readonly values: Set<string>;
  /** Of these, what every server answers with. */
  readonly synced: Set<string>;
  readonly calls: { readonly zoneId: string; readonly add: readonly string[]; readonly remove: readonly string[] }[];
  readonly polls: string[];
  /** Before a change takes effect. Throws what the zone answers instead. */
  beforeChange: (add: readonly TxtKey[], remove: readonly TxtKey[]) => void | Promise<void>;
  /** Values that are refused one by one. */
  readonly refuses: Set<string>;
  answer: (polls: number) => boolean;
}

export const entryText = ({ fqdn, value }: TxtKey): string => `${fqdn} ${value}`;

/** INSYNC at the third look, unless told otherwise. */
export function scriptedZone(): ScriptedZone {
  const polls: string[] = [];
  const zone: ScriptedZone = {
    ...{ values: new Set(), synced: new Set(), calls: [], polls, refuses: new Set() },
    beforeChange: () => undefined,
    answer: (count) => count >= 3,
    async change(zoneId, add, remove) {
      const changeId = `C${zone.calls.push({ zoneId, add: add.map(entryText), remove: remove.map(entryText) })}`;
      await zone.beforeChange(add, remove);
      const refused = [...add, ...remove].filter((key) => zone.refuses.has(entryText(key)));
      for (const key of remove) if (!refused.includes(key)) zone.values.delete(entryText(key));
      for (const key of add) if (!refused.includes(key)) zone.values.add(entryText(key));
      const refusal = problem('aws:InvalidChangeBatch', 'never');
      return { changeId, refused: refused.map((entry) => ({ entry, problem: refusal })) };
    },
    async inSync(_zoneId, changeId) {
      polls.push(changeId);
      const isInSync = zone.answer(polls.filter((one) => one === changeId).length);
      if (isInSync) for (const value of zone.calls[Number(changeId.slice(1)) - 1]?.add ?? []) zone.synced.add(value);
      return isInSync;
    },
  };
  return zone;
}
