/** What somebody who looks at a service may not see says nothing of the service. */
import { describe, expect, test } from 'vitest';
import { asVisitor, serviceChecks } from '../../../cli/doctor/check-service.ts';
import { ok } from '../../../cli/doctor/diagnose.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { rows } from '../../../shared/contract/records.ts';
import type { Instruments } from '../../../shared/wiring/instruments.ts';
import * as things from '../../shared/stages/assess/judged-things.ts';
import { jumpingClock, openRecords } from '../../shared/stages/issue/scripted.ts';

const OWNED = { is: 'owned', owner: 'Helm' } as const;

const failing = (type: string) => () =>
  Promise.reject(new ProblemError({ type, detail: 'no', retry: 'never', fix: 'allow it' }));

describe('asVisitor', () => {
  test.each(['aws:AccessDeniedException', 'aws:AuthorizationErrorException', 'aws:AccessDenied'])(
    'warns of %s',
    async (type) => {
      expect(await asVisitor(failing(type))()).toEqual({
        state: 'warning',
        evidence: ['no'],
        fix: 'allow it',
        who: 'you',
      });
    },
  );

  test('lets every other problem through, and what is fine', async () => {
    await expect(asVisitor(failing('aws:NotFoundException'))()).rejects.toThrow('no');
    await expect(asVisitor(() => Promise.reject(new TypeError('ours')))()).rejects.toThrow('ours');
    expect(await asVisitor(async () => ok('fine'))()).toEqual(ok('fine'));
  });
});

test('what a place says of itself is told in its words, and apart from what another says', async () => {
  const records = openRecords();
  const wanted = ['a', 'b', 'c'].map((name) => things.wanted(name, { issuance: `iss-${name}` }));
  for (const one of wanted) {
    const { name } = one;
    const why = { a: 'is of Helm', b: 'is of Argo CD' }[name];
    const failure = things.failure(1);
    await records.put(rows.wanted(one, 0));
    await records.put(rows.issuance(things.issuance(name), 0));
    const failed = why ? { failure: { ...failure, problem: { ...failure.problem, detail: why } } } : {};
    await records.put(rows.destination(things.destination(name, undefined, { ownership: OWNED, ...failed }), 0));
  }
  const service = { name: 'acme', requireKeys: async () => undefined };
  const tools = { fleet: { clusters: [] }, service, records, clock: jumpingClock() } as unknown as Instruments;
  const asked = { wanted, foreseen: new Map(), issuers: [], isWhole: true, namesBy: new Map(), unknown: [] };
  const renewals = (await serviceChecks(tools, asked)).filter(({ check }) => check === 'renewals').slice(1);
  const told = await Promise.all(renewals.map(async ({ subject, look }) => [subject, (await look()).evidence]));
  expect(told).toEqual([
    ['prod/shop/a', ['is of Helm']],
    ['prod/shop/b', ['is of Argo CD']],
  ]);
});
