/** cert-manager's ingress-shim as a pure function: the Certificates that an Ingress asks for by its annotations. `rules[].host` is never read. */
import { canonicalIp } from '../dns/ip.ts';
import { CERT_MANAGER_GROUP, type ReadCertificate, readCertificate } from './certificate.ts';
import { Field, type FieldProblem, fieldPath } from './field.ts';
import { readAnnotations } from './ingress-annotations.ts';

const PART_OF_APPLYSET = 'applyset.kubernetes.io/part-of';
/** Go's strconv.ParseBool. */
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];

export interface IngressReading {
  readonly certificates: readonly ReadCertificate[];
  /** Sentences: why there is no certificate at all. */
  readonly problems: readonly string[];
  /** Sentences: tls blocks without hosts or secretName, which the shim passes over. */
  readonly skipped: readonly string[];
}

type Annotations = Readonly<Record<string, string>>;
type IssuerRef = { readonly name: string; readonly kind: string; readonly group: string };

/** Whether the shim looks at this Ingress at all: the key is enough for the issuer annotations, tls-acme must be true. */
export const isShimmed = (annotations: Annotations): boolean =>
  Object.hasOwn(annotations, 'cert-manager.io/issuer') ||
  Object.hasOwn(annotations, 'cert-manager.io/cluster-issuer') ||
  TRUE.includes(annotations['kubernetes.io/tls-acme'] ?? '');

function issuerRefOf(annotations: Annotations): IssuerRef | { readonly problem: string } {
  const at = (key: string): string => annotations[`cert-manager.io/${key}`] ?? '';
  const bad = (why: string) => ({ problem: `Could not determine issuer for ingress due to bad annotations: ${why}` });
  const [issuer, clusterIssuer, kind, group] = [
    at('issuer'),
    at('cluster-issuer'),
    at('issuer-kind'),
    at('issuer-group'),
  ];
  if (issuer && clusterIssuer) return bad('both cert-manager.io/issuer and cert-manager.io/cluster-issuer are set');
  if (clusterIssuer && kind) return bad('both cert-manager.io/cluster-issuer and cert-manager.io/issuer-kind are set');
  if (clusterIssuer && group)
    return bad('both cert-manager.io/cluster-issuer and cert-manager.io/issuer-group are set');
  const name = issuer || clusterIssuer;
  if (!name) return bad('no issuer is named, and Nolapse has no default issuer');
  return { name, kind: clusterIssuer ? 'ClusterIssuer' : kind || 'Issuer', group: group || CERT_MANAGER_GROUP };
}

interface Block {
  readonly secretName: string;
  readonly hosts: readonly string[];
}

/** The tls blocks with hosts and a Secret; each other one is skipped and said. */
function blocksOf(spec: Field, say: (problem: string) => void): readonly Block[] {
  return spec
    .at('tls')
    .items()
    .flatMap((tls) => {
      const hosts = tls.at('hosts').texts();
      const secretName = tls.at('secretName').text();
      const skipped = (field: string) => say(`Skipped a TLS block: ${fieldPath(tls.at(field).path)}: Required value`);
      if (hosts.length === 0) skipped('hosts');
      if (!secretName) skipped('secretName');
      return hosts.length > 0 && secretName ? [{ secretName, hosts }] : [];
    });
}

const sentence = (problem: FieldProblem): string =>
  `${fieldPath(problem.path)}: ${problem.message}${problem.fix ? ` (${problem.fix})` : ''}`;

function manifestOf(ingress: Field, block: Block, asked: { readonly issuerRef: IssuerRef; readonly spec: object }) {
  const read = asked.spec as { readonly dnsNames?: readonly string[]; readonly ipAddresses?: readonly string[] };
  const isIp = (host: string): boolean => canonicalIp(host) !== undefined;
  const { [PART_OF_APPLYSET]: _, ...labels } = ingress.at('metadata').at('labels').entries();
  return {
    metadata: { name: block.secretName, namespace: ingress.at('metadata').at('namespace').text() ?? 'default', labels },
    spec: {
      ...asked.spec,
      secretName: block.secretName,
      issuerRef: asked.issuerRef,
      dnsNames: [...block.hosts.filter((host) => !isIp(host)), ...(read.dnsNames ?? [])],
      ipAddresses: [...block.hosts.filter(isIp), ...(read.ipAddresses ?? [])],
    },
  };
}

/**
 * One Certificate per tls block with hosts and a secretName. No issuer, a malformed annotation or one Secret in two blocks: none at all.
 * An Ingress without a triggering annotation, or one that is being deleted in the foreground, asks for nothing and has no problems.
 */
export function certificatesOfIngress(ingress: unknown): IngressReading {
  const root = new Field(ingress);
  const metadata = root.at('metadata');
  const annotations = metadata.at('annotations').entries();
  const leaving =
    metadata.at('deletionTimestamp').given && metadata.at('finalizers').texts().includes('foregroundDeletion');
  if (!isShimmed(annotations) || leaving) return { certificates: [], problems: [], skipped: [] };
  const skipped: string[] = [];
  const none = (problems: readonly string[]): IngressReading => ({ certificates: [], problems, skipped });
  const issuerRef = issuerRefOf(annotations);
  if ('problem' in issuerRef) return none([issuerRef.problem]);
  const asked = readAnnotations(annotations);
  if (asked.problems.length > 0) return none(asked.problems);
  const blocks = blocksOf(root.at('spec'), (problem) => skipped.push(problem));
  const twice = blocks.find((block, i) => blocks.findIndex((b) => b.secretName === block.secretName) !== i);
  if (twice) return none([`the Secret ${twice.secretName} is named by two tls blocks`]);
  const readings = blocks.map((block) => readCertificate(manifestOf(root, block, { issuerRef, spec: asked.spec })));
  const problems = [
    ...readings.flatMap((reading) => ('problems' in reading ? reading.problems.map(sentence) : [])),
    ...root.problems.map(sentence),
  ];
  if (problems.length > 0) return none([...new Set(problems)]);
  return { certificates: readings.flatMap((r) => ('certificate' in r ? r.certificate : [])), problems: [], skipped };
}
