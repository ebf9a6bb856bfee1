/** The diagnosis as people read it at 80 columns, and as programs do. */
import { describe, expect, test } from 'vitest';
import type { Checked } from '../../../cli/doctor/diagnose.ts';
import { diagnosisDocument, diagnosisLines } from '../../../cli/output/diagnosis.ts';
import { coloured } from '../../../cli/output/paper.ts';
import { paper } from '../values.ts';

const CHECKED: readonly Checked[] = [
  { check: 'state', subject: '/home/me/.nolapse', state: 'ok', evidence: ['can be read and written'] },
  {
    ...{ check: 'rights', subject: 'prod-eu', state: 'broken' },
    evidence: ['may not patch secrets: shop, web', 'may not create secrets in shop'],
    fix: 'read what this prints, and apply it',
    command: 'nolapse rbac prod-eu --bind user:nolapse --fleet fleet.yaml | kubectl --context prod-eu apply -f -',
    who: 'an administrator of the cluster prod-eu',
  },
  {
    ...{ check: 'delegation', subject: 'example.com', state: 'broken' },
    evidence: [
      'com sends the world to ns1.elsewhere.example',
      'the hosted zone is on ns-1.awsdns-00.com, ns-2.awsdns-01.net, ns-3.awsdns-02.org, ns-4.awsdns-03.co.uk',
    ],
    fix: 'set the NS records of example.com at com to ns-1.awsdns-00.com, ns-2.awsdns-01.net, ns-3.awsdns-02.org, ns-4.awsdns-03.co.uk',
    who: 'whoever registered example.com',
  },
  { check: 'name-servers', subject: 'example.com', state: 'waiting', evidence: ['waits for delegation example.com'] },
  {
    ...{ check: 'inventory', subject: 'prod-us', state: 'warning', command: 'nolapse inventory', who: 'you' },
    evidence: ['was never read: what is asked for there is not in these checks\u001b[2J'],
  },
  {
    ...{ check: 'account', subject: 'fleet/letsencrypt', state: 'ok' },
    evidence: ['no account yet: the first run registers one, and its terms (https://ca.test/terms) are agreed to'],
  },
];
const NEXT = { certificate: 'prod-eu/shop/shop-tls', at: '2026-12-06T09:00:00.000Z' };

describe('diagnosisLines', () => {
  test('begin with what stands in the way, and with the first of it', () => {
    expect(diagnosisLines(CHECKED, NEXT, paper())).toEqual([
      '2 of 6 checks stand between here and the next renewal (prod-eu/shop/shop-tls in',
      '12 days); 1 check waits for what is broken, 1 warning.',
      'First: rights prod-eu: may not patch secrets: shop, web',
      '',
      '✔ state /home/me/.nolapse: can be read and written',
      '✖ rights prod-eu',
      '    may not patch secrets: shop, web',
      '    may not create secrets in shop',
      '    fix: read what this prints, and apply it',
      '    run: nolapse rbac prod-eu --bind user:nolapse --fleet fleet.yaml \\',
      '         | kubectl --context prod-eu apply -f -',
      '    by:  an administrator of the cluster prod-eu',
      '✖ delegation example.com',
      '    com sends the world to ns1.elsewhere.example',
      '    the hosted zone is on ns-1.awsdns-00.com, ns-2.awsdns-01.net,',
      '    ns-3.awsdns-02.org, ns-4.awsdns-03.co.uk',
      '    fix: set the NS records of example.com at com to ns-1.awsdns-00.com,',
      '         ns-2.awsdns-01.net, ns-3.awsdns-02.org, ns-4.awsdns-03.co.uk',
      '    by:  whoever registered example.com',
      '– name-servers example.com: waits for delegation example.com',
      '! inventory prod-us',
      '    was never read: what is asked for there is not in these checks\\u{1b}[2J',
      '    run: nolapse inventory',
      '    by:  you',
      '✔ account fleet/letsencrypt',
      '    no account yet: the first run registers one, and its terms',
      '    (https://ca.test/terms) are agreed to',
    ]);
  });

  test('colour the signs and nothing that is copied', () => {
    const lines = diagnosisLines(CHECKED, NEXT, { ...paper(), ink: coloured });
    expect(lines.filter((line) => line.includes('\u001b['))).toHaveLength(2 + CHECKED.length);
    expect(lines).toContain('    run: nolapse inventory');
  });

  test('say so where nothing stands in the way, and when the next renewal is due', () => {
    const sound = CHECKED.filter(({ state }) => state === 'ok');
    const [first] = diagnosisLines(sound, { ...NEXT, at: '2026-11-24T09:00:00.000Z' }, paper());
    expect(first).toBe('Nothing stands between here and the next renewal (prod-eu/shop/shop-tls is due');
  });

  test('promise no renewal where none is to come', () => {
    const sound = CHECKED.filter(({ state }) => state === 'ok');
    const [first] = diagnosisLines(sound, undefined, paper());
    expect(first).toBe('Nothing is broken, and nothing is to be renewed: 2 checks.');
  });
});

test('diagnosisDocument is every check as it is, and how many stand in the way', () => {
  expect(diagnosisDocument(CHECKED, NEXT)).toEqual({ next: NEXT, broken: 2, checks: CHECKED });
});
