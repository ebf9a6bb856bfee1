/** What Certificates and issuers are told, from rows: the reasons and messages are cert-manager's. */
import { describe, expect, test } from 'vitest';
import type { Issuer, IssuerSpec } from '../../../../shared/contract/fleet.ts';
import type { Observation, Ownership } from '../../../../shared/contract/observation.ts';
import type { Account, Destination, Issuance } from '../../../../shared/contract/rows.ts';
import {
  acmeIssuerWish,
  certificateWish,
  isWorthTelling,
  localIssuerWish,
} from '../../../../shared/stages/assess/status-of.ts';
import { problem } from '../issue/scripted.ts';
import {
  acmeIssuer,
  at,
  ca,
  DAY,
  destination,
  facts,
  failure,
  HOUR,
  issuance,
  NOW,
  observed,
  wanted,
} from './judged-things.ts';

const told = (row: Destination | undefined, more: Partial<Issuance> = {}, current = facts(60 * DAY)) => ({
  ...{ wanted: wanted('a'), issuance: issuance('a', current, more), destination: row, generation: 3, now: NOW },
});
const second = (ms: number): string => `${at(ms).slice(0, 19)}Z`;
const condition = (type: string, status: string, reason: string, message?: string) => ({
  ...{ type, status, reason, observedGeneration: 3 },
  ...(message === undefined ? {} : { message }),
});
const UP_TO_DATE = 'Certificate is up to date and has not expired';
const READY = condition('Ready', 'True', 'Ready', UP_TO_DATE);
const validity = (left: number) => ({
  ...{ notBefore: second(left - 90 * DAY), notAfter: second(left), renewalTime: second(left - 30 * DAY) },
});

describe('a Certificate', () => {
  test('whose Secret holds what we have issued is ready', () => {
    expect(certificateWish(told(destination('a', facts(60 * DAY))))).toEqual({
      ...{ conditions: [READY], fields: validity(60 * DAY), isOurIssue: true },
    });
  });

  test('whose Secret holds what was found there is ready, and counts as none of ours', () => {
    const other = destination('a', facts(50 * DAY, { sha256: 'other' }));
    expect(certificateWish(told(other))).toMatchObject({ fields: validity(50 * DAY), isOurIssue: false });
    const found = told(destination('a', facts(60 * DAY)));
    const { current } = found.issuance;
    const lost = { ...found.issuance, ...(current ? { current: { ...current, origin: 'found' as const } } : {}) };
    expect(certificateWish({ ...found, issuance: lost })).toMatchObject({ conditions: [READY], isOurIssue: false });
  });

  test('that failed, and whose Secret is fine, stays ready and says why it is not renewed', () => {
    expect(certificateWish(told(destination('a', facts(20 * DAY)), { failure: failure(2) }, facts(20 * DAY)))).toEqual({
      conditions: [
        READY,
        condition(
          ...(['Issuing', 'False', 'Failed'] as const),
          'The certificate request has failed to complete and will be retried: no TXT record was found',
        ),
      ],
      fields: { ...validity(20 * DAY), lastFailureTime: second(-HOUR), failedIssuanceAttempts: 2 },
      isOurIssue: true,
    });
  });

  test.each<[string, Destination, readonly [string, string]]>([
    ['there is no Secret', destination('a'), ['DoesNotExist', 'Issuing certificate as Secret does not exist']],
    ['its Secret has expired', destination('a', facts(-DAY)), ['Expired', `it expired at ${at(-DAY)}`]],
  ])('is not ready where %s', (_what, row, said) => {
    expect(certificateWish(told(row))?.conditions).toEqual([condition('Ready', 'False', ...said)]);
  });

  test('that is never renewed by its age has no instant of renewal', () => {
    const never = { ...wanted('a').spec, renewal: { policy: 'Disabled' as const, windows: [] } };
    const row = destination('a', facts(50 * DAY, { sha256: 'other' }));
    const { renewalTime: _none, ...rest } = validity(50 * DAY);
    expect(certificateWish({ ...told(row), wanted: wanted('a', { spec: never }) })?.fields).toEqual(rest);
  });

  test.each<Ownership['is'] | 'unknown'>(['adoptable', 'owned', 'unwritable', 'other-installation', 'unknown'])(
    'is told nothing while its Secret is %s',
    (is) => {
      const ownership = { is, by: 'x', owner: 'x', why: 'x', installation: 'x' } as Destination['ownership'];
      expect(certificateWish(told(destination('a', facts(DAY), { ownership })))).toBeUndefined();
    },
  );

  test('that nobody has looked at is told nothing', () => {
    expect(certificateWish(told(undefined))).toBeUndefined();
  });

  test('is worth telling once there is a Secret or a failure', () => {
    const isWorth = [undefined, destination('a'), destination('a', facts(DAY))].map((row) => isWorthTelling(told(row)));
    expect(isWorth).toEqual([false, false, true]);
    expect(isWorthTelling(told(destination('a'), { failure: failure(1) }))).toBe(true);
  });
});

