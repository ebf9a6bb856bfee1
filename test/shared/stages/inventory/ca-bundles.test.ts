/** CAs in objects: which end, which are not what cert-manager was to write, and that big objects are read when they changed only. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { KubernetesObject, OptionalKind } from '../../../../shared/contract/ports.ts';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { type Made, makeKey, makeLeaf, makeRoot } from '../../../fixtures/x509.ts';
import { brief, source } from '../assess/judged-things.ts';
import { changed, lookAt, MemoryCluster, NOW, object, snapshotOf, tlsSecret } from './memory-cluster.ts';

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = new MemoryCluster();
  cluster.objects['tls-secrets'].push(await tlsSecret('shop-tls'));
});

const days = (n: number): Date => new Date(NOW.getTime() + n * 86_400_000);
const caEnding = (left: number) =>
  makeRoot({ notBefore: days(left - 100), notAfter: days(left), commonName: `ends ${left}` });
const webhook = async (lefts: readonly number[], annotations = {}) => {
  const pems = await Promise.all(lefts.map(async (left) => (await caEnding(left)).pem));
  const caBundle = Buffer.from(pems.join('')).toString('base64');
  return { ...object('guard', { annotations }), webhooks: [{ name: 'a', clientConfig: { caBundle } }, { name: 'b' }] };
};

test.each<[string, readonly number[], object, readonly string[]]>([
  ['ends in 21 days', [21], {}, []],
  ['ends in 20 days', [20], {}, ['ca-expiring high']],
  ['ends in 7 days', [7], {}, ['ca-expiring critical']],
  ['has ended', [-1], {}, ['ca-expiring critical']],
  ['ends soon, beside one that does not', [5, 90], {}, []],
  ['ends soon, and is written by OpenShift', [5], { 'service.beta.openshift.io/inject-cabundle': 'true' }, []],
])('a CA in a webhook that %s', async (_, lefts, annotations, expected) => {
  cluster.objects['mutating-webhooks'].push(await webhook(lefts, annotations));
  const { bundles } = await lookAt(cluster);
  const { verdicts } = judgeSource(source({ bundles }), NOW);
  expect(brief(verdicts)).toEqual(expected.map((code) => `${code} MutatingWebhookConfiguration/guard`));
});

test('a CA of a webhook that is no certificate is passed over, and its Secret is used by the webhook', async () => {
  const { pem, keyPem } = await makeLeaf({ isCA: true, commonName: 'own' });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const own = object('own', { data: { 'tls.crt': base64(pem), 'tls.key': base64(keyPem) }, type: 'kubernetes.io/tls' });
  cluster.objects['tls-secrets'].push(own);
  const clientConfigs = [base64(pem), base64('no certificate'), 7].map((caBundle) => ({ clientConfig: { caBundle } }));
  cluster.objects['validating-webhooks'].push({ ...object('guard'), webhooks: clientConfigs });
  const { bundles, observations } = await lookAt(cluster);
  expect(bundles).toHaveLength(1);
  const { views } = judgeSource(source({ bundles, observations }), NOW);
  expect([...views].map(({ name, references }) => [name, references])).toEqual([
    ['shop-tls', undefined],
    ['own', ['ValidatingWebhookConfiguration guard']],
  ]);
});

test('an annotation that names nothing is not kept: it may hold a key', async () => {
  const keyPem = String(makeKey().export({ type: 'pkcs8', format: 'pem' }));
  const guard = await webhook([5], { 'cert-manager.io/inject-ca-from-secret': `shop/${keyPem.replaceAll('/', '')}` });
  cluster.objects['mutating-webhooks'].push(guard);
  const { bundles } = await lookAt(cluster);
  expect(bundles).toHaveLength(1);
  expect(JSON.stringify(bundles)).not.toContain('PRIVATE KEY');
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const service = { namespace: 'shop', name: 'guard' };
type Texts = Readonly<Record<string, string>>;

/** What asks whom by `caBundle`, one of each kind. */
const CARRIERS: readonly [
  OptionalKind,
  string,
  (caBundle: string | undefined, annotations?: Texts) => KubernetesObject,
][] = [
  [
    'validating-webhooks',
    'ValidatingWebhookConfiguration',
    (caBundle, annotations = {}) => ({
      ...object('guard', { annotations }),
      webhooks: [{ name: 'a', clientConfig: { service, caBundle } }],
    }),
  ],
  [
    'custom-resource-definitions',
    'CustomResourceDefinition',
    (caBundle, annotations = {}) =>
      object('guard', {
        annotations,
        spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { service, caBundle } } } },
      }),
  ],
  [
    'api-services',
    'APIService',
    (caBundle, annotations = {}) => object('guard', { annotations, spec: { service, caBundle } }),
  ],
];

