/** From a wish to what is wanted: which issuer is meant, why a wish is held, and who may share a key. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AcmeIssuerSpec, Cluster, Fleet, Issuer } from '../../../../shared/contract/fleet.ts';
import { judgeHeld } from '../../../../shared/stages/assess/judge-held.ts';
import { want } from '../../../../shared/stages/assess/want.ts';
import { acmeIssuer, NOW, place, spec } from './judged-things.ts';
import { cluster, context, fleet, LETS_ENCRYPT, wish } from './wishes-of-shop.ts';

const inProd = (more: Partial<Cluster>): Fleet => fleet({ clusters: [cluster('prod', more), cluster('edge')] });
const names = (...dnsNames: string[]) => wish('a', { spec: spec({ secretName: 'a', dnsNames }) });
const ref = (name: string, kind: 'Issuer' | 'ClusterIssuer', group = 'cert-manager.io') =>
  wish('a', { spec: spec({ secretName: 'a', issuerRef: { name, kind, group } }) });
const issuer = (id: string, more: Partial<Issuer>): Issuer => ({ ...acmeIssuer('https://ca/dir'), id, ...more });
const heldOf = (...given: Parameters<typeof want>) => want(...given).wanted.held;

test('one that is allowed is wanted, with a request and an id', () => {
  const { wanted, request } = want(wish('a'), context());
  expect(wanted).toMatchObject({ issuer: LETS_ENCRYPT.id, issuance: expect.stringMatching(/^[0-9a-f]{20}$/) });
  expect(wanted.held).toBeUndefined();
  expect(request).toMatchObject({ issuer: LETS_ENCRYPT.id, dnsNames: ['shop.example.com'] });
});

describe('which issuer is meant', () => {
  const ofNamespace = issuer('prod/shop/letsencrypt', { kind: 'Issuer', namespace: 'shop', source: 'prod' });
  const ofCluster = issuer('prod/letsencrypt', { source: 'prod' });
  const elsewhere = issuer('prod/other/mine', { kind: 'Issuer', name: 'mine', namespace: 'other', source: 'prod' });
  test('an Issuer of the namespace, a ClusterIssuer of the file before one of the cluster', () => {
    const all = [ofNamespace, ofCluster, LETS_ENCRYPT, elsewhere];
    expect(want(ref('letsencrypt', 'Issuer'), context(fleet(), all)).wanted.issuer).toBe(ofNamespace.id);
    expect(want(ref('letsencrypt', 'ClusterIssuer'), context(fleet(), all)).wanted.issuer).toBe(LETS_ENCRYPT.id);
    expect(want(ref('letsencrypt', 'ClusterIssuer'), context(fleet(), [ofCluster])).wanted.issuer).toBe(ofCluster.id);
  });

  test.each([
    ['there is none', ref('nobody', 'ClusterIssuer'), 'issuer-not-found', 'there is no ClusterIssuer nobody'],
    ['a ClusterIssuer is', ref('letsencrypt', 'Issuer'), 'issuer-not-found', 'set issuerRef.kind to ClusterIssuer'],
    ['another namespace has it', ref('mine', 'Issuer'), 'issuer-not-found', 'exists in other'],
    ['of another group', ref('aws', 'ClusterIssuer', 'awspca.io'), 'unsupported', 'awspca.io'],
    ['of a type that is not run', ref('vault', 'ClusterIssuer'), 'unsupported', 'of a type'],
  ])('%s', (_what, one, reason, words) => {
    const held = heldOf(one, {
      ...context(fleet(), [LETS_ENCRYPT, elsewhere]),
      unusableIssuers: new Set(['ClusterIssuer//vault']),
    });
    expect(held?.reason).toBe(reason);
    expect(held?.message).toContain(words);
  });
});

describe('why a wish is held', () => {
  const line = { namespaces: ['shop'], names: ['shop.example.com'] };
  const rows: readonly [string, ReturnType<typeof wish>, Fleet, string | undefined][] = [
    ['a name that the policy allows', wish('a'), fleet(), undefined],
    ['a name that it does not', names('shop.example.com', 'bank.example.com'), fleet(), 'name-not-allowed'],
    ['a namespace that it does not speak of', { ...wish('a'), namespace: 'other' }, fleet(), 'name-not-allowed'],
    ['no policy', wish('a'), inProd({ namePolicy: [] }), 'name-not-allowed'],
    ['a cluster that is only looked at', wish('a'), inProd({ mode: 'audit' }), 'audit'],
    [
      'a line that manages in it',
      wish('a'),
      inProd({ mode: 'audit', namePolicy: [{ ...line, mode: 'manage' }] }),
      undefined,
    ],
    ['a line that only looks', wish('a'), inProd({ namePolicy: [{ ...line, mode: 'audit' }] }), 'audit'],
    ['the owner of the fleet needs no policy', { ...names('bank.example.com'), from: 'file' }, fleet(), undefined],
    [
      'but no write where only looked at',
      { ...names('bank.example.com'), from: 'file' },
      inProd({ mode: 'audit' }),
      'audit',
    ],
    ['a name of no zone', { ...names('shop.example.org'), from: 'file' }, fleet(), 'challenge-impossible'],
    [
      'an address from ACME',
      { ...wish('a', { spec: spec({ ipAddresses: ['192.0.2.1'] }) }), from: 'file' },
      fleet(),
      'unsupported',
    ],
  ];
  test.each(rows)('%s', (_what, one, of, reason) => {
    const { wanted, request } = want(one, context(of));
    expect(wanted.held?.reason).toBe(reason);
    expect([wanted.issuance === undefined, request === undefined]).toEqual([
      reason !== undefined,
      reason !== undefined,
    ]);
  });

  test('Secrets are taken over where the line says so, and only for what is found in the cluster', () => {
    const adopting = inProd({ namePolicy: [{ ...line, adopt: true }] });
    const adopts = (one: ReturnType<typeof wish>, of: Fleet) =>
      want(one, context(of)).wanted.places.map((p) => p.adopt);
    expect(adopts(wish('a'), adopting)).toEqual([true]);
    expect(adopts(wish('a'), inProd({ namePolicy: [line] }))).toEqual([false]);
    expect(adopts({ ...wish('a'), from: 'file' }, adopting)).toEqual([false]);
  });

  test('nothing is ever asked for a name outside the policy, common name and addresses included', () => {
    const ofCa = { type: 'ca', secretName: 'ca', crlDistributionPoints: [], ocspServers: [] } as const;
    const byCa: Issuer = { ...LETS_ENCRYPT, spec: { ...ofCa, issuingCertificateUrls: [] } };
    const label = fc.constantFrom('shop.example.com', 'a.shop.example.com', '*.shop.example.com', 'bank.example.com');
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 4 }),
        fc.option(label, { nil: undefined }),
        (dnsNames, cn) => {
          const asked = spec({ secretName: 'a', dnsNames, ...(cn ? { commonName: cn } : {}) });
          const { request } = want(wish('a', { spec: asked }), context(fleet(), [byCa]));
          const vouched = [...dnsNames, ...(cn ? [cn] : [])];
          expect(request === undefined).toBe(vouched.includes('bank.example.com'));
        },
      ),
    );
  });
});

describe('who shares a key', () => {
  const idIn = (source: string, of: Fleet, more = {}) =>
    want(wish('a', { source, id: `${source}/shop/a`, ...more }), context(of)).wanted.issuance;
  test('the same wish in one cluster, or in clusters of one trust domain', () => {
    const together = fleet({
      clusters: [cluster('prod', { trustDomain: 'x' }), cluster('edge', { trustDomain: 'x' })],
    });
    expect(idIn('prod', fleet())).toBe(want(wish('b'), context()).wanted.issuance);
    expect(idIn('prod', fleet())).not.toBe(idIn('edge', fleet()));
    expect(idIn('prod', together)).toBe(idIn('edge', together));
  });
  test('a FleetCertificate with nobody but itself', () => {
    const fleetWish = { origin: 'FleetCertificate', from: 'file' } as const;
    expect(idIn('prod', fleet(), fleetWish)).not.toBe(idIn('prod', fleet()));
    expect(idIn('fleet', fleet(), { ...fleetWish, id: 'fleet/a' })).not.toBe(
      idIn('fleet', fleet(), { ...fleetWish, id: 'fleet/b' }),
    );
  });
});

test('a FleetCertificate is not wanted in clusters that are only looked at', () => {
  const places = [place('a'), 'edge/shop/a', 'secretsmanager/certs/a'].map((one) => ({ place: one, adopt: false }));
  const asked = wish('a', { id: 'fleet/a', source: 'fleet', origin: 'FleetCertificate', from: 'file', places });
  const { wanted } = want(asked, context(inProd({ mode: 'audit' })));
  expect(wanted.places.map((one) => one.place)).toEqual(['edge/shop/a', 'secretsmanager/certs/a']);
});

describe('an issuer that was found in a cluster which only a reach can ask', () => {
  const reach = { name: 'corp', vpcId: 'vpc-1', subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] };
  const service = (more: Partial<Fleet> = {}): Fleet => ({
    ...inProd({ reach: 'corp' }),
    ...{ reach: [reach], isDeployed: true, ...more },
  });
  const { isDeployed: _service, ...onAMachine } = service();
  const caSpec = { crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] };
  const found = (spec: Issuer['spec']): Issuer => issuer('prod/own', { name: 'own', source: 'prod', spec });
  const ca = found({ type: 'ca', secretName: 'root', ...caSpec });
  const acme = (more: object = {}): Issuer =>
    found({ ...acmeIssuer('https://ca/dir').spec, ...more } as AcmeIssuerSpec);
  const eab = { externalAccountBinding: { keyId: 'k', keySecret: { name: 'eab', key: 'hmac' } } };
  const asked = (one: Issuer, of: Fleet) => want(ref('own', 'ClusterIssuer'), context(of, [one]));

  test.each([
    ['a private CA', ca, 'root'],
    ['an account that is bound by a key', acme(eab), 'eab'],
  ])('%s is told with what to do', (_what, one, secret) => {
    const { wanted, request } = asked(one, service());
    expect(request).toBeUndefined();
    expect(wanted.held).toEqual({
      reason: 'unsupported',
      message: `its ClusterIssuer own needs the Secret ${secret} of prod, which only the copies in corp can reach`,
      fix: `Put the ClusterIssuer own into the fleet file, and the keys of ${secret} into Secrets Manager as nolapse/acme/${secret}`,
    });
    const [finding] = judgeHeld(wanted, [], { standing: { references: [], managedBy: 'nobody' }, now: NOW });
    expect(finding).toMatchObject({ code: 'unreadable', fix: wanted.held?.fix });
  });

  test.each([
    ['ACME without such a key', acme(), service()],
    ['a self-signed one', found({ type: 'selfSigned', crlDistributionPoints: [] }), service()],
    ['a private CA of the file', { ...ca, id: 'fleet/own', source: 'fleet' }, service()],
    ['a private CA where everybody can reach it', ca, service(inProd({}))],
    ['a private CA, asked from a machine of that network', ca, onAMachine],
  ])('%s is used', (_what, one, of) => {
    expect(asked(one, of).wanted.held).toBeUndefined();
  });
});
