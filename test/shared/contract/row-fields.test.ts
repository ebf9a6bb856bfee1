/** What this version does not know of a row is kept, what it knows is its own to leave out. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decided, keys, rows } from '../../../shared/contract/records.ts';
import { withUnknown } from '../../../shared/contract/row-fields.ts';
import type { LaneState, Limit } from '../../../shared/contract/rows.ts';
import { at, openRecords } from '../stages/issue/scripted.ts';

const LANE = 'deliver:prod' as const;
const row = (body: object) => ({
  ...rows.lane({ lane: LANE, failures: 0 }, 1),
  body: { lane: LANE, failures: 0, ...body },
});

test('whatever a newer version has added stays, whatever it is called', () => {
  const known = new Set([
    'lane',
    'holder',
    'leasedUntil',
    'lastOkAt',
    'lastTryAt',
    'failures',
    'problem',
    'pause',
    'clusterUid',
  ]);
  const added = fc.dictionary(
    fc.string().filter((name) => !known.has(name)),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(added, (more) => {
      const next = withUnknown(row({ failures: 2 }), row({ ...more, problem: { type: 'x' }, failures: 1 }));
      expect(next.body).toEqual({ ...more, lane: LANE, failures: 2 });
    }),
  );
});

test.each([
  ['new', undefined],
  ['of a kind that is not ours', { pk: 'TOMORROW', sk: 'x', body: { future: 1 } }],
])('a row that is %s is written as it is', (_what, before) => {
  const next = before ? { pk: 'TOMORROW', sk: 'x', rev: 1, body: { own: 1 } } : row({});
  expect(withUnknown<{ pk: string; sk: string; body: unknown }>(next, before)).toBe(next);
});

test('a decision may build the body anew', async () => {
  const records = openRecords();
  const key = keys.limit('ca.example', '1', 'new-orders');
  const future = { tat: at(0), saidBy: 'ca', future: { of: 'a newer version' } } as const;
  await records.put(rows.limit(key, future satisfies Limit, 0));
  const decision = await decided(records, key, (stored) =>
    rows.limit(key, { tat: at(1), saidBy: 'us' }, stored?.rev ?? 0),
  );
  expect(decision?.body).toEqual({ tat: at(1), saidBy: 'us', future: future.future });
  expect((await records.get(key))?.body).toEqual(decision?.body);
  expect(withUnknown(row({}), row({})).body satisfies LaneState).toEqual({ lane: LANE, failures: 0 });
});
