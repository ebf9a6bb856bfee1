/** What the fleet file asks for: its Certificates, Ingresses, Gateways and FleetCertificates as one list, each with its places. */
import type { CertificateSpec } from '../contract/certificate.ts';
import type { FileCertificate, WantedPlace } from '../contract/fleet.ts';
import { type Endpoint, FLEET_SOURCE, kubernetesPlace, secretsManagerPlace } from '../contract/ids.ts';
import { ENDPOINTS_ANNOTATION } from '../contract/marks.ts';
import type { InputProblem } from '../contract/problem.ts';
import { type ReadCertificate, readCertificate, readCertificateSpec } from '../standards/certmanager/certificate.ts';
import { Field, fieldPath } from '../standards/certmanager/field.ts';
import { certificatesOfGateway } from '../standards/certmanager/gateway.ts';
import { certificatesOfIngress } from '../standards/certmanager/ingress.ts';
import { annotatedEndpoints, endpointOf, endpointProblems } from '../standards/dns/endpoint.ts';
import { dnsSubdomainProblem } from '../standards/kubernetes/names.ts';
import { clustersOf, unknownCluster } from './belonging.ts';
import type { Checked } from './check.ts';
import type { FileDocument } from './documents.ts';
import { beyondSchema, problemAt, valueAt } from './errors.ts';
import type { Say, Settings } from './resolve-settings.ts';

type Path = readonly string[];

/** A wish of the file with the paths at which its problems are to be shown. */
export interface Asked {
  readonly document: FileDocument;
  readonly certificate: FileCertificate;
  /** Path of the issuerRef, or of what stands for it. */
  readonly issuerAt: Path;
  /** Path of a list of names, in the order of spec.dnsNames, or of what stands for it. */
  readonly namesAt: Path;
  /** Path of each place, in the order of certificate.places. */
  readonly placesAt: readonly Path[];
  /** Path of the endpoints, in the order of certificate.endpoints. */
  readonly endpointsAt?: Path;
}

interface From {
  readonly settings: Settings | undefined;
  readonly say: Say;
  readonly note: (notice: string) => void;
}

const ENDPOINTS_AT = ['metadata', 'annotations', ENDPOINTS_ANNOTATION];

/** Each block of an Ingress or a Gateway is asked about its own endpoints, and what is wrong with the annotation is said once. */
function inClusters(
  document: FileDocument,
  reads: readonly ReadCertificate[],
  { settings, say }: From,
): readonly FileCertificate[] {
  if (!settings) return [];
  const annotations = { [ENDPOINTS_ANNOTATION]: valueAt(document.value, ENDPOINTS_AT) };
  const specs = reads.map(({ spec }) => spec);
  for (const message of endpointProblems(annotations, specs)) say({ where: document.where(ENDPOINTS_AT), message });
  const clusters = clustersOf(document, settings.clusters, say);
  return reads.flatMap(({ namespace = '', name, labels, spec }) => {
    const { endpoints } = annotatedEndpoints(annotations, spec);
    return clusters.map(
      (cluster): FileCertificate => ({
        id: `${cluster.name}/${namespace}/${name}`,
        source: cluster.name,
        origin: 'Certificate',
        namespace,
        name,
        labels,
        spec,
        places: [{ place: kubernetesPlace(cluster.name, namespace, spec.secretName ?? ''), adopt: false }],
        ...(endpoints.length > 0 ? { endpoints } : {}),
      }),
    );
  });
}

function ofCertificate(checked: Checked, from: From): readonly Asked[] {
  const { document } = checked;
  const reading = readCertificate(document.value);
  if ('problems' in reading) {
    for (const problem of beyondSchema(
      checked.problems,
      reading.problems.map((p) => problemAt(document, p)),
    ))
      from.say(problem);
    return [];
  }
  return inClusters(document, [reading.certificate], from).map((certificate) => ({
    document,
    certificate,
    issuerAt: ['spec', 'issuerRef'],
    namesAt: ['spec', 'dnsNames'],
    placesAt: [['spec', 'secretName']],
  }));
}

const SHIMS = {
  Ingress: { read: certificatesOfIngress, blocksAt: ['spec', 'tls'] },
  Gateway: { read: certificatesOfGateway, blocksAt: ['spec', 'listeners'] },
} as const;

function ofAnnotations({ document, problems }: Checked, kind: keyof typeof SHIMS, from: From): readonly Asked[] {
  if (problems.length > 0) return [];
  const { read: readBy, blocksAt } = SHIMS[kind];
  const reading = readBy(document.value);
  const at = ['metadata', 'annotations'];
  const where = document.where(at);
  for (const problem of reading.problems) from.say({ where, message: `${kind}: ${problem}` });
  for (const skipped of reading.skipped) from.note(`${document.where(blocksAt)}: ${skipped}`);
  if (reading.certificates.length + reading.problems.length === 0)
    from.note(`${document.where([])}: this ${kind} asks for no certificate`);
  return inClusters(document, reading.certificates, from).map((certificate) => ({
    document,
    certificate,
    issuerAt: at,
    namesAt: blocksAt,
    placesAt: [blocksAt],
  }));
}

