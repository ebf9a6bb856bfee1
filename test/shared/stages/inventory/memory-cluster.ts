/** A cluster in memory behind the reader's port: pages of three, refusals by kind, and a record of what was asked. */
import type { Snapshot } from '../../../../shared/contract/observation.ts';
import type { ClusterKind, ClusterReader, KubernetesObject, OptionalKind } from '../../../../shared/contract/ports.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import { type Look, look } from '../../../../shared/stages/inventory/look.ts';
import { makeLeaf } from '../../../fixtures/x509.ts';

export const NOW = new Date('2026-11-24T09:00:00.000Z');
const PAGE = 3;

export type Question = ClusterKind | OptionalKind | 'uid' | 'get';

export const refusal = (reason: string, what: string): ProblemError =>
  new ProblemError({
    type: reason.includes(':') ? reason : `kubernetes:${reason}`,
    detail: `no ${what}`,
    retry: 'later',
    fix: `allow ${what}`,
  });

export class MemoryCluster implements ClusterReader {
  readonly objects: Record<ClusterKind | OptionalKind, KubernetesObject[]> = {
    'tls-secrets': [],
    ingresses: [],
    certificates: [],
    issuers: [],
    'cluster-issuers': [],
    'validating-webhooks': [],
    'mutating-webhooks': [],
    'custom-resource-definitions': [],
    'api-services': [],
    gateways: [],
    'reference-grants': [],
    challenges: [],
  };
  /** Secrets of other types: in no list. */
  readonly others: KubernetesObject[] = [];
  /** By question, the reason of the refusal. */
  readonly refuses: Partial<Record<Question, string>> = {};
  /** `<kind> as <metadata|object>`, or `get <namespace>/<name>`. */
  readonly asked: string[] = [];
  /** How many Secrets were asked for at the same time, at most. */
  atOnce = 0;
  #inFlight = 0;
  /** Secrets that are listed and gone when they are asked for. */
  readonly vanished: string[] = [];
  /** Secrets as they are when they are asked for, whatever was listed. */
  readonly rewritten: KubernetesObject[] = [];

  async uid(): Promise<string> {
    this.#refuse('uid');
    return 'uid-of-kube-system';
  }

  async *pages(
    kind: ClusterKind | OptionalKind,
    as: 'metadata' | 'object',
  ): AsyncIterable<readonly KubernetesObject[]> {
    this.asked.push(`${kind} as ${as}`);
    this.#refuse(kind);
    const all = this.objects[kind];
    for (let from = 0; from < all.length; from += PAGE) {
      const page = all.slice(from, from + PAGE);
      yield as === 'object' ? page : page.map(({ metadata }) => ({ metadata }));
    }
  }

  async secret(namespace: string, name: string): Promise<KubernetesObject | undefined> {
    this.asked.push(`get ${namespace}/${name}`);
    this.#inFlight += 1;
    this.atOnce = Math.max(this.atOnce, this.#inFlight);
    await new Promise(setImmediate);
    this.#inFlight -= 1;
    this.#refuse('get');
    if (this.vanished.includes(name)) return undefined;
    return [...this.rewritten, ...this.objects['tls-secrets'], ...this.others].find(
      (one) => one.metadata.name === name,
    );
  }

  #refuse(what: Question): void {
    const reason = this.refuses[what];
    if (reason) throw refusal(reason, what);
  }
}

let made = 0;

/** An object as a list holds it: without kind; each made later is newer by a second. */
export function object(name: string, rest: Partial<KubernetesObject> & { annotations?: Record<string, string> } = {}) {
  const { annotations = {}, ...others } = rest;
  made += 1;
  const creationTimestamp = new Date(NOW.getTime() + made * 1000).toISOString();
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: `${made}`,
      creationTimestamp,
      annotations,
    },
    ...others,
  } satisfies KubernetesObject;
}

const pair = makeLeaf({ dnsNames: ['shop.example.com'] });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The one key of all Secrets here, PEM. */
export const keyPem = async (): Promise<string> => (await pair).keyPem;

export const certificatePem = async (): Promise<string> => (await pair).pem;

export async function tlsSecret(name: string, annotations: Record<string, string> = {}): Promise<KubernetesObject> {
  const { pem, keyPem } = await pair;
  const data = { 'tls.crt': base64(pem), 'tls.key': base64(keyPem) };
  return object(name, { type: 'kubernetes.io/tls', data, annotations });
}

/** The same object, written again. */
export const changed = (one: KubernetesObject): KubernetesObject => ({
  ...one,
  metadata: { ...one.metadata, resourceVersion: `${one.metadata.resourceVersion}-again` },
});

/** What the last pass would have stored. */
export const snapshotOf = (seen: Look): Snapshot => ({
  source: 'prod',
  asOf: seen.asOf,
  observations: seen.observations,
  certificates: [],
  gaps: seen.gaps,
  wholeAt: seen.wholeAt,
  ...(seen.definitions && { definitions: seen.definitions }),
});

export const lookAt = (cluster: ClusterReader, previous?: Snapshot, now: Date = NOW): Promise<Look> =>
  look(cluster, { cluster: 'prod', now, ...(previous ? { previous } : {}) });