async function verdicts() {
  const { bundles, observations } = await lookAt(cluster);
  return judgeSource(source({ bundles, observations }), NOW).verdicts.filter(({ object: of }) => of.name === 'guard');
}

describe.each(CARRIERS)('in %s', (kind, name, carrier) => {
  test('a CA that ends soon is told', async () => {
    cluster.objects[kind].push(carrier(base64((await caEnding(7)).pem)));
    expect(brief(await verdicts())).toEqual([`ca-expiring critical ${name}/guard`]);
  });

  test('a CA that has long to go is not, nor one that asks nobody', async () => {
    cluster.objects[kind].push(carrier(base64((await caEnding(70)).pem)), object('local', { spec: {} }));
    expect(await verdicts()).toEqual([]);
  });

  test('that cert-manager did not write is told, with who was to be the source', async () => {
    await sourceOf(await caEnding(80));
    cluster.objects[kind].push(carrier(base64((await caEnding(40)).pem), OF_CERTIFICATE));
    const [one] = await verdicts();
    expect(one).toMatchObject({ code: 'ca-drift', severity: 'high', object: { kind: name, name: 'guard' } });
    expect(one?.evidence).toMatchObject({ currentCa: 'prod/shop/source' });
    expect(one?.fix).toContain('cert-manager-cainjector');
  });
});

const OF_CERTIFICATE = { 'cert-manager.io/inject-ca-from': 'shop/source' };
const OF_SECRET = { 'cert-manager.io/inject-ca-from-secret': 'shop/source' };
const OWN = { 'cert-manager.io/certificate-name': 'source' };

/** The Secret `source` with a pair that the CA signed, and the Certificate that asks for it. */
async function sourceOf(issuer: Made, annotations: Texts = OWN, kind = 'kubernetes.io/tls') {
  const { pem, keyPem } = await makeLeaf({ issuer });
  const pair = kind === 'Opaque' ? {} : { 'tls.crt': base64(pem), 'tls.key': base64(keyPem) };
  const secret = object('source', { annotations, type: kind, data: { ...pair, 'ca.crt': base64(issuer.pem) } });
  if (kind === 'Opaque') cluster.others.push(secret);
  else cluster.objects['tls-secrets'].push(secret);
  const issuerRef = { name: 'own', kind: 'Issuer' };
  cluster.objects.certificates.push(
    object('source', { spec: { secretName: 'source', dnsNames: ['guard.shop.svc'], issuerRef } }),
  );
}