type FleetCertificate = Extract<Checked, { readonly kind: 'FleetCertificate' }>;
type Destination = NonNullable<FleetCertificate['read']>['spec']['destinations'][number];
type PlaceAt = { readonly wanted: WantedPlace; readonly path: Path };

function kubernetesPlaces(
  document: FileDocument,
  to: NonNullable<Destination['kubernetesSecret']>,
  path: Path,
  from: From,
): readonly PlaceAt[] {
  const known = from.settings?.clusters ?? [];
  const say = (at: Path, problem: Omit<InputProblem, 'where'>): void =>
    from.say({ ...problem, where: document.where(at), message: `${fieldPath(at)}: ${problem.message}` });
  const bad = dnsSubdomainProblem(to.name);
  if (bad) say([...path, 'name'], { message: bad });
  return to.clusters.flatMap((name, i): readonly PlaceAt[] => {
    const at = [...path, 'clusters', String(i)];
    const cluster = known.find((c) => c.name === name);
    if (!cluster) {
      if (from.settings) say(at, unknownCluster(name, known));
      return [];
    }
    if (cluster.mode === 'audit')
      from.note(`${document.where(at)}: the cluster ${name} is in mode audit: nothing is written there`);
    return [{ wanted: { place: kubernetesPlace(name, to.namespace, to.name), adopt: to.adopt }, path: at }];
  });
}

function placesOf(document: FileDocument, destinations: readonly Destination[], from: From): readonly PlaceAt[] {
  return destinations.flatMap(({ kubernetesSecret, secretsManager }, i) => {
    const path = ['spec', 'destinations', String(i)];
    if (kubernetesSecret) return kubernetesPlaces(document, kubernetesSecret, [...path, 'kubernetesSecret'], from);
    if (!secretsManager) return [];
    const { name, region, adopt } = secretsManager;
    return [{ wanted: { place: secretsManagerPlace(name, region), adopt }, path: [...path, 'secretsManager'] }];
  });
}

/** What is wrong with one is said, and the rest goes on. */
function endpointsOf(
  document: FileDocument,
  { spec, written }: { readonly spec: CertificateSpec; readonly written: readonly string[] },
  { say }: From,
): readonly Endpoint[] {
  const found: Endpoint[] = [];
  for (const [i, text] of written.entries()) {
    const path = ['spec', 'endpoints', String(i)];
    const read = endpointOf(text, spec, found);
    if ('endpoint' in read) found.push(read.endpoint);
    else {
      const { problem, ...fix } = read;
      say({ ...fix, where: document.where(path), message: `${fieldPath(path)}: ${problem}` });
    }
  }
  return found;
}

/** Places are the destinations: a secretName would say nothing. */
function withoutSecretName(document: FileDocument, spec: CertificateSpec, from: From): CertificateSpec {
  const { secretName, ...rest } = spec;
  if (secretName !== undefined)
    from.note(
      `${document.where(['spec', 'certificate', 'secretName'])}: secretName has no effect here: destinations say where it goes`,
    );
  return rest;
}

function ofFleetCertificate(checked: FleetCertificate, from: From): readonly Asked[] {
  const { document, read } = checked;
  const root = new Field(document.value);
  const spec = readCertificateSpec(root.at('spec').at('certificate'), { secretName: false });
  for (const problem of beyondSchema(
    checked.problems,
    root.problems.map((p) => problemAt(document, p)),
  ))
    from.say(problem);
  if (!spec || !read) return [];
  const places = placesOf(document, read.spec.destinations, from);
  const endpoints = endpointsOf(document, { spec, written: read.spec.endpoints }, from);
  const { name, labels = {} } = read.metadata;
  const certificate: FileCertificate = {
    id: `${FLEET_SOURCE}/${name}`,
    source: FLEET_SOURCE,
    origin: 'FleetCertificate',
    name,
    labels,
    spec: withoutSecretName(document, spec, from),
    places: places.map(({ wanted }) => wanted),
    ...(endpoints.length > 0 ? { endpoints } : {}),
  };
  return [
    {
      document,
      certificate,
      issuerAt: ['spec', 'certificate', 'issuerRef'],
      namesAt: ['spec', 'certificate', 'dnsNames'],
      placesAt: places.map(({ path }) => path),
      endpointsAt: ['spec', 'endpoints'],
    },
  ];
}

/** Everything the documents ask for. Without settings only the documents themselves are checked. */
export function resolveCertificates(documents: readonly Checked[], from: From): readonly Asked[] {
  return documents.flatMap((checked) => {
    if (checked.kind === 'Certificate') return ofCertificate(checked, from);
    if (checked.kind === 'Ingress' || checked.kind === 'Gateway') return ofAnnotations(checked, checked.kind, from);
    return checked.kind === 'FleetCertificate' ? ofFleetCertificate(checked, from) : [];
  });
}
