/** What the tests of findings and messages share: real rows in a temporary folder, a clock that is set, channels that remember. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { sqliteRecords } from '../../../shared/adapters/local/sqlite-records.ts';
import { subjectOf, type Verdict } from '../../../shared/contract/finding.ts';
import type { Channel, Clock, Message } from '../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problem.ts';
import { keys, type Records, type Row, rows } from '../../../shared/contract/records.ts';
import type { FindingState } from '../../../shared/contract/rows.ts';
import { settle } from '../../../shared/lanes/findings.ts';
import { notifyLane } from '../../../shared/lanes/notify.ts';

export const MINUTE_MS = 60_000;
export const START = new Date('2026-11-24T09:00:00.000Z');

export const verdict = (given: Partial<Verdict> = {}): Verdict => ({
  code: 'renewal-failing',
  severity: 'high',
  object: { cluster: 'prod-eu', kind: 'Certificate', namespace: 'shop', name: 'shop-tls' },
  names: ['shop.example.com'],
  message: 'the order failed 3 times',
  evidence: { tried: '3' },
  fix: 'allow the CA in the CAA record of example.com',
  serial: '0a01',
  ...given,
});

/** The same about another object. */
export const about = (name: string, given: Partial<Verdict> = {}): Verdict =>
  verdict({ object: { cluster: 'prod-eu', kind: 'Certificate', namespace: 'shop', name }, ...given });

export interface TestChannel extends Channel {
  readonly taken: Message[];
  /** While set, every message is refused with it. */
  problem?: Problem | undefined;
  /** Messages it was asked to take. */
  asked: number;
}

export function channel(name: string): TestChannel {
  const taken: Message[] = [];
  return {
    ...{ name, taken, asked: 0 },
    async send(message) {
      this.asked += 1;
      if (this.problem) throw new ProblemError(this.problem);
      taken.push(message);
    },
  };
}

export const DOWN: Problem = { type: 'aws:ServiceUnavailable', detail: 'SNS does not answer', retry: 'later' };

/** Gone after the test that asked for it. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nolapse-notify-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A fleet of one folder: `says` is a pass of an owner, `run` one of the notify lane, `later` moves the clock. */
export function openOffice(channels: readonly Channel[], file = join(folder(), 'state.db')) {
  const records = sqliteRecords(file);
  let now = START.getTime();
  const clock: Clock = { now: () => new Date(now), sleep: async () => {}, remainingMs: () => MINUTE_MS };
  const journal = { tell: async () => {} };
  return {
    ...{ records, file, close: () => records.close() },
    says: (findings: readonly Verdict[], owner = 'inventory:prod-eu') =>
      settle(records, { owner, now: new Date(now), findings }),
    run: () => notifyLane({ fleet: 'acme', records, clock, journal, channels }),
    later: (minutes: number) => {
      now += minutes * MINUTE_MS;
    },
    due: () => records.due('notify', new Date(now).toISOString(), 100),
  };
}

export const stored = ({ object, code }: Verdict, records: Records): Promise<Row<FindingState> | undefined> =>
  records.get(keys.finding(subjectOf(object), code));

export async function snooze(one: Verdict, records: Records, until: string): Promise<void> {
  const row = await stored(one, records);
  if (row) await records.put(rows.finding({ ...row.body, snoozedUntil: until }, row.rev, row.wakeAt));
}
