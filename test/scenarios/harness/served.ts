/** What a place really holds, judged without the product: the chain, its key, and whom it leads to. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Manifest, ManifestRef, World, WorldCluster } from './world.ts';

export interface Served {
  readonly leaf: X509Certificate;
  readonly chain: readonly X509Certificate[];
  /** Names of the leaf, sorted. */
  readonly names: readonly string[];
  readonly keyFits: boolean;
  readonly secret: Manifest;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const certificatesIn = (pem: string): readonly X509Certificate[] =>
  [...pem.matchAll(PEM)].map(([one]) => new X509Certificate(one));

const textOf = (secret: Manifest, key: string): string => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();

/** The pair of a Secret; undefined where there is no Secret or no certificate in it. */
export function servedFrom(secret: Manifest | undefined): Served | undefined {
  const chain = secret ? certificatesIn(textOf(secret, 'tls.crt')) : [];
  const [leaf] = chain;
  if (!secret || !leaf) return undefined;
  const names = (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''));
  const keyFits = leaf.checkPrivateKey(createPrivateKey(textOf(secret, 'tls.key')));
  return { leaf, chain, names: names.sort(), keyFits, secret };
}

export const secretAt = (namespace: string, name: string): ManifestRef => ({ kind: 'Secret', namespace, name });

export const servedAt = async ({ admin }: WorldCluster, ref: ManifestRef): Promise<Served | undefined> =>
  servedFrom(await admin.get(ref));

/** Whether each certificate is signed by the next, and the last by a root. */
export function leadsTo(chain: readonly X509Certificate[], rootPems: readonly string[]): boolean {
  const roots = rootPems.flatMap(certificatesIn);
  return chain.every((certificate, i) => {
    const next = chain[i + 1];
    const signers = next ? [next] : roots;
    return signers.some((signer) => certificate.checkIssued(signer) && certificate.verify(signer.publicKey));
  });
}

/** Orders that the CA has made since. */
export const ordersSince = (world: World, mark: number): number =>
  world.recorder.seen(mark).filter(({ operation, status }) => operation === 'newOrder' && status === 201).length;

/** What was written to any server since, by the servers' own count. */
export const writesSince = (world: World, mark: number): readonly string[] =>
  world.recorder
    .seen(mark)
    .flatMap(({ kind, server, operation }) => (kind === 'write' ? [`${server} ${operation}`] : []));
