/** What counts as done: the last word on each certificate, and on each of its places. */
import { describe, expect, test } from 'vitest';
import type { Happened } from '../../../../shared/contract/rows.ts';
import { doneIn } from '../../../../shared/stages/notify/done.ts';

const PLACE = 'prod-eu/shop/shop-tls';
const failure = { stage: 'issue', type: 'urn:ietf:params:acme:error:dns', problem: 'no TXT', nextAttemptAt: 'later' };

const happened = (what: string, detail: Happened['detail'] = {}, subject = PLACE): Happened => ({
  ...{ subject, what, stage: 'issue', at: '2026-11-24T09:00:00.000Z', detail },
});

describe('doneIn', () => {
  test('does not count a failure that was made good before the end', () => {
    const issue = doneIn([happened('attempt-failed', failure), happened('issued', { serial: '0a', notAfter: 'n' })]);
    expect(issue.failed).toEqual([]);
    const deliver = doneIn([
      happened('attempt-failed', { ...failure, place: PLACE, stage: 'deliver' }),
      happened('delivered', { place: PLACE, outcome: 'written' }),
    ]);
    expect(deliver.failed).toEqual([]);
  });

  test('keeps one failure for each place', () => {
    const { failed } = doneIn([
      happened('attempt-failed', { ...failure, place: 'a/b/c', stage: 'deliver' }),
      happened('attempt-failed', { ...failure, place: 'a/b/d', stage: 'deliver' }),
      happened('delivered', { place: 'a/b/d', outcome: 'unchanged' }),
    ]);
    expect(failed).toHaveLength(1);
  });
});

test('what was written stays written, however often somebody looks again', () => {
  const delivered = (outcome: string) => happened('delivered', { place: PLACE, outcome });
  const outcomes = (...said: readonly string[]) => doneIn(said.map(delivered)).delivered.map(({ outcome }) => outcome);
  expect(outcomes('written', 'unchanged')).toEqual(['written']);
  expect(outcomes('unchanged', 'unchanged')).toEqual(['unchanged']);
  expect(outcomes('unchanged', 'written')).toEqual(['written']);
  expect(outcomes('written', 'refused')).toEqual(['refused']);
});
