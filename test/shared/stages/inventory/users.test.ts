/** Gateways: which Secrets they use; and a cluster that refuses to tell what is optional loses nothing else. */
import { beforeEach, expect, test } from 'vitest';
import { OPTIONAL_KINDS } from '../../../../shared/contract/ports.ts';
import { lookAt, MemoryCluster, object, tlsSecret } from './memory-cluster.ts';

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

test('its listeners are where TLS ends for a host', async () => {
  const tls = { certificateRefs: [{ name: 'shop-tls' }] };
  const listeners = [
    ...[
      { hostname: 'a.example.com', port: 8443, tls },
      { hostname: 'b.example.com', tls },
    ],
    ...[
      { port: 443, tls },
      { hostname: 'c.example.com', port: 80 },
    ],
  ];
  cluster.objects.gateways.push(object('front', { spec: { listeners } }));
  const one = { namespace: 'shop', by: 'Gateway shop/front', places: ['prod/shop/shop-tls'] };
  expect((await lookAt(cluster)).listeners).toEqual([
    { ...one, host: 'a.example.com', port: 8443 },
    { ...one, host: 'b.example.com', port: 443 },
  ]);
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

test.each(OPTIONAL_KINDS)('%s that may not be listed are a gap, and all else is whole', async (kind) => {
  cluster.refuses[kind] = 'Forbidden';
  const seen = await lookAt(cluster);
  expect(seen).toMatchObject({ whole: true, gaps: [{ what: kind, fix: `allow ${kind}` }] });
  expect(seen.observations).toHaveLength(1);
});
