/** What each object of a cluster asks for by itself: Certificates, issuers, annotated Ingresses and Gateways. */
import type { CertificateSpec } from '../../contract/certificate.ts';
import type { ObjectRef } from '../../contract/finding.ts';
import type { Issuer } from '../../contract/fleet.ts';
import type { CertificateId, Endpoint } from '../../contract/ids.ts';
import type { IngressFacts } from '../../contract/observation.ts';
import type { KubernetesObject } from '../../contract/ports.ts';
import { type ReadCertificate, readCertificate, refuseUnknownFields } from '../../standards/certmanager/certificate.ts';
import { Field, problemWords } from '../../standards/certmanager/field.ts';
import { certificatesOfGateway } from '../../standards/certmanager/gateway.ts';
import { certificatesOfIngress } from '../../standards/certmanager/ingress.ts';
import { readIssuer } from '../../standards/certmanager/issuer.ts';
import type { ShimReading } from '../../standards/certmanager/shim.ts';
import { annotatedEndpoints, endpointProblems } from '../../standards/dns/endpoint.ts';
import { acmCertificates } from '../../standards/kubernetes/acm-listener.ts';
import { holdsPrivateKey } from '../../standards/kubernetes/key-in-text.ts';

/** Kinds that ask for Certificates by annotations. */
export type Shimmed = 'Ingress' | 'Gateway';

/** What somebody asks for in the cluster. */
export interface Asked {
  readonly id: CertificateId;
  readonly origin: 'Certificate' | Shimmed;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: CertificateSpec;
  /** Where it must be seen served; absent = nowhere. */
  readonly endpoints?: readonly Endpoint[];
}

/** A Certificate, issuer, Ingress or Gateway that asks for what is not honoured or is wrong: a finding, never ignored. */
export interface Unreadable {
  readonly object: ObjectRef;
  /** Sentences. */
  readonly problems: readonly string[];
  /** The names that may go without a certificate, as written. */
  readonly names: readonly string[];
}

export interface CertificateFound {
  readonly id: CertificateId;
  /** UID of the object that it was made for, which decides what becomes of it. */
  readonly maker?: string;
  readonly asked?: Asked;
  readonly unreadable?: Unreadable;
}

/** What an object's annotations ask for. */
export interface ShimFound {
  readonly kind: Shimmed;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: string;
  /** False: it is not annotated, or is being deleted. */
  readonly isShimmed: boolean;
  readonly asked: readonly Asked[];
  /** Why there is nothing at all. */
  readonly problems: readonly string[];
  /** Blocks that are passed over, and what else stops nothing. */
  readonly skipped: readonly string[];
  /** All that it names, whatever else is wrong. */
  readonly secrets: readonly string[];
  readonly hosts: readonly string[];
}

export interface IngressFound {
  readonly facts: IngressFacts;
  readonly shim: ShimFound;
}

export type IssuerFound = { readonly issuer: Issuer } | { readonly unreadable: Unreadable };

const namespaceOf = ({ metadata }: KubernetesObject): string => metadata.namespace ?? 'default';

const KEY_HELD = 'holds a private key, and whoever may read the object has it (take it out, and replace the key)';

const holdsKey = (value: unknown): boolean => holdsPrivateKey(JSON.stringify(value));

/** What is wrong with an object, in words that do not repeat a private key. */
export const unreadable = (object: ObjectRef, problems: readonly string[], names: readonly string[]): Unreadable =>
  holdsKey([problems, names]) ? { object, problems: [KEY_HELD], names: [] } : { object, problems, names };

/** The strings of a list, whatever else is in it. */
const stringsOf = (list: Field): readonly string[] =>
  list.items().flatMap(({ value }) => (typeof value === 'string' && value !== '' ? value : []));

/** By the object of which it was read; `problems`: of its annotation, which stop nothing. */
function askedBy(
  origin: Asked['origin'],
  { cluster, object }: { readonly cluster: string; readonly object: KubernetesObject },
  read: ReadCertificate,
): { readonly asked: Asked; readonly problems: readonly string[] } {
  const { namespace = 'default', name, labels, spec } = read;
  const { endpoints, problems } = annotatedEndpoints(object.metadata.annotations, spec);
  const asked = { id: `${cluster}/${namespace}/${name}`, origin, namespace, name, labels, spec };
  return { asked: { ...asked, ...(endpoints.length > 0 ? { endpoints } : {}) }, problems };
}