describe('what cert-manager is to write', () => {
  const [, , webhookOf] = CARRIERS[0] ?? [];
  const put = (text: string | undefined, annotations: Texts): void => {
    const carrier = webhookOf?.(text === undefined ? undefined : base64(text), annotations);
    if (carrier) cluster.objects['validating-webhooks'].push(carrier);
  };

  test('is held: nothing is told of it, however soon it ends, and its Secret is used', async () => {
    const ca = await caEnding(5);
    await sourceOf(ca);
    put(ca.pem, OF_CERTIFICATE);
    const { bundles, observations } = await lookAt(cluster);
    const judged = judgeSource(source({ bundles, observations }), NOW);
    expect(judged.verdicts.filter(({ object: of }) => of.name === 'guard')).toEqual([]);
    expect([...judged.views].find(({ name }) => name === 'source')?.references).toEqual([
      'ValidatingWebhookConfiguration guard',
    ]);
  });

  test('is held beside an older one', async () => {
    const [old, current] = [await caEnding(5), await caEnding(80)];
    await sourceOf(current);
    put(old.pem + current.pem, OF_CERTIFICATE);
    expect(await verdicts()).toEqual([]);
  });

  test('is a copy with the same key: a warning', async () => {
    const key = makeKey();
    const life = (left: number) => makeRoot({ key, notBefore: days(left - 100), notAfter: days(left) });
    await sourceOf(await life(80));
    put((await life(40)).pem, OF_CERTIFICATE);
    expect(brief(await verdicts())).toEqual(['ca-drift warning ValidatingWebhookConfiguration/guard']);
  });

  test.each([
    ['is another, which has ended', -1, 'critical'],
    ['is not there at all', undefined, 'high'],
  ] as const)('%s', async (_, left, severity) => {
    await sourceOf(await caEnding(80));
    put(left === undefined ? undefined : (await caEnding(left)).pem, OF_CERTIFICATE);
    expect(brief(await verdicts())).toEqual([`ca-drift ${severity} ValidatingWebhookConfiguration/guard`]);
  });

  test.each<[string, Texts, Texts, string]>([
    ['a Secret that may not be taken', OF_SECRET, {}, 'annotate secret source cert-manager.io/allow-direct-injection'],
    ['a Secret that may be taken', OF_SECRET, { 'cert-manager.io/allow-direct-injection': 'true' }, 'cainjector'],
    ['a Secret of another Certificate', OF_CERTIFICATE, { 'cert-manager.io/certificate-name': 'x' }, 'not marked'],
  ])('from %s: the fix', async (_, annotations, ofSecret, fix) => {
    await sourceOf(await caEnding(80), ofSecret);
    put((await caEnding(40)).pem, annotations);
    expect((await verdicts()).map((one) => one.fix)).toEqual([expect.stringContaining(fix)]);
  });

  test('comes from a Secret of another type, which is read by its name', async () => {
    const ca = await caEnding(80);
    await sourceOf(ca, { 'cert-manager.io/allow-direct-injection': 'true' }, 'Opaque');
    put(ca.pem, OF_SECRET);
    expect(await verdicts()).toEqual([]);
    put((await caEnding(40)).pem, OF_SECRET);
    expect(brief(await verdicts())).toEqual(['ca-drift high ValidatingWebhookConfiguration/guard']);
  });

  test('has nothing to come from: its end is told, and what is missing', async () => {
    put((await caEnding(5)).pem, OF_CERTIFICATE);
    const [one] = await verdicts();
    expect(one).toMatchObject({ code: 'ca-expiring', severity: 'critical' });
    expect(one?.fix).toContain('the Certificate shop/source, which is not there');
  });

  test('is not known where Certificates may not be read: nothing is told', async () => {
    cluster.refuses.certificates = 'Forbidden';
    put((await caEnding(5)).pem, OF_CERTIFICATE);
    expect(await verdicts()).toEqual([]);
  });

  test('changed after the Secrets were listed: it is looked at again', async () => {
    const [old, current] = [await caEnding(40), await caEnding(80)];
    await sourceOf(old);
    put(current.pem, OF_CERTIFICATE);
    const [first, listed] = cluster.objects['tls-secrets'];
    await sourceOf(current);
    const now = cluster.objects['tls-secrets'].at(-1);
    if (!first || !listed || !now) throw new Error('no Secrets');
    cluster.objects['tls-secrets'] = [first, listed];
    cluster.rewritten.push(now);
    expect(await verdicts()).toEqual([]);
  });
});

test('definitions are read whole the first time, and then only when one of them changed', async () => {
  const [, , definitionOf] = CARRIERS[1] ?? [];
  const definition = definitionOf?.(base64((await caEnding(7)).pem));
  if (!definition) throw new Error('no definition');
  const all = cluster.objects['custom-resource-definitions'];
  all.push(definition, object('other', { spec: {} }));
  const asked = (): readonly string[] =>
    cluster.asked.splice(0).filter((one) => one.startsWith('custom-resource-definitions'));
  const first = await lookAt(cluster);
  expect(asked()).toEqual(['custom-resource-definitions as object']);
  const second = await lookAt(cluster, snapshotOf(first));
  expect(asked()).toEqual(['custom-resource-definitions as metadata']);
  expect(second.bundles).toEqual(first.bundles);
  expect(second.bundles).toHaveLength(1);
  all[1] = changed(all[1] ?? definition);
  all.shift();
  const third = await lookAt(cluster, snapshotOf(second));
  expect(asked()).toEqual(['custom-resource-definitions as metadata', 'custom-resource-definitions as object']);
  expect(third.bundles).toEqual([]);
});