describe('an ACME issuer', () => {
  const account: Account = {
    ...{ directory: 'https://ca/dir', sealedKey: '', contact: ['mailto:a@example.com'], termsAgreedAt: at(0) },
    url: 'https://ca/acct/1',
  };
  const { url: _url, ...unregistered } = account;

  test('with an account is ready, whatever else has failed', () => {
    expect(acmeIssuerWish({ account, problem: problem('any') }, 3)).toEqual({
      conditions: [
        condition('Ready', 'True', 'ACMEAccountRegistered', 'The ACME account was registered with the ACME server'),
      ],
      fields: { acme: { uri: 'https://ca/acct/1', lastRegisteredEmail: 'a@example.com' } },
      isOurIssue: false,
    });
    expect(acmeIssuerWish({ account: { ...account, contact: [] } }, 3)?.fields).toEqual({ acme: { uri: account.url } });
  });

  test('without one says why there is none, once somebody has asked', () => {
    const { detail } = problem('any');
    const because = [
      condition('Ready', 'False', 'ErrRegisterACMEAccount', `Failed to register ACME account: ${detail}`),
    ];
    for (const row of [undefined, unregistered]) {
      expect(acmeIssuerWish({ account: row, problem: problem('any') }, 3)?.conditions).toEqual(because);
      expect(acmeIssuerWish({ account: row }, 3)).toBeUndefined();
    }
  });
});

describe('an issuer that has all it needs in the cluster', () => {
  const said = (spec: IssuerSpec, secret?: Observation) => localIssuerWish({ spec } as Issuer, secret, 3)?.conditions;
  const URLS = { crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] };
  const ofCa = (secret?: Observation) => said({ ...URLS, type: 'ca', secretName: 'root' }, secret);
  const bad = (detail: string) => [
    condition('Ready', 'False', 'ErrInvalidKeyPair', `Invalid signing key pair: ${detail}`),
  ];
  const none = (detail: string) => [
    condition('Ready', 'False', 'ErrGetKeyPair', `Error getting keypair for CA issuer: ${detail}`),
  ];

  test.each<[string, Observation | undefined, readonly object[]]>([
    ['a CA', observed('root', ca(DAY)), [condition('Ready', 'True', 'KeyPairVerified', 'Signing CA verified')]],
    [
      'a CA that has ended',
      observed('root', ca(-DAY)),
      [condition('Ready', 'True', 'KeyPairVerified', 'Signing CA verified')],
    ],
    ['nothing', undefined, none('secret "root" not found')],
    ['no CA', observed('root', facts(DAY)), bad('certificate is not a CA')],
    [
      'half a pair',
      observed('root', undefined, { problem: { code: 'missing-data', detail: 'no tls.key' } }),
      none('no tls.key'),
    ],
    [
      'another key',
      observed('root', ca(DAY), { problem: { code: 'key-mismatch', detail: 'another key' } }),
      bad('another key'),
    ],
  ])('whose Secret holds %s', (_what, secret, expected) => {
    expect(ofCa(secret)).toEqual(expected);
  });

  test('is ready where it signs itself, and is not asked about an account', () => {
    expect(said({ type: 'selfSigned', crlDistributionPoints: [] })).toEqual([condition('Ready', 'True', 'IsReady')]);
    expect(said(acmeIssuer('https://ca/dir').spec)).toBeUndefined();
  });
});
