/** Ownership decides before any write: a table of places, and the rule that nothing but ours is ever written without consent. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { Observation, Ownership } from '../../../../shared/contract/observation.ts';
import type { Issued } from '../../../../shared/contract/rows.ts';
import { decideDelivery, decideRelease, haveOf } from '../../../../shared/stages/deliver/decide.ts';
import { DAY, destination, facts, observed } from '../assess/judged-things.ts';

const CURRENT = facts(60 * DAY, { sha256: '01'.repeat(32) });
const OLD = facts(10 * DAY, { sha256: '02'.repeat(32) });
const LATER = facts(80 * DAY, { sha256: '03'.repeat(32) });
const current: Issued = {
  ...{ facts: CURRENT, chainPem: '', sealedKey: 'sealed', attempt: '1', issuedAt: CURRENT.notBefore },
  origin: 'issued',
};
const ABSENT: Ownership = { is: 'absent' };
const OURS: Ownership = { is: 'ours' };
const ADOPTABLE: Ownership = { is: 'adoptable', by: 'kubectl' };
const OTHER: Ownership = { is: 'other-installation', installation: 'i2' };
const OWNED: Ownership = { is: 'owned', owner: 'Helm release shop' };
const IMMUTABLE: Ownership = { is: 'unwritable', why: 'the Secret is immutable' };
const ofIssuance = (id: string) => ({ annotations: { [MARK.issuance]: id } });
const there = (leaf: Facts | undefined, more: Partial<Observation> = {}): Observation => observed('a', leaf, more);
const marked = (sha256: string, left: number): Observation =>
  there(undefined, {
    annotations: { [MARK.sha256]: sha256, [MARK.notAfter]: facts(left).notAfter, [MARK.issuance]: 'iss-a' },
  });
const decide = (ownership: Ownership, observation: Observation | undefined, adopt: boolean) =>
  decideDelivery({
    destination: destination('a', undefined, { adopt }),
    ownership,
    have: haveOf(observation),
    current,
  });

const TABLE: readonly [string, Ownership, Observation | undefined, boolean, string][] = [
  ['nothing there', ABSENT, undefined, false, 'write'],
  ['ours, an older one', OURS, there(OLD), false, 'write'],
  ['ours, this one', OURS, there(CURRENT), false, 'there'],
  ['ours, this one by its marks', OURS, marked(CURRENT.sha256, 60 * DAY), false, 'there'],
  ['ours, this one with another key', OURS, there(CURRENT, { keyMatches: false }), false, 'write'],
  [
    'ours, this one with a broken key',
    OURS,
    there(CURRENT, { problem: { code: 'bad-key', detail: 'bad' } }),
    false,
    'write',
  ],
  ['ours, a later one of the same wish', OURS, there(LATER, ofIssuance('iss-a')), false, 'later-there'],
  ['ours, a later one by its marks', OURS, marked('ff', 80 * DAY), false, 'later-there'],
  ['ours, a later one of another wish', OURS, there(LATER, ofIssuance('iss-b')), false, 'write'],
  [
    'ours, a later one with another key',
    OURS,
    there(LATER, { ...ofIssuance('iss-a'), keyMatches: false }),
    false,
    'write',
  ],
  ['ours, empty', OURS, there(undefined), false, 'write'],
  ['owned', OWNED, there(OLD), true, 'destination-owned'],
  ['immutable', IMMUTABLE, there(OLD), true, 'destination-unwritable'],
  ['adoptable', ADOPTABLE, there(OLD), false, 'destination-adoptable'],
  ['adoptable with consent', ADOPTABLE, there(OLD), true, 'write'],
  ['adoptable with consent, this one', ADOPTABLE, there(CURRENT), true, 'write'],
  ['of another installation', OTHER, there(OLD), false, 'destination-of-another-installation'],
  ['of another installation, with consent', OTHER, there(OLD), true, 'write'],
];

describe('what is done with a place', () => {
  test.each(TABLE)('%s', (_what, ownership, observation, adopt, expected) => {
    const delivery = decide(ownership, observation, adopt);
    expect(delivery.is === 'refused' ? delivery.problem.type : delivery.is).toBe(
      expected.startsWith('destination-') ? `nolapse:${expected}` : expected,
    );
    if (delivery.is === 'refused') {
      expect(delivery.problem.retry).toBe('never');
      expect(delivery.problem.detail).toContain('prod/shop/a');
      expect(delivery.problem.fix).toBeTruthy();
    }
  });

  test('written only where nobody else decides, or where somebody agreed', () => {
    const anyOwnership = fc.constantFrom(ABSENT, OURS, ADOPTABLE, OTHER, OWNED, IMMUTABLE);
    const anyThere = fc.constantFrom(undefined, there(OLD), there(CURRENT), there(LATER), there(undefined));
    fc.assert(
      fc.property(anyOwnership, anyThere, fc.boolean(), (ownership, observation, adopt) => {
        if (decide(ownership, observation, adopt).is !== 'write') return;
        expect(['owned', 'unwritable']).not.toContain(ownership.is);
        expect(['absent', 'ours'].includes(ownership.is) || adopt).toBe(true);
      }),
    );
  });
});

test('what a row keeps of a look: the leaf, never more than was seen', () => {
  expect(haveOf(undefined)).toBeUndefined();
  expect(haveOf(there(OLD))).toEqual({ facts: OLD, keyMatches: true, version: '1', annotations: {} });
  const broken = there(undefined, { problem: { code: 'missing-data', detail: 'no tls.crt' } });
  expect(haveOf(broken)).toEqual({ version: '1', annotations: {}, problem: broken.problem });
});

describe('giving back', () => {
  const us = { fleet: 'acme', installation: 'i1' };
  const mark = (fleet: string, installation?: string) => ({
    annotations: { [MARK.fleet]: fleet, ...(installation ? { [MARK.installation]: installation } : {}) },
  });
  const fieldOf = (name: string) => ({ managers: [{ manager: name, operation: 'Apply', dataKeys: [] } as const] });

  test.each([
    ['nothing', undefined, { is: 'nothing' }],
    ['what others made', there(OLD, fieldOf('kubectl')), { is: 'nothing' }],
    ['our mark', there(OLD, mark('acme', 'i1')), { is: 'release' }],
    [
      'our mark on what others have written since',
      there(OLD, { ...mark('acme', 'i1'), ...fieldOf('argocd') }),
      { is: 'release' },
    ],
    ['our mark on what is immutable', there(OLD, { ...mark('acme', 'i1'), immutable: true }), { is: 'release' }],
    ['a field of ours without a mark', there(OLD, fieldOf('nolapse-acme')), { is: 'release' }],
    ['a field of a fleet that is named alike', there(OLD, fieldOf('nolapse-acme-2')), { is: 'nothing' }],
    [
      'the mark of another fleet',
      there(OLD, { ...mark('rival', 'i1'), ...fieldOf('nolapse-acme') }),
      { is: 'theirs', owner: 'the Nolapse fleet rival' },
    ],
    [
      'the mark of another installation',
      there(OLD, mark('acme', 'i2')),
      { is: 'theirs', owner: 'another installation of this fleet (i2)' },
    ],
    [
      'the mark of an unknown installation',
      there(OLD, mark('acme')),
      { is: 'theirs', owner: 'another installation of this fleet (unknown)' },
    ],
  ] as const)('%s', (_what, observation, release) => expect(decideRelease(observation, us)).toEqual(release));
});
