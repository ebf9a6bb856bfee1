/** cert-manager's certificate-shim as a pure function: the Certificates that an annotated object asks for, whatever its blocks are. */
import { canonicalIp } from '../dns/ip.ts';
import { CERT_MANAGER_GROUP, type ReadCertificate, readCertificate } from './certificate.ts';
import { Field, problemWords } from './field.ts';
import { readAnnotations } from './ingress-annotations.ts';

const PART_OF_APPLYSET = 'applyset.kubernetes.io/part-of';

export interface ShimReading {
  /** False: nobody annotated it, or it is being deleted. */
  readonly isShimmed: boolean;
  readonly certificates: readonly ReadCertificate[];
  /** Sentences: why there is no certificate at all. */
  readonly problems: readonly string[];
  /** Sentences: blocks that the shim passes over. */
  readonly skipped: readonly string[];
}

/** One Secret and whom it is for. */
export interface Block {
  readonly secretName: string;
  readonly hosts: readonly string[];
}

export interface Blocks {
  readonly blocks: readonly Block[];
  readonly skipped: readonly string[];
  /** Why all of it is refused. */
  readonly refused: readonly string[];
}

type Annotations = Readonly<Record<string, string>>;
type IssuerRef = { readonly name: string; readonly kind: string; readonly group: string };

const ISSUER = 'cert-manager.io/issuer';
const CLUSTER_ISSUER = 'cert-manager.io/cluster-issuer';
const KIND = 'cert-manager.io/issuer-kind';
const GROUP = 'cert-manager.io/issuer-group';

/** The key is enough, whatever it says. */
export const namesIssuer = (annotations: Annotations): boolean =>
  Object.hasOwn(annotations, ISSUER) || Object.hasOwn(annotations, CLUSTER_ISSUER);

/** What is there counts, empty or not: an empty name contradicts another one, too. */
function issuerRefOf(annotations: Annotations, what: string): IssuerRef | { readonly problem: string } {
  const isThere = (key: string): boolean => Object.hasOwn(annotations, key);
  const name = annotations[CLUSTER_ISSUER] ?? annotations[ISSUER] ?? '';
  const pairs: readonly (readonly [string, string])[] = [
    [ISSUER, CLUSTER_ISSUER],
    [CLUSTER_ISSUER, GROUP],
    [CLUSTER_ISSUER, KIND],
  ];
  const why = [
    ...(name === '' ? ['no issuer is named, and Nolapse has no default issuer'] : []),
    ...pairs.flatMap(([a, b]) => (isThere(a) && isThere(b) ? [`both ${a} and ${b} are set`] : [])),
  ];
  if (why.length > 0)
    return { problem: `Could not determine issuer for ${what} due to bad annotations: ${why.join(', ')}` };
  const kind = isThere(CLUSTER_ISSUER) ? 'ClusterIssuer' : annotations[KIND] || 'Issuer';
  return { name, kind, group: annotations[GROUP] || CERT_MANAGER_GROUP };
}

/** `Skipped a TLS block: spec.tls[0].hosts: Required value`, several in brackets; nothing where nothing is wrong. */
export const skippedBlock = (what: string, wrong: readonly string[]): readonly string[] =>
  wrong.length === 0 ? [] : [`Skipped a ${what} block: ${wrong.length > 1 ? `[${wrong.join(', ')}]` : wrong[0]}`];

function manifestOf(metadata: Field, block: Block, asked: { readonly issuerRef: IssuerRef; readonly spec: object }) {
  const read = asked.spec as { readonly dnsNames?: readonly string[]; readonly ipAddresses?: readonly string[] };
  const isIp = (host: string): boolean => canonicalIp(host) !== undefined;
  const { [PART_OF_APPLYSET]: _, ...labels } = metadata.at('labels').entries();
  return {
    metadata: { name: block.secretName, namespace: metadata.at('namespace').text() ?? 'default', labels },
    spec: {
      ...asked.spec,
      secretName: block.secretName,
      issuerRef: asked.issuerRef,
      dnsNames: [...new Set([...block.hosts.filter((host) => !isIp(host)), ...(read.dnsNames ?? [])])],
      ipAddresses: [...new Set([...block.hosts.filter(isIp), ...(read.ipAddresses ?? [])])],
    },
  };
}

const isLeaving = (metadata: Field): boolean =>
  metadata.at('deletionTimestamp').given || metadata.at('finalizers').texts().includes('foregroundDeletion');

export interface ShimRules {
  /** For people: `ingress`. */
  readonly what: string;
  readonly isTriggered: (annotations: Annotations) => boolean;
  readonly blocksOf: (root: Field, annotations: Annotations) => Blocks;
}

/**
 * One Certificate for each Secret of the blocks, by the Secret's name. No issuer, a malformed annotation or blocks that contradict each
 * other: none at all. An object without a triggering annotation, or one that is being deleted, asks for nothing and has no problems.
 */
export function certificatesBy({ what, isTriggered, blocksOf }: ShimRules, object: unknown): ShimReading {
  const root = new Field(object);
  const metadata = root.at('metadata');
  const annotations = metadata.at('annotations').entries();
  if (!isTriggered(annotations) || isLeaving(metadata))
    return { isShimmed: false, certificates: [], problems: [], skipped: [] };
  const none = (problems: readonly string[], skipped: readonly string[] = []): ShimReading => ({
    ...{ isShimmed: true, certificates: [], problems, skipped },
  });
  const issuerRef = issuerRefOf(annotations, what);
  if ('problem' in issuerRef) return none([issuerRef.problem]);
  const { blocks, skipped, refused } = blocksOf(root, annotations);
  if (refused.length > 0) return none(refused);
  const asked = readAnnotations(annotations);
  if (asked.problems.length > 0) return none(asked.problems, skipped);
  const readings = blocks.map((block) => readCertificate(manifestOf(metadata, block, { issuerRef, spec: asked.spec })));
  const problems = [
    ...readings.flatMap((reading) => ('problems' in reading ? reading.problems.map(problemWords) : [])),
    ...root.problems.map(problemWords),
  ];
  if (problems.length > 0) return none([...new Set(problems)], skipped);
  const certificates = readings.flatMap((reading) => ('certificate' in reading ? reading.certificate : []));
  return { isShimmed: true, certificates, problems: [], skipped };
}
