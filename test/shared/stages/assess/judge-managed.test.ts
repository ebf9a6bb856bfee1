/** Certificates of our plan: overdue, failing and expired by rows alone, and what keeps a place from getting its certificate. */
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import type { Destination, Failure, Issuance } from '../../../../shared/contract/rows.ts';
import { judgeIssuance } from '../../../../shared/stages/assess/judge.ts';
import {
  at,
  brief,
  DAY,
  destination,
  facts,
  failure,
  HOUR,
  issuance,
  NOW,
  place,
  spec,
  wanted,
} from './judged-things.ts';

interface Rows {
  readonly current?: Facts;
  readonly have?: Facts;
  readonly issuance?: Partial<Issuance>;
  readonly destination?: Partial<Destination>;
}

const judged = ({ current, have = current, ...more }: Rows) =>
  judgeIssuance(
    {
      issuance: issuance('web', current, more.issuance),
      wanted: [wanted('web')],
      destinations: [destination('web', have, more.destination)],
    },
    NOW,
  );

/** 90 days, to be renewed 30 before the end: overdue 4.5 days later. */
const LATE = 25.5 * DAY;

describe('the plan', () => {
  test.each([
    ['long before', { current: facts(40 * DAY) }, []],
    ['due, but not yet overdue', { current: facts(LATE + 1000) }, []],
    ['overdue by 5 % of the lifetime', { current: facts(LATE) }, ['renewal-overdue high']],
    ['overdue, 7 days and a second left', { current: facts(7 * DAY + 1000) }, ['renewal-overdue high']],
    ['overdue, 7 days left', { current: facts(7 * DAY) }, ['renewal-overdue critical']],
    ['expired', { current: facts(0) }, ['expired critical']],
    [
      'renewed, and the old one is still in its place',
      { current: facts(89 * DAY), have: facts(20 * DAY, { sha256: 'old' }) },
      ['renewal-overdue high'],
    ],
    [
      'renewed, and an expired one is still in its place',
      { current: facts(89 * DAY), have: facts(-DAY, { sha256: 'old' }) },
      ['expired critical'],
    ],
    [
      'due for another reason since 4.5 days',
      { issuance: { due: { reason: 'DoesNotExist', message: '', since: at(-4.5 * DAY) } } },
      ['renewal-overdue high'],
    ],
    [
      'due for another reason since 4 days',
      { issuance: { due: { reason: 'DoesNotExist', message: '', since: at(-4 * DAY) } } },
      [],
    ],
  ] as const)('%s', (_, rows, expected) => {
    expect(brief(judged(rows))).toEqual(expected.map((text) => `${text} Certificate/web`));
  });

  test('is never overdue by age where renewal is switched off: then age alone is told', () => {
    const off = wanted('web', { spec: spec({ renewal: { policy: 'Disabled', windows: [] } }) });
    const current = facts(2 * DAY);
    const { renewAt: _, ...row } = issuance('web', current);
    const seen = { issuance: row, wanted: [off], destinations: [destination('web', current)] };
    expect(brief(judgeIssuance(seen, NOW))).toEqual(['expiring-unmanaged critical Certificate/web']);
    const fine = { ...seen, destinations: [destination('web', facts(19 * DAY))] };
    expect(judgeIssuance(fine, NOW)).toEqual([]);
  });

  test('says since when, what is there and what to do', () => {
    expect(judged({ current: facts(20 * DAY) })[0]).toMatchObject({
      object: { cluster: 'prod', kind: 'Certificate', namespace: 'shop', name: 'web' },
      message: 'The certificate of prod/shop/web should have been renewed by 2026-11-14 09:00 UTC and ends in 20 days.',
      evidence: { serial: '0a1b', notAfter: at(20 * DAY), secret: place('web'), renewAt: at(-10 * DAY) },
      since: at(-5.5 * DAY),
      fix: 'Renew it now: nolapse renew prod/shop/web',
      serial: '0a1b',
    });
    expect(judged({ current: facts(-DAY) })[0]?.since).toBe(at(-DAY));
  });

  test('has no word for those who are gone', () => {
    const gone = wanted('web', { goneAt: at(-DAY) });
    expect(judgeIssuance({ issuance: issuance('web', facts(-DAY)), wanted: [gone], destinations: [] }, NOW)).toEqual(
      [],
    );
  });
});

