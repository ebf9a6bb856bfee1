/** What the objects of a cluster ask for: Certificates, issuers and annotated Ingresses, read one by one and then settled among each other. */
import type { CertificateSpec } from '../../contract/certificate.ts';
import type { ObjectRef } from '../../contract/finding.ts';
import type { Issuer } from '../../contract/fleet.ts';
import type { CertificateId, Endpoint } from '../../contract/ids.ts';
import type { IngressFacts } from '../../contract/observation.ts';
import type { KubernetesObject } from '../../contract/ports.ts';
import { type ReadCertificate, readCertificate, refuseUnknownFields } from '../../standards/certmanager/certificate.ts';
import { Field, type FieldProblem, fieldPath } from '../../standards/certmanager/field.ts';
import { certificatesOfIngress } from '../../standards/certmanager/ingress.ts';
import { readIssuer } from '../../standards/certmanager/issuer.ts';
import { annotatedEndpoints } from '../../standards/dns/endpoint.ts';
import { nameAllowed } from '../../standards/dns/names.ts';
import { acmCertificates } from '../../standards/kubernetes/acm-listener.ts';
import { holdsPrivateKey } from '../../standards/kubernetes/key-in-text.ts';

/** What somebody asks for in the cluster. */
export interface Asked {
  readonly id: CertificateId;
  readonly origin: 'Certificate' | 'Ingress';
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: CertificateSpec;
  /** Where it must be seen served; absent = nowhere. */
  readonly endpoints?: readonly Endpoint[];
}

/** A Certificate, issuer or Ingress that asks for what is not honoured or is wrong: a finding, never ignored. */
export interface Unreadable {
  readonly object: ObjectRef;
  /** Sentences. */
  readonly problems: readonly string[];
  /** The names that may go without a certificate, as written. */
  readonly names: readonly string[];
}

export interface CertificateFound {
  readonly id: CertificateId;
  readonly asked?: Asked;
  readonly unreadable?: Unreadable;
}

export interface IngressFound {
  readonly facts: IngressFacts;
  readonly createdAt: string;
  readonly asked: readonly Asked[];
  readonly problems: readonly string[];
}

export type IssuerFound = { readonly issuer: Issuer } | { readonly unreadable: Unreadable };

const sentence = ({ path, message, fix }: FieldProblem): string =>
  `${fieldPath(path)}: ${message}${fix ? ` (${fix})` : ''}`;

const namespaceOf = ({ metadata }: KubernetesObject): string => metadata.namespace ?? 'default';

const KEY_HELD = 'holds a private key, and whoever may read the object has it (take it out, and replace the key)';

const holdsKey = (value: unknown): boolean => holdsPrivateKey(JSON.stringify(value));

/** What is wrong with an object, in words that do not repeat a private key. */
const unreadable = (object: ObjectRef, problems: readonly string[], names: readonly string[]): Unreadable =>
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
  const refused = (problems: readonly string[]) =>
    unreadable({ cluster, kind: 'Certificate', namespace, name }, problems, names);
  if (!('certificate' in reading) || holdsKey(reading.certificate))
    return { id, unreadable: refused('problems' in reading ? reading.problems.map(sentence) : [KEY_HELD]) };
  const { asked, problems } = askedBy('Certificate', { cluster, object }, { ...reading.certificate, namespace });
  return { id, asked, ...(problems.length > 0 ? { unreadable: refused(problems) } : {}) };
}

/** One issuer as found in `cluster`; items of a list do not say their kind themselves. */
export function issuerFound(object: KubernetesObject, kind: Issuer['kind'], cluster: string): IssuerFound {
  const reading = readIssuer({ ...object, kind }, cluster);
  if ('issuer' in reading && !holdsKey(reading.issuer)) return reading;
  const problems = 'problems' in reading ? reading.problems.map(sentence) : [KEY_HELD];
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

/** One Ingress as found in `cluster`, with or without annotations of cert-manager. */
export function ingressFound(object: KubernetesObject, cluster: string): IngressFound {
  const { certificates, problems, skipped } = certificatesOfIngress(object);
  const keyHeld = holdsKey(certificates);
  const asking = certificates.map((certificate) => askedBy('Ingress', { cluster, object }, certificate).asked);
  // a block is not asked about the endpoints of another
  const all = ['dnsNames', 'ipAddresses'] as const;
  const [dnsNames = [], ipAddresses = []] = all.map((kind) => certificates.flatMap(({ spec }) => spec[kind]));
  const wrong = annotatedEndpoints(object.metadata.annotations, { dnsNames, ipAddresses }).problems;
  return {
    facts: factsOf(object),
    createdAt: object.metadata.creationTimestamp ?? '',
    asked: keyHeld ? [] : asking,
    problems: [...problems, ...skipped, ...(certificates.length > 0 ? wrong : []), ...(keyHeld ? [KEY_HELD] : [])],
  };
}

interface Holder {
  readonly who: string;
  readonly asked?: Asked;
}

const byAge = (a: IngressFound, b: IngressFound): number => {
  const [x, y] = [a, b].map(({ createdAt, facts }) => `${createdAt} ${facts.namespace}/${facts.name}`);
  return (x ?? '') < (y ?? '') ? -1 : 1;
};

/** Why the names of an Ingress will not be in the Secret that another object decides about, or nothing. */
function leftOut(asked: Asked, holder: Holder): readonly string[] {
  const held = holder.asked;
  if (!held) return [];
  const { dnsNames, ipAddresses } = held.spec;
  const missing = [
    ...asked.spec.dnsNames.filter((name) => !dnsNames.some((pattern) => nameAllowed(name, pattern))),
    ...asked.spec.ipAddresses.filter((ip) => !ipAddresses.includes(ip)),
  ];
  if (missing.length === 0) return [];
  return [
    `the Secret ${asked.spec.secretName} is decided by ${holder.who}, which does not ask for ${missing.join(', ')}`,
  ];
}

/**
 * Who decides about each Secret, as cert-manager's ingress-shim leaves it: a Certificate of that name, honoured or not, before any
 * Ingress; of several Ingresses the oldest. One that comes too late asks for nothing; it is told only where its names are left out.
 */
export function settle(
  certificates: readonly CertificateFound[],
  ingresses: readonly IngressFound[],
  cluster: string,
): { readonly asked: readonly Asked[]; readonly unreadable: readonly Unreadable[] } {
  const holders = new Map<CertificateId, Holder>();
  for (const { id, asked } of certificates)
    holders.set(id, { who: `the Certificate ${id.slice(id.lastIndexOf('/') + 1)}`, ...(asked ? { asked } : {}) });
  const ofIngresses = ingresses.toSorted(byAge).flatMap(({ facts, asked, problems }) => {
    const late = asked.flatMap((one) => {
      const holder = holders.get(one.id);
      if (!holder) holders.set(one.id, { who: `the older Ingress ${facts.name}`, asked: one });
      return holder ? leftOut(one, holder) : [];
    });
    const object = { cluster, kind: 'Ingress', namespace: facts.namespace, name: facts.name };
    const names = [...new Set(facts.acm ? facts.hosts : facts.tls.flatMap(({ hosts }) => hosts))];
    return problems.length + late.length > 0 ? [unreadable(object, [...problems, ...late], names)] : [];
  });
  return {
    asked: [...holders.values()].flatMap(({ asked }) => asked ?? []),
    unreadable: [...certificates.flatMap((found) => found.unreadable ?? []), ...ofIngresses],
  };
}
