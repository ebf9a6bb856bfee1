/** The journal: rows in order, and telling that never gets in the way. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recordsJournal } from '../../../../shared/adapters/local/records-journal.ts';
import { sqliteRecords } from '../../../../shared/adapters/local/sqlite-records.ts';
import { systemClock } from '../../../../shared/adapters/local/system-clock.ts';
import type { Happened } from '../../../../shared/contract/rows.ts';
import { temporaryFolder } from './temporary-folder.ts';

const file = join(temporaryFolder(), 'records.sqlite');
const records = sqliteRecords(file);
afterAll(() => records.close());

const AT = '2026-11-24T09:00:00.000Z';
const clock = { ...systemClock(), now: () => new Date(AT) };
const event = (subject: string, what: string): Omit<Happened, 'at'> => ({
  subject,
  what,
  stage: 'issue',
  detail: { order: '1' },
});

async function told(subject: string): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const { body } of records.children<Happened>(`EVT#${subject}`)) all.push(body.what);
  return all;
}

test('what happened is a row, in order, for 400 days, and is shown to whoever watches', async () => {
  const seen: Happened[] = [];
  const journal = recordsJournal({ records, clock, watch: (happened) => seen.push(happened) });
  const whats = Array.from({ length: 12 }, (_, n) => `step-${n}`);
  for (const what of whats) await journal.tell(event('prod/shop/www', what));
  expect(await told('prod/shop/www')).toEqual(whats);
  expect(seen.map(({ what }) => what)).toEqual(whats);
  expect(seen[0]).toEqual({ ...event('prod/shop/www', 'step-0'), at: AT });
  for await (const { forgetAt } of records.children('EVT#prod/shop/www'))
    expect(forgetAt).toBe(Date.parse(AT) / 1000 + 400 * 86_400);
});

test('two processes that tell of one instant lose nothing', async () => {
  const journals = [1, 2].map(() => recordsJournal({ records, clock, watch: () => undefined }));
  for (const journal of journals) await journal.tell(event('shared', 'said'));
  expect(await told('shared')).toEqual(['said', 'said']);
});

test('a row that cannot be stored is told as an event of its own, and stops nobody', async () => {
  const closed = sqliteRecords(`${file}-closed`);
  closed.close();
  const seen: Happened[] = [];
  const journal = recordsJournal({ records: closed, clock, watch: (happened) => seen.push(happened) });
  await journal.tell(event('lost', 'delivered'));
  expect(seen).toEqual([
    { ...event('lost', 'delivered'), at: AT },
    { ...event('lost', 'not-recorded'), at: AT, detail: { what: 'delivered', problem: expect.any(String) } },
  ]);
});

test('a watcher that throws stops nobody', async () => {
  const watch = (): void => {
    throw new Error('EPIPE');
  };
  await recordsJournal({ records, clock, watch }).tell(event('watched', 'delivered'));
  expect(await told('watched')).toEqual(['delivered']);
});
