/** What a look says of a cluster that cannot be read wholly: gaps for refusals, an error for a cluster that does not answer. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../../shared/contract/observation.ts';
import { CLUSTER_KINDS } from '../../../../shared/contract/ports.ts';
import type { Look } from '../../../../shared/stages/inventory/look.ts';
import {
  changed,
  lookAt,
  MemoryCluster,
  NOW,
  object,
  type Question,
  refusal,
  snapshotOf,
  tlsSecret,
} from './memory-cluster.ts';

const issuer = (name: string) => object(name, { spec: { selfSigned: {} } });
const certificate = (name: string) =>
  object(name, { spec: { secretName: name, dnsNames: ['shop.example.com'], issuerRef: { name: 'own' } } });

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = new MemoryCluster();
  cluster.objects['tls-secrets'].push(await tlsSecret('shop-tls'));
  cluster.objects.certificates.push(certificate('shop-tls'));
  cluster.objects.ingresses.push(object('web', { spec: { rules: [{ host: 'shop.example.com' }] } }));
  cluster.objects.issuers.push(issuer('own'));
  cluster.objects['cluster-issuers'].push(issuer('everyone'));
});

/** How many of each kind a look holds. */
const counts = ({ observations, ingresses, asked, issuers }: Awaited<ReturnType<typeof lookAt>>) => ({
  'tls-secrets': observations.length,
  ingresses: ingresses.length,
  certificates: asked.length,
  issuers: issuers.filter(({ kind }) => kind === 'Issuer').length,
  'cluster-issuers': issuers.filter(({ kind }) => kind === 'ClusterIssuer').length,
});

test('all kinds are in it', async () => {
  const seen = await lookAt(cluster);
  expect(Object.values(counts(seen))).toEqual([1, 1, 1, 1, 1]);
  expect(seen.issuers.map(({ id, source }) => [id, source])).toEqual([
    ['prod/shop/own', 'prod'],
    ['prod/everyone', 'prod'],
  ]);
  expect(seen).toMatchObject({ uid: 'uid-of-kube-system', asOf: NOW.toISOString(), whole: true, unreadable: [] });
});

test('an object that a list gives twice counts once, as it came last', async () => {
  const first = snapshotOf(await lookAt(cluster));
  for (const kind of CLUSTER_KINDS) cluster.objects[kind].push(...cluster.objects[kind].map(changed));
  const versions = ({ observations }: Snapshot | Look) => observations.map(({ version }) => version);
  const newest = cluster.objects['tls-secrets'].slice(1).map(({ metadata }) => metadata.resourceVersion);
  const seen = await lookAt(cluster);
  expect(Object.values(counts(seen))).toEqual([1, 1, 1, 1, 1]);
  expect(versions(seen)).toEqual(newest);
  expect(versions(await lookAt(cluster, first))).toEqual(newest);
});

test('a Secret of another type is seen where an Ingress names it, and only if it holds a certificate', async () => {
  const named = ['shop-tls', 'opaque', 'empty', 'gone', 'asked'];
  const tls = named.map((secretName) => ({ hosts: ['shop.example.com'], secretName }));
  cluster.objects.ingresses.push(object('other', { spec: { tls } }));
  cluster.objects.certificates.push(certificate('asked'));
  cluster.others.push({ ...(await tlsSecret('opaque')), type: 'Opaque' }, object('empty', { type: 'Opaque' }));
  cluster.others.push({ ...(await tlsSecret('unnamed')), type: 'Opaque' });
  const { observations } = await lookAt(cluster);
  expect(observations.map(({ place, type }) => [place, type])).toEqual([
    ['prod/shop/shop-tls', 'kubernetes.io/tls'],
    ['prod/shop/opaque', 'Opaque'],
  ]);
  expect(cluster.asked.filter((one) => one.startsWith('get'))).toEqual([
    'get shop/opaque',
    'get shop/empty',
    'get shop/gone',
  ]);
});

describe('a refusal', () => {
  test.each(CLUSTER_KINDS)('of %s leaves a gap, and the rest is read', async (kind) => {
    cluster.refuses[kind] = 'Forbidden';
    const seen = await lookAt(cluster);
    expect(counts(seen)).toEqual({ ...counts(await lookAt(await wholeCluster())), [kind]: 0 });
    expect(seen).toMatchObject({ whole: false, secretsRead: kind !== 'tls-secrets' });
    expect(seen.gaps).toEqual([
      { what: kind, problem: expect.stringMatching(new RegExp(`^no ${kind}; .* unknown`)), fix: `allow ${kind}` },
    ]);
  });

  test('of Secrets keeps the time at which all were read', async () => {
    const previous = snapshotOf(await lookAt(cluster));
    cluster.refuses['tls-secrets'] = 'Forbidden';
    expect((await lookAt(cluster, previous, new Date(NOW.getTime() + 1))).wholeAt).toBe(previous.wholeAt);
    expect((await lookAt(cluster)).wholeAt).toBe('1970-01-01T00:00:00.000Z');
  });

  test('of kube-system leaves the cluster unpinned, and all kinds whole', async () => {
    cluster.refuses.uid = 'Forbidden';
    const seen = await lookAt(cluster);
    expect(seen).toMatchObject({ uid: '', whole: true, secretsRead: true, gaps: [{ what: 'kube-system' }] });
  });

  async function wholeCluster(): Promise<MemoryCluster> {
    const other = new MemoryCluster();
    for (const kind of CLUSTER_KINDS) other.objects[kind].push(...cluster.objects[kind]);
    return other;
  }
});

describe('no answer', () => {
  const everything: readonly Question[] = ['uid', ...CLUSTER_KINDS];
  test.each(everything)('when asked for %s goes up, never as an empty cluster', async (what) => {
    for (const reason of ['Unreachable', 'Unauthorized', 'nolapse:exec-not-allowed']) {
      cluster.refuses[what] = reason;
      await expect(lookAt(cluster)).rejects.toEqual(refusal(reason, what));
    }
  });

  test('asks for nothing more where the first answer does not come', async () => {
    cluster.refuses.uid = 'Unreachable';
    await expect(lookAt(cluster)).rejects.toThrow('no uid');
    expect(cluster.asked).toEqual([]);
  });
});

test.each(CLUSTER_KINDS)('trouble of the server with %s is a gap, but for Secrets', async (kind) => {
  cluster.refuses[kind] = 'InternalError';
  const answer = await lookAt(cluster).then(
    ({ gaps }) => gaps.map(({ what }) => what),
    (error: unknown) => error,
  );
  expect(answer).toEqual(kind === 'tls-secrets' ? refusal('InternalError', kind) : [kind]);
});
