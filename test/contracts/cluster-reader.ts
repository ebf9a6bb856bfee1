/** The contract of port 9: a cluster as whoever takes inventory sees it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLUSTER_KINDS,
  type ClusterKind,
  type ClusterReader,
  type KubernetesObject,
  type OptionalKind,
} from '../../shared/contract/ports.ts';

export interface ReaderWorld {
  readonly reader: ClusterReader;
  /** The same cluster through an identity without any right. */
  readonly nobody: ClusterReader;
  /** A cluster that serves no kinds of cert-manager and of the Gateway API. */
  readonly bare: ClusterReader;
  /** The same for an identity without any right. */
  readonly bareNobody: ClusterReader;
  readonly uid: string;
  /** Makes objects as they are; their namespaces come with them. */
  plant(...objects: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

const GROUP = 'cert-manager.io/v1';
const GATEWAY = 'gateway.networking.k8s.io';
const named = (name: string, namespace = 'shop') => ({ name, namespace });
/** More than two pages. */
const MANY = 1_001;

const secretOf = (n: number): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...named(`tls-${n}`), annotations: { n: String(n) } },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': 'YQ==', 'tls.key': 'Yg==' },
});

const OTHERS: readonly object[] = [
  { apiVersion: 'v1', kind: 'Secret', metadata: named('opaque'), type: 'Opaque', data: { 'tls.crt': 'YQ==' } },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: named('web'), spec: {} },
  { apiVersion: GROUP, kind: 'Certificate', metadata: named('shop'), spec: { secretName: 'tls-1' } },
  { apiVersion: GROUP, kind: 'Issuer', metadata: named('ca'), spec: { selfSigned: {} } },
  { apiVersion: `acme.${GROUP}`, kind: 'Challenge', metadata: named('shop-1'), spec: { dnsName: 'shop.example.com' } },
  { apiVersion: GROUP, kind: 'ClusterIssuer', metadata: { name: 'public' }, spec: { selfSigned: {} } },
  {
    ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    ...{ metadata: { name: 'widgets.example.com' }, spec: {} },
  },
  {
    ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' },
    ...{ metadata: { name: 'v1.example.com' }, spec: {} },
  },
  { apiVersion: `${GATEWAY}/v1`, kind: 'Gateway', metadata: named('front'), spec: { listeners: [] } },
  { apiVersion: `${GATEWAY}/v1beta1`, kind: 'ReferenceGrant', metadata: named('grant'), spec: { from: [], to: [] } },
];

export async function allOf(reader: ClusterReader, kind: ClusterKind | OptionalKind, as: 'metadata' | 'object') {
  const found: KubernetesObject[] = [];
  const sizes: number[] = [];
  for await (const page of reader.pages(kind, as)) {
    sizes.push(page.length);
    found.push(...page);
  }
  return { found, sizes, names: found.map(({ metadata }) => metadata.name) };
}

/** Runs the suite; `open` starts the cluster once. */
export function clusterReaderContract(name: string, open: () => Promise<ReaderWorld>): void {
  describe(`the cluster reader ${name}`, () => {
    let world: ReaderWorld;
    beforeAll(async () => {
      world = await open();
      await world.plant(...OTHERS, ...Array.from({ length: MANY }, (_, n) => secretOf(n)));
    });
    afterAll(() => world?.close());

    test('knows the cluster by the UID of kube-system', async () => {
      expect(await world.reader.uid()).toBe(world.uid);
    });

    test('lists TLS Secrets alone, all of them once, in pages of at most 500', async () => {
      const { names, sizes } = await allOf(world.reader, 'tls-secrets', 'object');
      expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
      expect(new Set(names).size).toBe(MANY);
      expect(names).toHaveLength(MANY);
      expect(names).not.toContain('opaque');
    });

    test('lists metadata without any data', async () => {
      const { found } = await allOf(world.reader, 'tls-secrets', 'metadata');
      expect(found).toHaveLength(MANY);
      expect(found.some((one) => 'data' in one || 'type' in one)).toBe(false);
      expect(found[0]?.metadata).toMatchObject({ uid: expect.any(String), resourceVersion: expect.any(String) });
    });

    test.each([
      ['ingresses', 'web'],
      ['certificates', 'shop'],
      ['issuers', 'ca'],
      ['cluster-issuers', 'public'],
      ['gateways', 'front'],
      ['reference-grants', 'grant'],
      ['challenges', 'shop-1'],
      ['custom-resource-definitions', 'widgets.example.com'],
      ['api-services', 'v1.example.com'],
    ] as const)('lists %s', async (kind, expected) => {
      const { found } = await allOf(world.reader, kind, 'object');
      expect(found.map(({ metadata, spec }) => [metadata.name, typeof spec])).toEqual([[expected, 'object']]);
    });

    test.each(['certificates', 'issuers', 'cluster-issuers', 'gateways', 'reference-grants', 'challenges'] as const)(
      'finds no %s where none are served',
      async (kind) => {
        expect((await allOf(world.bare, kind, 'object')).found).toEqual([]);
        expect((await allOf(world.bareNobody, kind, 'object')).found).toEqual([]);
      },
    );

    test('gives one whole Secret, or undefined', async () => {
      expect(await world.reader.secret('shop', 'tls-7')).toMatchObject({
        metadata: { name: 'tls-7', namespace: 'shop' },
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': 'YQ==' },
      });
      expect(await world.reader.secret('shop', 'none')).toBeUndefined();
      expect(await world.reader.secret('none', 'none')).toBeUndefined();
    });

    test.each(CLUSTER_KINDS)('names the RBAC rule that is missing for %s', async (kind) => {
      const resource = { 'tls-secrets': 'secrets', 'cluster-issuers': 'clusterissuers' }[kind as string] ?? kind;
      await expect(allOf(world.nobody, kind, 'object')).rejects.toMatchObject({
        problem: {
          type: 'kubernetes:Forbidden',
          status: 403,
          fix: expect.stringMatching(
            new RegExp(`resources: \\["${resource}"\\], verbs: \\["list"\\].*in the whole cluster`),
          ),
        },
      });
    });
  });
}