describe('failures', () => {
  const never = { problem: { type: 'x:y', detail: 'no', retry: 'never' } } as const;
  const fine = facts(60 * DAY);
  test.each<[string, Facts | undefined, Failure, string]>([
    ['the first', fine, failure(1), 'info'],
    ['the first, and there is nothing yet', undefined, failure(1), 'warning'],
    ['the first, which will not come right by itself', fine, failure(1, never), 'warning'],
    ['the second', fine, failure(2), 'info'],
    ['the third', fine, failure(3), 'high'],
  ])('%s', (_, current, row, severity) => {
    const verdicts = judged({ ...(current && { current }), issuance: { failure: row } });
    expect(brief(verdicts)).toEqual([`renewal-failing ${severity} Certificate/web`]);
  });

  test('carry what was said and what comes next, and group by who failed how', () => {
    const row = failure(3, {
      problem: { type: 'aws:AccessDenied', detail: 'denied', retry: 'later', fix: 'Allow it' },
    });
    const verdicts = judged({ current: facts(-DAY), issuance: { failure: row } });
    expect(verdicts.map(({ rootCause }) => rootCause)).toEqual(
      Array(2).fill('issue:fleet/letsencrypt:aws:AccessDenied'),
    );
    expect(verdicts[1]).toMatchObject({
      message: 'Renewal of prod/shop/web failed 3 times since 2026-11-24 04:00 UTC: denied',
      evidence: { problem: 'denied', problemType: 'aws:AccessDenied', tried: '3', nextAttempt: at(HOUR) },
      since: at(-5 * HOUR),
      fix: 'Allow it',
    });
  });

  test('are waited out at first where waiting may be all there is to do', () => {
    const fixes = [1, 3].map((count) => judged({ issuance: { failure: failure(count) } })[0]?.fix);
    const see = 'See every step: nolapse explain prod/shop/web';
    expect(fixes).toEqual([`Nothing yet: it is tried again at 2026-11-24 10:00 UTC. ${see}`, see]);
  });

  test('of a delivery count too, but not where the place refuses', () => {
    const row = failure(3, { stage: 'deliver' });
    const current = facts(60 * DAY);
    const [verdict, ...others] = judged({ current, destination: { failure: row } });
    expect(others).toEqual([]);
    expect(verdict?.message).toMatch(/^Delivery of prod\/shop\/web failed 3 times/);
    expect(verdict?.rootCause).toBe('deliver:prod:urn:ietf:params:acme:error:dns');
    const owned = { failure: row, ownership: { is: 'owned', owner: 'Argo CD' } } as const;
    expect(brief(judged({ current, destination: owned }))).toEqual(['destination-refused high Secret/web']);
  });
});

describe('a place', () => {
  const current = facts(60 * DAY);
  test.each<[string, Partial<Destination>, string[], RegExp?]>([
    ['of ours', { ownership: { is: 'ours' } }, []],
    [
      'of a live owner',
      { ownership: { is: 'owned', owner: 'Argo CD' } },
      ['destination-refused high'],
      /Argo CD owns it/,
    ],
    [
      'of another installation',
      { ownership: { is: 'other-installation', installation: 'i2' } },
      ['destination-refused high'],
      /another installation .*i2/,
    ],
    [
      'of another installation, with consent',
      { ownership: { is: 'other-installation', installation: 'i2' }, adopt: true },
      [],
    ],
    [
      'that is immutable',
      { ownership: { is: 'unwritable', why: 'the Secret is immutable' } },
      ['destination-refused high'],
      /the Secret is immutable/,
    ],
    [
      'made by kubectl',
      { ownership: { is: 'adoptable', by: 'kubectl-create' } },
      ['adoptable info'],
      /made by kubectl-create/,
    ],
    ['made by kubectl, with consent', { ownership: { is: 'adoptable', by: 'kubectl-create' }, adopt: true }, []],
  ])('%s', (_, row, expected, message) => {
    const verdicts = judged({ current, destination: row });
    expect(brief(verdicts)).toEqual(expected.map((text) => `${text} Secret/web`));
    for (const verdict of verdicts) expect(verdict.message).toMatch(message ?? /./);
  });

  test('that wants consent presses once the renewal time has come, and names the command', () => {
    const row = { ownership: { is: 'adoptable', by: 'Terraform' } } as const;
    const [verdict] = judged({ current: facts(30 * DAY), destination: row });
    expect(verdict).toMatchObject({ code: 'adoptable', severity: 'warning' });
    expect(verdict?.fix).toContain('nolapse adopt prod/shop/web');
  });

  test.each([
    ['that we heal', { is: 'ours' }, 'warning', 'Nothing to do'],
    ['that nobody heals', { is: 'owned', owner: 'Helm' }, 'high', 'Put a matching certificate'],
  ] as const)('holds a pair that does not fit, %s', (_, ownership, severity, fix) => {
    const have = { facts: current, keyMatches: false, version: '1', annotations: {} };
    const verdict = judged({ current, destination: { ownership, have } }).find(({ code }) => code === 'key-mismatch');
    expect(verdict?.severity).toBe(severity);
    expect(verdict?.fix).toContain(fix);
  });
});
