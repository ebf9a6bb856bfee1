/** Secrets as an API server gives them: what is seen of the pair, and what is never seen of the key. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../shared/contract/ports.ts';
import { observeSecret } from '../../../../shared/standards/kubernetes/observe.ts';
import { type MadeChain, makeChain } from '../../../fixtures/x509.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let chain: MadeChain;
let other: MadeChain;
beforeAll(async () => {
  [chain, other] = await Promise.all([makeChain({ key: 'RSA-2048' }), makeChain()]);
});

const pair = (): Record<string, string> => ({
  'tls.crt': base64(chain.chainPem),
  'tls.key': base64(chain.leaf.keyPem),
  'ca.crt': base64(chain.root.pem),
});

interface Parts extends Partial<Omit<KubernetesObject, 'metadata'>> {
  readonly metadata?: Partial<KubernetesObject['metadata']>;
}

const secret = ({ metadata, ...parts }: Parts = {}): KubernetesObject => ({
  metadata: { name: 'shop-tls', namespace: 'shop', uid: 'u', resourceVersion: '7', ...metadata },
  type: 'kubernetes.io/tls',
  data: pair(),
  ...parts,
});

const observed = (parts?: Parts) => observeSecret(secret(parts), 'prod');
const withData = (data: Record<string, string>) => observed({ data: { ...pair(), ...data } });

describe('a Secret', () => {
  test('becomes facts, owners and marks', async () => {
    const observation = await observed({
      immutable: true,
      metadata: {
        creationTimestamp: '2026-11-01T08:00:00Z',
        labels: { app: 'shop', 'app.kubernetes.io/managed-by': 'Helm' },
        ownerReferences: [{ kind: 'Certificate', name: 'shop' }],
        managedFields: [
          { manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:tls.crt': {} } } },
          { operation: 'Apply', fieldsV1: { 'f:metadata': {} } },
        ],
      },
    });
    expect(observation).toMatchObject({
      place: 'prod/shop/shop-tls',
      uid: 'u',
      version: '7',
      type: 'kubernetes.io/tls',
      immutable: true,
      keyMatches: true,
      owners: ['Certificate/shop'],
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      createdAt: '2026-11-01T08:00:00.000Z',
      managers: [
        { manager: 'kubectl', operation: 'Update', dataKeys: ['tls.crt'] },
        { manager: 'unknown', operation: 'Apply', dataKeys: [] },
      ],
    });
    expect(Object.keys(observation.labels)).toEqual(['app.kubernetes.io/managed-by']);
    expect(observation.chain.map(({ dnsNames }) => dnsNames)).toEqual([['shop.example.com'], []]);
    expect(observation.ca?.subject).toBe('CN=Test Root');
    expect(observation.problem).toBeUndefined();
  });

  test('without data misses it', async () => {
    const { data: _, ...bare } = secret();
    expect(await observeSecret(bare, 'prod')).toMatchObject({ chain: [], problem: { code: 'missing-data' } });
  });

  test('with CRLF line ends is read as any other', async () => {
    const crlf = (text: string): string => base64(text.replaceAll('\n', '\r\n'));
    const observation = await withData({ 'tls.crt': crlf(chain.chainPem), 'tls.key': crlf(chain.leaf.keyPem) });
    expect(observation).toMatchObject({ keyMatches: true });
    expect(observation.problem).toBeUndefined();
  });

  test.each([
    [
      'bad PEM',
      () => ({ 'tls.crt': base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') }),
      'bad-certificate',
    ],
    ['no base64', () => ({ 'tls.crt': '%%%' }), 'missing-data'],
    ['a key of another certificate', () => ({ 'tls.key': base64(other.leaf.keyPem) }), 'key-mismatch'],
    ['a damaged key', () => ({ 'tls.key': base64(chain.leaf.keyPem.slice(0, 200)) }), 'bad-key'],
    ['500 certificates', () => ({ 'tls.crt': base64(chain.leaf.pem.repeat(500)) }), 'too-many'],
    ['900 kB', () => ({ 'tls.crt': base64('#'.repeat(900_000)) }), 'too-large'],
  ])('with %s has a problem and stops nothing', async (_, data, code) => {
    expect(await withData(data())).toMatchObject({ problem: { code } });
  });
});

describe('the key', () => {
  const carriers: readonly (readonly [string, () => string])[] = [
    ['PEM', () => chain.leaf.keyPem],
    ['a PEM of another key', () => other.leaf.keyPem],
    ['the data', () => pair()['tls.key'] ?? ''],
    ['the applied manifest', () => JSON.stringify({ data: pair() })],
    ['base64 one byte off', () => base64(`x${chain.leaf.keyPem}`)],
    ['base64 two bytes off', () => base64(`xx${chain.leaf.keyPem}`)],
  ];

  test.each(carriers)('is reported as %s in an annotation, and kept nowhere', async (_, value) => {
    const annotations = { [LAST_APPLIED]: value(), 'cert-manager.io/alt-names': value(), 'nolapse.dev/fleet': 'acme' };
    const observation = await observed({
      metadata: { annotations, labels: { 'argocd.argoproj.io/instance': value() } },
    });
    expect(observation.keyInAnnotation).toBe(LAST_APPLIED);
    expect(observation).toMatchObject({ annotations: { 'nolapse.dev/fleet': 'acme' }, labels: {} });
    expect(Object.keys(observation.annotations)).toEqual(['nolapse.dev/fleet']);
    expect(JSON.stringify(observation)).not.toContain(value().slice(0, 40));
  });

  test('that is no PEM is found by its value', async () => {
    const data = { ...pair(), 'tls.key': base64('not a key but secret') };
    const metadata = { annotations: { [LAST_APPLIED]: JSON.stringify({ data }) } };
    expect((await observed({ data, metadata })).keyInAnnotation).toBe(LAST_APPLIED);
  });

  test('is not reported where there is only a certificate', async () => {
    const annotations = { [LAST_APPLIED]: JSON.stringify({ data: { 'tls.crt': pair()['tls.crt'], 'tls.key': '' } }) };
    const observation = await observed({ metadata: { annotations } });
    expect(observation.keyInAnnotation).toBeUndefined();
    expect(observation.annotations).toEqual({});
  });
});
