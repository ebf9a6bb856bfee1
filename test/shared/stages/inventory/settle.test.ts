/** Gateways beside Ingresses, and Certificates that cert-manager's shim made: who decides about a Secret, and what is never taken for gone. */
import { beforeEach, describe, expect, test } from 'vitest';
import { lookAt, MemoryCluster, object, tlsSecret } from './memory-cluster.ts';

const ISSUER = { 'cert-manager.io/cluster-issuer': 'le' };

let cluster: MemoryCluster;
beforeEach(() => {
  cluster = new MemoryCluster();
});

const ingress = (name: string, hosts: readonly string[], annotations: object = ISSUER, secretName = 'web-tls') =>
  cluster.objects.ingresses.push(
    object(name, { annotations: { ...annotations }, spec: { tls: [{ hosts, secretName }] } }),
  );
const listener = (hostname: string, name = 'web-tls') => ({
  ...{ name: hostname, hostname, port: 443, protocol: 'HTTPS' },
  tls: { mode: 'Terminate', certificateRefs: [{ name }] },
});
const gateway = (name: string, listeners: readonly object[], annotations: object = ISSUER) =>
  cluster.objects.gateways.push(object(name, { annotations: { ...annotations }, spec: { listeners } }));

/** As the shim makes one for the Ingress or Gateway `maker`. */
function made(maker: string, spec: object = {}, kind = 'Ingress'): void {
  const own = {
    secretName: 'web-tls',
    dnsNames: ['web.example.com'],
    issuerRef: { name: 'le', kind: 'ClusterIssuer' },
  };
  const { metadata, ...rest } = object('web-tls', { spec: { ...own, ...spec } });
  const ownerReferences = [{ kind, name: maker, uid: `uid-${maker}`, controller: true }];
  cluster.objects.certificates.push({ ...rest, metadata: { ...metadata, ownerReferences } });
}

/** What is asked for, as origin, id and names; what cannot be; and what is named. */
async function found() {
  const { asked, unreadable, named } = await lookAt(cluster);
  return {
    asked: asked.map(({ origin, id, spec }) => [origin, id, ...spec.dnsNames, ...spec.ipAddresses].join(' ')),
    told: unreadable.flatMap(({ object: { kind, name }, problems }) => [`${kind} ${name}`, ...problems]),
    named: [...named],
  };
}

describe('a Gateway', () => {
  test('asks for a Certificate for each Secret of its listeners', async () => {
    gateway('edge', [listener('a.example.com'), listener('b.example.com'), listener('c.example.com', 'c-tls')]);
    expect(await found()).toEqual({
      asked: ['Gateway prod/shop/web-tls a.example.com b.example.com', 'Gateway prod/shop/c-tls c.example.com'],
      told: [],
      named: ['prod/shop/web-tls', 'prod/shop/c-tls'],
    });
  });

  test('that is not annotated asks for nothing', async () => {
    gateway('edge', [listener('a.example.com')], {});
    expect(await found()).toEqual({ asked: [], told: [], named: [] });
  });

  test('comes after an older Ingress for the same Secret, and is told where its hosts are left out', async () => {
    ingress('web', ['a.example.com']);
    gateway('edge', [listener('a.example.com'), listener('b.example.com')]);
    const { asked, told } = await found();
    expect(asked).toEqual(['Ingress prod/shop/web-tls a.example.com']);
    const why = 'the Secret web-tls is decided by the older Ingress web, which does not ask for b.example.com';
    expect(told).toEqual(['Gateway edge', why]);
  });

  test('with a listener that is passed over is told, and asks for the others', async () => {
    gateway('edge', [listener(''), listener('b.example.com')]);
    expect(await found()).toMatchObject({
      asked: ['Gateway prod/shop/web-tls b.example.com'],
      told: ['Gateway edge', 'Skipped a listener block: spec.listeners[0].hostname: Required value'],
    });
  });

  test('that may not be read leaves the look whole, and says that it was not', async () => {
    cluster.refuses.gateways = 'Forbidden';
    expect(await lookAt(cluster)).toMatchObject({ whole: true, gatewaysRead: false });
  });
});

test('a Secret that is there and valid stops nobody from asking', async () => {
  cluster.objects['tls-secrets'].push(await tlsSecret('web-tls'));
  ingress('web', ['web.example.com']);
  expect((await found()).asked).toEqual(['Ingress prod/shop/web-tls web.example.com']);
});

