/** What was written is read back: the same fingerprint with its own key, or a reason. */
import { expect, test } from 'vitest';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { Observation } from '../../../../shared/contract/observation.ts';
import type { Issued } from '../../../../shared/contract/rows.ts';
import { readBack } from '../../../../shared/stages/verify/read-back.ts';
import { DAY, facts, observed } from '../assess/judged-things.ts';

const CURRENT = facts(60 * DAY, { sha256: '01'.repeat(32) });
const current: Issued = { facts: CURRENT, chainPem: '', issuedAt: CURRENT.notBefore, origin: 'issued' };
const marked = observed('a', undefined, { annotations: { [MARK.sha256]: CURRENT.sha256 } });

const TABLE: readonly [string, Observation | undefined, string | undefined][] = [
  ['as it was written', observed('a', CURRENT), undefined],
  ['as its mark says, where the value is not read', marked, undefined],
  ['gone', undefined, 'it is gone'],
  ['with another key', observed('a', CURRENT, { keyMatches: false }), 'its key is another one'],
  ['broken', observed('a', CURRENT, { problem: { code: 'bad-key', detail: 'no key' } }), 'no key'],
  ['another certificate', observed('a', facts(DAY)), `its fingerprint is ${'ab'.repeat(32)}`],
  ['empty', observed('a'), 'its fingerprint is unknown'],
];

test.each(TABLE)('%s', async (_what, observation, why) => {
  const answer = await readBack({ read: async () => observation }, 'prod/shop/a', current);
  expect(answer.observation).toBe(observation);
  if (why === undefined) return expect(answer.problem).toBeUndefined();
  expect(answer.problem).toMatchObject({ type: 'nolapse:not-as-written', retry: 'later' });
  expect(answer.problem?.detail).toContain(`prod/shop/a does not hold what was just written: ${why}`);
});
