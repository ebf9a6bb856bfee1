/** The private CA and the self-signed issuer as Authorities: one step, read at the moment of signing. */
import { describe, expect, test } from 'vitest';
import { caAuthority } from '../../../../shared/adapters/ca/ca-authority.ts';
import { selfSignedAuthority } from '../../../../shared/adapters/ca/self-signed-authority.ts';
import type { Authority, SecretRef } from '../../../../shared/contract/ports.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import type { Attempt } from '../../../../shared/contract/rows.ts';
import type { Step } from '../../../../shared/contract/step.ts';
import { createCsr } from '../../../../shared/standards/x509/csr.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { checkIssued } from '../../../../shared/standards/x509/issued.ts';
import { publicKeySha256 } from '../../../../shared/standards/x509/key.ts';
import { FIXTURE_NOW, makeIntermediate, makeKey, makeRequest, makeRoot } from '../../../fixtures/x509.ts';

const clock = { now: () => FIXTURE_NOW };
const request = makeRequest();
const key = makeKey();
const csr = await createCsr(key, request);
const root = await makeRoot();
const intermediate = await makeIntermediate(root);
const spec = {
  type: 'ca',
  secretName: 'ca-pair',
  crlDistributionPoints: [],
  ocspServers: [],
  issuingCertificateUrls: [],
} as const;
const secretRef = (name: string, secretKey: string): SecretRef => ({ from: 'fleet', name, key: secretKey });

interface Shelf {
  readonly authority: Authority;
  readonly read: string[];
  readonly given: Uint8Array[];
}

/** A CA whose Secret holds these keys. */
function authorityOver(secret: Readonly<Record<string, string>>): Shelf {
  const read: string[] = [];
  const given: Uint8Array[] = [];
  const authority = caAuthority({
    spec,
    secretRef,
    clock,
    async readSecret(ref) {
      read.push(`${ref.name}/${ref.key}`);
      const text = secret[ref.key];
      if (text === undefined)
        throw new ProblemError({
          type: 'nolapse:secret-missing',
          detail: `no ${ref.key} in ${ref.name}`,
          retry: 'later',
          fix: 'make it',
        });
      given.push(Buffer.from(text));
      return given.at(-1) as Uint8Array;
    },
  });
  return { authority, read, given };
}

const attempt = (step: Step, rest: Partial<Attempt> = {}): Attempt => ({
  id: 'a1',
  startedAt: FIXTURE_NOW.toISOString(),
  pickups: 0,
  deadline: new Date(FIXTURE_NOW.getTime() + 3_600_000).toISOString(),
  step,
  ...rest,
});
const pair = { 'tls.crt': intermediate.pem, 'tls.key': intermediate.keyPem };
const issued: Step = { at: 'issued', chainPem: 'x' };
const rejected: Step = { at: 'rejected', problem: { type: 'x', detail: 'no', retry: 'never' } };
/** What an ACME issuer of the same name may have left behind. */
const elsewhere: Step = { at: 'answered', orderUrl: 'https://ca.example/order/1', challenges: [] };

