/** Gateways and webhooks: which Secrets they use, which CAs they carry, and that a cluster which refuses to tell loses nothing else. */
import { beforeEach, expect, test } from 'vitest';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { makeLeaf, makeRoot } from '../../../fixtures/x509.ts';
import { brief, source } from '../assess/judged-things.ts';
import { lookAt, MemoryCluster, NOW, object, tlsSecret } from './memory-cluster.ts';

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = new MemoryCluster();
  cluster.objects['tls-secrets'].push(await tlsSecret('shop-tls'));
});

const gateway = (...certificateRefs: readonly object[]) =>
  object('front', { spec: { listeners: [{ name: 'https', tls: { certificateRefs } }, { name: 'http' }] } });
const grant = (from: object, to: object) => {
  const one = object('grant', { spec: { from: [from], to: [to] } });
  return { ...one, metadata: { ...one.metadata, namespace: 'certs' } };
};
const GATEWAYS = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'shop' };

test('a Gateway uses the Secrets of its listeners', async () => {
  const others = [
    { name: 'x', kind: 'ConfigMap' },
    { name: 'x', group: 'example.com' },
  ];
  cluster.objects.gateways.push(gateway({ name: 'shop-tls' }, ...others));
  const { references, whole } = await lookAt(cluster);
  expect([references, whole]).toEqual([[{ place: 'prod/shop/shop-tls', by: 'Gateway shop/front' }], true]);
});

test.each([
  ['without a grant', undefined, false],
  ['with a grant', grant(GATEWAYS, { group: '', kind: 'Secret' }), true],
  ['with a grant of that name', grant(GATEWAYS, { kind: 'Secret', name: 'wild' }), true],
  ['with a grant of another name', grant(GATEWAYS, { kind: 'Secret', name: 'other' }), false],
  ['with a grant for another namespace', grant({ ...GATEWAYS, namespace: 'web' }, { kind: 'Secret' }), false],
  ['with a grant for HTTPRoutes', grant({ ...GATEWAYS, kind: 'HTTPRoute' }, { kind: 'Secret' }), false],
  ['with a grant to Services', grant(GATEWAYS, { kind: 'Service' }), false],
])('a Secret of another namespace is used %s: %3$s', async (_, given, isUsed) => {
  cluster.objects.gateways.push(gateway({ name: 'wild', namespace: 'certs' }));
  if (given) cluster.objects['reference-grants'].push(given);
  const { references } = await lookAt(cluster);
  expect(references.map(({ place }) => place)).toEqual(isUsed ? ['prod/certs/wild'] : []);
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
  ['ends soon, and is written by cert-manager', [5], { 'cert-manager.io/inject-ca-from': 'shop/x' }, []],
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
  expect(views.map(({ name, references }) => [name, references])).toEqual([
    ['shop-tls', undefined],
    ['own', ['ValidatingWebhookConfiguration guard']],
  ]);
});

test.each(['validating-webhooks', 'gateways'] as const)(
  '%s that may not be listed are a gap, and all else is whole',
  async (kind) => {
    cluster.refuses[kind] = 'Forbidden';
    const seen = await lookAt(cluster);
    expect(seen).toMatchObject({ whole: true, gaps: [{ what: kind, fix: `allow ${kind}` }] });
    expect(seen.observations).toHaveLength(1);
  },
);