describe('a Certificate that the shim made', () => {
  const hosts = ['web.example.com', 'new.example.com'];

  test.each<[string, () => void, string]>([
    ['another host', () => ingress('web', hosts), 'web.example.com new.example.com'],
    [
      'another issuer',
      () => ingress('web', ['web.example.com'], { 'cert-manager.io/issuer': 'own' }),
      'web.example.com',
    ],
    [
      'another host of a Gateway',
      () =>
        gateway(
          'web',
          hosts.map((host) => listener(host)),
        ),
      'web.example.com new.example.com',
    ],
  ])('follows its maker: %s', async (_, make, names) => {
    make();
    made('web');
    const { asked, told } = await found();
    expect([asked, told]).toEqual([[`Certificate prod/shop/web-tls ${names}`], []]);
  });

  test.each([
    ['common name', { 'cert-manager.io/common-name': 'web.example.com' }, { commonName: 'web.example.com' }],
    ['duration', { 'cert-manager.io/duration': '100h' }, { durationMs: 360_000_000 }],
    ['renewBefore', { 'cert-manager.io/renew-before': '10h' }, { renewBeforeMs: 36_000_000 }],
    ['key', { 'cert-manager.io/private-key-algorithm': 'ECDSA' }, { privateKey: { algorithm: 'ECDSA' } }],
    ['encoding', { 'cert-manager.io/private-key-encoding': 'PKCS8' }, { privateKey: { encoding: 'PKCS8' } }],
  ])('follows its maker in its %s', async (_, annotations, spec) => {
    ingress('web', ['web.example.com'], { ...ISSUER, ...annotations });
    made('web');
    expect((await lookAt(cluster)).asked).toMatchObject([{ origin: 'Certificate', spec }]);
  });

  test.each([
    ['addresses', { 'cert-manager.io/ip-sans': '10.0.0.1' }, { ipAddresses: [] }],
    ['mail addresses', { 'cert-manager.io/email-sans': 'a@b.c' }, { emailAddresses: [] }],
    ['subject', { 'cert-manager.io/subject-countries': 'DE' }, { subject: {} }],
    ['usages', { 'cert-manager.io/usages': 'server auth' }, { usages: ['digital signature', 'key encipherment'] }],
    ['template', { 'cert-manager.io/secret-template': '{"labels":{"a":"b"}}' }, { secretTemplate: { labels: {} } }],
    ['percentage', { 'cert-manager.io/renew-before-percentage': '20' }, { dnsNames: ['web.example.com'] }],
  ])('does not follow its maker where nothing but its %s changed', async (_, annotations, spec) => {
    ingress('web', ['web.example.com'], { ...ISSUER, ...annotations });
    made('web');
    expect((await lookAt(cluster)).asked).toMatchObject([{ origin: 'Certificate', spec }]);
  });

  test('is given up with the Secret that its maker does not name any more', async () => {
    ingress('web', ['web.example.com'], ISSUER, 'other-tls');
    made('web');
    expect(await found()).toEqual({
      asked: ['Ingress prod/shop/other-tls web.example.com'],
      ...{ told: [], named: ['prod/shop/other-tls'] },
    });
  });

  test.each<[string, () => void]>([
    ['whose maker is gone', () => undefined],
    ['whose maker asks for nothing any more', () => ingress('web', hosts, {})],
    ['whose maker contradicts itself', () => ingress('web', hosts, { ...ISSUER, 'cert-manager.io/issuer': 'x' })],
    ['that another object made', () => ingress('other', ['web.example.com'])],
  ])('decides as it is: one %s', async (_, make) => {
    make();
    made('web');
    expect((await found()).asked).toEqual(['Certificate prod/shop/web-tls web.example.com']);
  });
});

test.each([
  ['contradict each other', { ...ISSUER, 'cert-manager.io/issuer': 'x' }],
  ['are malformed', { ...ISSUER, 'cert-manager.io/duration': 'soon' }],
])('what an Ingress names is not gone when its annotations %s', async (_, annotations) => {
  ingress('web', ['web.example.com'], annotations);
  expect(await found()).toMatchObject({ asked: [], named: ['prod/shop/web-tls'] });
});