describe('caAuthority', () => {
  test.each<[string, Step, Step]>([
    ['intent becomes ready', { at: 'intent' }, { at: 'ready' }],
    ['ready stays', { at: 'ready' }, { at: 'ready' }],
    ['finalizing without a CSR starts over', { at: 'finalizing' }, { at: 'ready' }],
    ['a step of another kind of issuer starts over', elsewhere, { at: 'ready' }],
    ['issued stays', issued, issued],
    ['rejected stays', rejected, rejected],
  ])('%s, and no Secret is read', async (_, before, after) => {
    const { authority, read } = authorityOver(pair);
    expect(await authority.advance(attempt(before), request)).toEqual({ step: after });
    expect(read).toEqual([]);
  });

  test('signs the CSR with the Secret as it is now, and keeps no key', async () => {
    const { authority, read, given } = authorityOver({ ...pair, 'ca.crt': root.pem });
    const { step } = await authority.advance(attempt({ at: 'finalizing' }, { csr }), request);
    if (step.at !== 'issued') throw new Error(`expected issued, was ${step.at}`);
    expect(
      checkIssued({ chainPem: step.chainPem, request, publicKeySha256: publicKeySha256(key), now: FIXTURE_NOW }),
    ).toBeUndefined();
    expect(factsOf(step.caPem ?? '').subject).toBe('CN=Test Root');
    expect(step.chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(read).toEqual(['ca-pair/tls.crt', 'ca-pair/ca.crt', 'ca-pair/tls.key']);
    expect(given.at(-1)?.every((octet) => octet === 0)).toBe(true);
  });

  test('signs again after a crash', async () => {
    const { authority } = authorityOver(pair);
    const again = attempt({ at: 'finalizing' }, { csr });
    const steps = [await authority.advance(again, request), await authority.advance(again, request)];
    expect(steps.map(({ step }) => step.at)).toEqual(['issued', 'issued']);
  });

  test('does without ca.crt: the CA is the topmost certificate known', async () => {
    const { step } = await authorityOver(pair).authority.advance(attempt({ at: 'finalizing' }, { csr }), request);
    expect(step.at === 'issued' && factsOf(step.caPem ?? '').subject).toBe('CN=Test Intermediate');
  });

  test.each([
    ['no Secret', {}, 'nolapse:secret-missing', 'no tls.crt in ca-pair', 'make it'],
    ['no key in it', { 'tls.crt': root.pem }, 'nolapse:secret-missing', 'no tls.key in ca-pair', 'make it'],
    [
      'a key of another CA',
      { 'tls.crt': root.pem, 'tls.key': intermediate.keyPem },
      'nolapse:ca-unusable',
      'the CA Secret ca-pair cannot be used: tls.key is the key of another certificate',
      'put the certificate of the CA and its own key, as PEM, into tls.crt and tls.key',
    ],
  ])('says what to do about %s', async (_, secret, type, detail, fix) => {
    const { authority, given } = authorityOver(secret);
    await expect(authority.advance(attempt({ at: 'finalizing' }, { csr }), request)).rejects.toMatchObject({
      name: 'ProblemError',
      problem: { type, detail, fix, retry: 'later' },
    });
    expect(
      given.map((octets) => Buffer.from(octets).toString()).filter((text) => text.includes('PRIVATE KEY')),
    ).toEqual([]);
  });

  test('passes on why a Secret cannot be read', async () => {
    const failing = caAuthority({
      spec,
      secretRef,
      clock,
      readSecret: async (ref) => {
        if (ref.key === 'tls.crt') return Buffer.from(root.pem);
        throw new ProblemError({ type: 'kubernetes:Forbidden', detail: `get ${ref.key}: forbidden`, retry: 'later' });
      },
    });
    await expect(failing.advance(attempt({ at: 'finalizing' }, { csr }), request)).rejects.toMatchObject({
      name: 'ProblemError',
      message: 'get ca.crt: forbidden',
    });
  });
});

describe('selfSignedAuthority', () => {
  const authority = selfSignedAuthority({ spec: { type: 'selfSigned', crlDistributionPoints: [] }, clock });

  test.each<[string, Step, Step]>([
    ['intent becomes ready', { at: 'intent' }, { at: 'ready' }],
    ['ready stays', { at: 'ready' }, { at: 'ready' }],
    ['finalizing starts over with a new key', { at: 'finalizing' }, { at: 'ready' }],
    ['issued stays', issued, issued],
    ['rejected stays', rejected, rejected],
  ])('%s', async (_, before, after) => {
    expect(await authority.advance(attempt(before, { csr }), request)).toEqual({ step: after });
  });

  test('signs with the key it is handed', async () => {
    const chainPem = (await authority.selfSign?.(key, request)) ?? '';
    expect(checkIssued({ chainPem, request, publicKeySha256: publicKeySha256(key), now: FIXTURE_NOW })).toBeUndefined();
    expect(factsOf(chainPem).selfSigned).toBe(true);
  });
});
