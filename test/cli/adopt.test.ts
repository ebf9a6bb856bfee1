/** Taking places over: both sides are shown first, and nothing happens without a yes. */
import { describe, expect, test } from 'vitest';
import { adopt } from '../../cli/adopt.ts';
import { ownershipWords } from '../../cli/output/ownership.ts';
import type { Facts } from '../../shared/contract/certificate.ts';
import type { Ownership } from '../../shared/contract/observation.ts';
import type { Adoption } from '../../shared/wiring/local.ts';
import { certificateRows, ID, prepared } from './prepared.ts';
import { paper } from './values.ts';

const have: Facts = {
  serial: '03ab',
  sha256: 'aa',
  notBefore: '2026-08-26T09:00:00.000Z',
  notAfter: '2026-11-26T09:00:00.000Z',
  subject: 'CN=shop',
  issuer: 'CN=R3',
  dnsNames: ['shop.example.com'],
  ipAddresses: [],
  uris: [],
  emailAddresses: [],
  isCA: false,
  selfSigned: false,
  key: { algorithm: 'RSA', size: 2048 },
  publicKeySha256: 'bb',
};
const adoptable: Adoption = {
  place: ID,
  ownership: { is: 'adoptable', by: 'kubectl' },
  have,
  want: 'a new certificate',
};
const owned: Adoption = { place: 'a/b/c', ownership: { is: 'owned', owner: 'Certificate/shop' }, have, want: have };

const given = (adoptions: readonly Adoption[]) => ({
  rows: certificateRows(),
  local: { adoption: async () => adoptions },
});

describe('adopt', () => {
  test('shows what is there beside what would be written, and how to go on, where nobody can be asked', async () => {
    const session = await prepared(given([adoptable]));
    const answer = await adopt({ id: ID, yes: false })(session);
    expect(session.calls).toEqual([]);
    expect(session.said.slice(0, 4)).toEqual([
      ID,
      '  made by kubectl: can be taken over',
      '          NOW                   THEN',
      '  names   shop.example.com      a new certificate',
    ]);
    expect(answer.lines(paper())).toEqual([`Nothing was changed. To take it over: nolapse adopt ${ID} --yes`]);
  });

  test.each([
    ['--yes', { yes: true }, {}],
    ['a yes on the terminal', { yes: false }, { agrees: true }],
  ])('takes over on %s', async (_, options, person) => {
    const session = await prepared({ ...given([adoptable]), ...person });
    const answer = await adopt({ id: ID, ...options })(session);
    expect(session.calls).toEqual([`adopt ${ID}`]);
    expect(answer.document).toMatchObject({ id: ID, places: [{ place: ID, have: { serial: '03ab' } }], adopted: [ID] });
  });

  test('leaves alone on a no', async () => {
    const session = await prepared({ ...given([adoptable]), agrees: false });
    await adopt({ id: ID, yes: false })(session);
    expect(session.calls).toEqual([]);
  });

  test('never takes over what somebody else keeps, whatever is agreed', async () => {
    const session = await prepared(given([owned]));
    const answer = await adopt({ id: ID, yes: true })(session);
    expect(session.calls).toEqual([]);
    expect(answer.lines(paper())).toEqual(['There is nothing to take over.']);
  });
});

test.each<[Ownership | { is: 'unknown' }, string]>([
  [{ is: 'absent' }, 'nothing is there'],
  [{ is: 'ours' }, 'ours'],
  [{ is: 'other-installation', installation: 'x' }, 'of another installation of this fleet (x): can be taken over'],
  [{ is: 'owned', owner: 'Argo CD' }, 'owned by Argo CD, who would write again: never taken over'],
  [{ is: 'unwritable', why: 'immutable' }, 'cannot be written: immutable'],
  [{ is: 'unknown' }, 'not looked at yet'],
])('ownership %o is said as %s', (ownership, words) => {
  expect(ownershipWords(ownership)).toBe(words);
});
