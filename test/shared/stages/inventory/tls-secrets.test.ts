/** Which bodies of TLS Secrets are read, and that a Secret's key never leaves with them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { look } from '../../../../shared/stages/inventory/look.ts';
import { changed, keyPem, lookAt, MemoryCluster, NOW, object, snapshotOf, tlsSecret } from './memory-cluster.ts';

const DAY_MS = 86_400_000;
const later = (ms: number): Date => new Date(NOW.getTime() + ms);
const aboutSecrets = (cluster: MemoryCluster): readonly string[] =>
  cluster.asked.filter((one) => one.startsWith('tls-secrets') || one.startsWith('get')).sort();

let cluster: MemoryCluster;
const change = (index: number): void => {
  const secrets = cluster.objects['tls-secrets'];
  secrets.splice(index, 1, ...secrets.slice(index, index + 1).map(changed));
};
/** A first look that remembers, so that what follows is a second one. */
async function firstLook() {
  const first = snapshotOf(await lookAt(cluster));
  cluster.asked.length = 0;
  return first;
}

beforeEach(async () => {
  cluster = new MemoryCluster();
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  cluster.objects['tls-secrets'].push(...(await Promise.all(names.map((name) => tlsSecret(name)))));
});

test('a first look lists everything once, with bodies', async () => {
  const seen = await lookAt(cluster);
  expect(aboutSecrets(cluster)).toEqual(['tls-secrets as object']);
  expect(seen.observations.map(({ place }) => place)).toEqual(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((n) => `prod/shop/${n}`),
  );
  expect(seen.observations[0]).toMatchObject({ keyMatches: true, chain: [{ dnsNames: ['shop.example.com'] }] });
  expect(seen).toMatchObject({ wholeAt: NOW.toISOString(), whole: true, secretsRead: true, gaps: [] });
});

describe('a second look', () => {
  test('reads no body where nothing changed, and knows the same', async () => {
    const previous = await firstLook();
    const seen = await lookAt(cluster, previous, later(DAY_MS));
    expect(aboutSecrets(cluster)).toEqual(['tls-secrets as metadata']);
    expect(seen.observations).toEqual(previous.observations);
    expect(seen).toMatchObject({ asOf: later(DAY_MS).toISOString(), wholeAt: previous.wholeAt });
  });

  test('reads the bodies of what was written again or made anew, and no other', async () => {
    const previous = await firstLook();
    change(1);
    cluster.objects['tls-secrets'].push(await tlsSecret('new'));
    const seen = await lookAt(cluster, previous);
    expect(aboutSecrets(cluster)).toEqual(['get shop/b', 'get shop/new', 'tls-secrets as metadata']);
    expect(seen.observations.map(({ version }) => version)).toEqual(
      cluster.objects['tls-secrets'].map(({ metadata }) => metadata.resourceVersion),
    );
  });

  test('reads a Secret again that was deleted and made anew at the same version', async () => {
    const previous = await firstLook();
    const [first, ...rest] = previous.observations;
    const other = { ...previous, observations: [...(first ? [{ ...first, uid: 'another' }] : []), ...rest] };
    await lookAt(cluster, other);
    expect(aboutSecrets(cluster)).toEqual(['get shop/a', 'tls-secrets as metadata']);
  });

  test('does not know what vanished before or between list and get', async () => {
    const previous = await firstLook();
    cluster.objects['tls-secrets'].splice(0, 1);
    change(2);
    cluster.vanished.push('d');
    const seen = await lookAt(cluster, previous);
    expect(seen.observations.map(({ place }) => place.slice(-1))).toEqual(['b', 'c', 'e', 'f', 'g']);
    expect(seen).toMatchObject({ whole: true, secretsRead: true });
  });

  test.each([
    ['a third changed', [0, 1], 'metadata', 0],
    ['more than a third changed', [0, 1, 2], 'object', 2 * DAY_MS],
  ])('after %s', async (_, indices, last, wholeLater) => {
    cluster.objects['tls-secrets'].pop();
    const previous = await firstLook();
    indices.forEach(change);
    const seen = await lookAt(cluster, previous, later(2 * DAY_MS));
    expect(cluster.asked.filter((one) => one.startsWith('tls-secrets')).at(-1)).toBe(`tls-secrets as ${last}`);
    expect(seen.wholeAt).toBe(later(wholeLater).toISOString());
    expect(seen.observations).toHaveLength(6);
  });

  test.each([
    ['a moment less than a week', 7 * DAY_MS - 1, 'metadata'],
    ['a week', 7 * DAY_MS, 'object'],
  ])('after %s', async (_, ms, as) => {
    await lookAt(cluster, await firstLook(), later(ms));
    expect(aboutSecrets(cluster)).toEqual([`tls-secrets as ${as}`]);
  });

  test('lists all bodies where Secrets may be listed and not got', async () => {
    const previous = await firstLook();
    change(0);
    cluster.refuses.get = 'Forbidden';
    const seen = await lookAt(cluster, previous);
    expect(cluster.asked).toContain('tls-secrets as object');
    expect(seen).toMatchObject({ whole: true, secretsRead: true });
    expect(seen.observations).toHaveLength(7);
  });
});

