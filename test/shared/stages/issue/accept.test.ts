/** What a CA returned becomes current only if it is what was asked, and no step back from what there is. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Attempt, DueReason, Issuance, Issued } from '../../../../shared/contract/rows.ts';
import { accepted } from '../../../../shared/stages/issue/accept.ts';
import { certificatesOf } from '../../../../shared/standards/x509/chain.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { publicKeySha256 } from '../../../../shared/standards/x509/key.ts';
import {
  DAY_MS,
  FIXTURE_NOW,
  type MadeChain,
  makeChain,
  makeRequest,
  makeStagingChain,
} from '../../../fixtures/x509.ts';

let [chain, staging]: (MadeChain | undefined)[] = [];
beforeAll(async () => {
  [chain, staging] = await Promise.all([makeChain(), makeStagingChain()]);
});
const present = (made: MadeChain | undefined): MadeChain => {
  if (!made) throw new Error('not made yet');
  return made;
};

const currentOf = (made: MadeChain, shiftMs = 0): Issued => {
  const [leaf] = certificatesOf(made.chainPem).map(factsOf);
  if (!leaf) throw new Error('there is no leaf');
  const notAfter = new Date(Date.parse(leaf.notAfter) + shiftMs).toISOString();
  return { facts: { ...leaf, notAfter }, chainPem: made.chainPem, issuedAt: leaf.notBefore, origin: 'issued' };
};

function answer(made: MadeChain, more: Partial<Issuance> = {}, chainPem = made.chainPem) {
  const attempt: Attempt = {
    ...{ id: 'attempt-2', startedAt: FIXTURE_NOW.toISOString(), deadline: FIXTURE_NOW.toISOString(), pickups: 1 },
    ...{ step: { at: 'finalizing' }, sealedKey: 'sealed', publicKeySha256: publicKeySha256(made.leaf.key) },
  };
  const issuance: Issuance = { id: 'iss-a', request: makeRequest(), members: [], keyPolicy: 'ephemeral', ...more };
  const given = accepted(issuance, attempt, { step: { at: 'issued', chainPem, caPem: 'CA' }, now: FIXTURE_NOW });
  return 'problem' in given ? given.problem.detail : given.current;
}
const due = (reason: DueReason) => ({ due: { reason, message: '', since: '' } }) as const;

test('what was asked for becomes current, with its own sealed key', () => {
  const made = present(chain);
  expect(answer(made)).toMatchObject({
    ...{ origin: 'issued', sealedKey: 'sealed', attempt: 'attempt-2', caPem: 'CA' },
    facts: { dnsNames: ['shop.example.com'] },
  });
});

test('a chain in another order is put in order', () => {
  const made = present(chain);
  const answered = answer(made, {}, made.intermediate.pem + made.leaf.pem);
  expect(answered).toMatchObject({ chainPem: expect.stringContaining(made.leaf.pem.trim()) });
});

describe('refused', () => {
  test('another name, another key, no chain at all', () => {
    const made = present(chain);
    expect(answer(made, { request: makeRequest({ dnsNames: ['x.example.com'] }) })).toContain('x.example.com');
    expect(answer(present(staging), {}, made.chainPem)).toContain('another key');
    expect(answer(made, {}, 'no PEM')).toContain('no');
  });

  test('a staging chain for a trusted one, not for one of its own kind or one that has ended', () => {
    const [trusted, test] = [currentOf(present(chain), -DAY_MS), currentOf(present(staging), -DAY_MS)];
    expect(answer(present(staging), { current: trusted })).toContain('staging');
    expect(answer(present(staging), { current: test })).toMatchObject({ origin: 'issued' });
    expect(answer(present(staging), { current: currentOf(present(chain), -81 * DAY_MS) })).toMatchObject({});
    expect(typeof answer(present(staging), { current: currentOf(present(chain), -81 * DAY_MS) })).toBe('object');
  });

  test('a renewal that gains no time; but not what is needed now, though it ends earlier', () => {
    const made = present(chain);
    expect(answer(made, { current: currentOf(made, DAY_MS) })).toContain('the present one is valid until');
    expect(answer(made, { current: currentOf(made), ...due('Renewing') })).toContain('the present one is valid until');
    expect(answer(made, { current: currentOf(made), ...due('InvalidKeyPair') })).toMatchObject({ origin: 'issued' });
    for (const reason of ['InvalidKeyPair', 'DoesNotExist', 'Forced'] as const)
      expect(answer(made, { current: currentOf(made, DAY_MS), ...due(reason) })).toMatchObject({ origin: 'issued' });
    expect(answer(made, { current: currentOf(made, -1_000), ...due('Renewing') })).toMatchObject({ origin: 'issued' });
  });

  test('nothing by a present one of which only the marks are known', () => {
    const made = present(chain);
    expect(answer(made, { current: { ...currentOf(made, -DAY_MS), chainPem: '' } })).toMatchObject({
      origin: 'issued',
    });
  });
});