/** One Certificate as found in `cluster`. */
export function certificateFound(object: KubernetesObject, cluster: string): CertificateFound {
  const [namespace, name] = [namespaceOf(object), object.metadata.name];
  const id = `${cluster}/${namespace}/${name}`;
  const root = new Field(object);
  refuseUnknownFields(root.at('spec'));
  const reading = root.problems.length > 0 ? root : readCertificate(object);
  const names = stringsOf(new Field(object.spec).at('dnsNames'));
  const uid = object.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
  const found = { id, ...(uid === undefined ? {} : { maker: uid }) };
  const refused = (problems: readonly string[]) =>
    unreadable({ cluster, kind: 'Certificate', namespace, name }, problems, names);
  if (!('certificate' in reading) || holdsKey(reading.certificate))
    return { ...found, unreadable: refused('problems' in reading ? reading.problems.map(problemWords) : [KEY_HELD]) };
  const { asked, problems } = askedBy('Certificate', { cluster, object }, { ...reading.certificate, namespace });
  return { ...found, asked, ...(problems.length > 0 ? { unreadable: refused(problems) } : {}) };
}

/** One issuer as found in `cluster`; items of a list do not say their kind themselves. */
export function issuerFound(object: KubernetesObject, kind: Issuer['kind'], cluster: string): IssuerFound {
  const reading = readIssuer({ ...object, kind }, cluster);
  if ('issuer' in reading && !holdsKey(reading.issuer)) return reading;
  const problems = 'problems' in reading ? reading.problems.map(problemWords) : [KEY_HELD];
  const namespace = kind === 'Issuer' ? { namespace: namespaceOf(object) } : {};
  return { unreadable: unreadable({ cluster, kind, ...namespace, name: object.metadata.name }, problems, []) };
}

function factsOf(object: KubernetesObject): IngressFacts {
  const spec = new Field(object.spec);
  const tls = spec.at('tls').items();
  const rules = spec.at('rules').items();
  const hosts = rules.flatMap((rule) => rule.at('host').text() ?? []);
  const at = { namespace: namespaceOf(object), name: object.metadata.name };
  const className = spec.at('ingressClassName').text();
  const acm = acmCertificates(object.metadata.annotations ?? {}, { className, isTls: tls.length > 0 });
  if (acm) {
    const all = new Set([...hosts, ...tls.flatMap((block) => stringsOf(block.at('hosts')))]);
    return { ...at, tls: [], hosts: [...all], acm };
  }
  const named = [...hosts, ...tls.flatMap((block) => stringsOf(block.at('hosts')))];
  const { endpoints } = annotatedEndpoints(object.metadata.annotations, { dnsNames: named, ipAddresses: [] });
  return {
    ...at,
    tls: tls.map((block) => {
      const secretName = block.at('secretName').text();
      return { hosts: stringsOf(block.at('hosts')), ...(secretName ? { secretName } : {}) };
    }),
    hosts: [...new Set(hosts)],
    ...(endpoints.length > 0 ? { endpoints } : {}),
  };
}

type Names = Pick<ShimFound, 'secrets' | 'hosts'>;

interface ShimSource extends Names {
  readonly cluster: string;
  readonly object: KubernetesObject;
  readonly reading: ShimReading;
}

function shimFound(kind: Shimmed, { cluster, object, reading, secrets, hosts }: ShimSource): ShimFound {
  const { isShimmed, certificates, problems, skipped } = reading;
  const keyHeld = holdsKey(certificates);
  const specs = certificates.map(({ spec }) => spec);
  const { uid, name, creationTimestamp = '' } = object.metadata;
  return {
    ...{ kind, namespace: namespaceOf(object), name, uid, createdAt: creationTimestamp, isShimmed },
    asked: keyHeld ? [] : certificates.map((read) => askedBy(kind, { cluster, object }, read).asked),
    problems: [...problems, ...(keyHeld ? [KEY_HELD] : [])],
    skipped: [...skipped, ...endpointProblems(object.metadata.annotations, specs)],
    ...{ secrets: [...new Set(secrets)], hosts: [...new Set(hosts)] },
  };
}

/** One Ingress as found in `cluster`, with or without annotations of cert-manager. */
export function ingressFound(object: KubernetesObject, cluster: string): IngressFound {
  const facts = factsOf(object);
  const reading = certificatesOfIngress(object);
  const blocks = new Field(object.spec).at('tls').items();
  const secrets = blocks.flatMap((block) => block.at('secretName').text() ?? []);
  const hosts = blocks.flatMap((block) => stringsOf(block.at('hosts')));
  return { facts, shim: shimFound('Ingress', { cluster, object, reading, secrets, hosts }) };
}

/** One Gateway as found in `cluster`, with or without annotations of cert-manager. */
export function gatewayFound(object: KubernetesObject, cluster: string): ShimFound {
  const listeners = new Field(object.spec).at('listeners').items();
  const refs = listeners.flatMap((listener) => listener.at('tls').at('certificateRefs').items());
  const secrets = refs.flatMap((ref) => ref.at('name').text() ?? []);
  const hosts = listeners.flatMap((listener) => listener.at('hostname').text() ?? []);
  return shimFound('Gateway', { cluster, object, reading: certificatesOfGateway(object), secrets, hosts });
}