describe('the PEM of a chain', () => {
  const pemAt = async (previous?: Awaited<ReturnType<typeof firstLook>>, fleet: readonly string[] = []) => {
    const isAskedFor = (place: string): boolean => fleet.includes(place);
    const seen = await look(cluster, { cluster: 'prod', now: NOW, isAskedFor, ...(previous ? { previous } : {}) });
    const held = seen.observations
      .filter(({ chainPem }) => chainPem?.startsWith('-----BEGIN'))
      .map(({ place }) => place);
    return { held, previous: snapshotOf(seen) };
  };
  const ask = (name: string) =>
    cluster.objects.certificates.push(
      object(name, { spec: { secretName: name, dnsNames: ['shop.example.com'], issuerRef: { name: 'own' } } }),
    );

  test('is kept of what a Certificate or the fleet asks for, and of nothing else', async () => {
    ask('b');
    const first = await pemAt(undefined, ['prod/shop/d']);
    expect(first.held).toEqual(['prod/shop/b', 'prod/shop/d']);
    cluster.asked.length = 0;
    cluster.objects.certificates.length = 0;
    expect((await pemAt(first.previous, ['prod/shop/d'])).held).toEqual(['prod/shop/d']);
    expect(aboutSecrets(cluster)).toEqual(['tls-secrets as metadata']);
  });

  test('is read once somebody asks for it, although nothing changed', async () => {
    const { previous } = await pemAt();
    ask('b');
    cluster.asked.length = 0;
    const second = await pemAt(previous);
    expect(second.held).toEqual(['prod/shop/b']);
    expect(aboutSecrets(cluster)).toEqual(['get shop/b', 'tls-secrets as metadata']);
    cluster.asked.length = 0;
    expect((await pemAt(second.previous)).held).toEqual(['prod/shop/b']);
    expect(aboutSecrets(cluster)).toEqual(['tls-secrets as metadata']);
  });
});

describe('many changed bodies', () => {
  const MANY = Array.from({ length: 60 }, (_, i) => i);
  const CHANGED = 20;
  beforeEach(async () => {
    cluster.objects['tls-secrets'] = await Promise.all(MANY.map((i) => tlsSecret(`s${i}`)));
  });

  test('are fetched eight at a time', async () => {
    const previous = await firstLook();
    MANY.slice(0, CHANGED).forEach(change);
    await lookAt(cluster, previous);
    expect(aboutSecrets(cluster)).toHaveLength(CHANGED + 1);
    expect(cluster.atOnce).toBe(8);
  });

  test('are left alone once one cannot be read', async () => {
    const previous = await firstLook();
    MANY.slice(0, CHANGED).forEach(change);
    cluster.refuses.get = 'InternalError';
    await expect(lookAt(cluster, previous)).rejects.toThrow('no get');
    for (const _ of MANY) await new Promise(setImmediate);
    expect(aboutSecrets(cluster).length).toBeLessThan(CHANGED);
  });
});

test('progress counts Secrets up, and not from the beginning when all are listed again', async () => {
  const previous = await firstLook();
  [0, 1, 2].forEach(change);
  const seen: number[] = [];
  await look(cluster, { cluster: 'prod', previous, now: NOW, progress: (n) => seen.push(n) });
  expect(seen).toEqual([3, 6, 7]);
});

test('keys in data, and in annotations of any name, are not in a look', async () => {
  const pem = await keyPem();
  const encoded = Buffer.from(pem).toString('base64');
  const applied = JSON.stringify({ data: { 'tls.key': encoded } });
  const planted = await tlsSecret('planted', {
    'kubectl.kubernetes.io/last-applied-configuration': applied,
    'cert-manager.io/issuer-name': pem,
  });
  cluster.objects['tls-secrets'].push(planted);
  const previous = await firstLook();
  change(7);
  const found = [previous, await lookAt(cluster, previous)].map((one) => JSON.stringify(one));
  const line = pem.split('\n')[1] ?? '';
  const needles = [line, encoded, Buffer.from(line).toString('base64').slice(4, -4), 'PRIVATE KEY'];
  expect(needles.filter((needle) => found.some((text) => text.includes(needle)))).toEqual([]);
  expect(found.map((text) => text.includes('"keyInAnnotation"'))).toEqual([true, true]);
});
