/** From what somebody asks for to what is wanted: the issuer found, the request made, or held with the reason. Pure. */
import type { CertificateSpec, IssuanceRequest } from '../../contract/certificate.ts';
import type { Cluster, Fleet, Issuer, WantedPlace } from '../../contract/fleet.ts';
import {
  type CertificateId,
  type Endpoint,
  FLEET_SOURCE,
  fleetSecretId,
  type Iso,
  type IssuerId,
  placeParts,
} from '../../contract/ids.ts';
import type { Held, Wanted } from '../../contract/rows.ts';
import { CERT_MANAGER_GROUP } from '../../standards/certmanager/certificate.ts';
import { challengeProblem } from '../../standards/certmanager/challenge.ts';
import { issuerIdOf } from '../../standards/certmanager/issuer.ts';
import { secretsOf } from '../../standards/certmanager/issuer-secrets.ts';
import { issuanceIdOf, requestOf, whyNotByAcme } from '../../standards/certmanager/request.ts';
import { type PolicyAnswer, policyFor } from '../../standards/dns/names.ts';

export interface Wish {
  readonly id: CertificateId;
  readonly source: string;
  readonly origin: Wanted['origin'];
  readonly namespace?: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: CertificateSpec;
  readonly places: readonly WantedPlace[];
  readonly endpoints?: readonly Endpoint[];
  /** Who asks: the owner of the fleet, or whoever may write to the cluster. */
  readonly from: 'file' | 'cluster';
}

export interface WantContext {
  readonly fleet: Fleet;
  /** Those of the file and those found in the wish's source. */
  readonly issuers: ReadonlyMap<IssuerId, Issuer>;
  /** Issuers that are there but of no kind that is honoured, `<kind>/<namespace or empty>/<name>`. */
  readonly unusableIssuers: ReadonlySet<string>;
  readonly now: Iso;
}

export interface Asking {
  readonly wanted: Wanted;
  /** Absent while held. */
  readonly request?: IssuanceRequest;
}

/** The issuer that an issuerRef means: the file's ClusterIssuer comes before one of that name in the cluster. */
export function issuerOf(wish: Wish, issuers: ReadonlyMap<IssuerId, Issuer>): Issuer | undefined {
  const { name, kind } = wish.spec.issuerRef;
  if (kind === 'Issuer') return issuers.get(issuerIdOf(wish.source, wish.namespace ?? '', name));
  return (
    issuers.get(issuerIdOf(FLEET_SOURCE, undefined, name)) ?? issuers.get(issuerIdOf(wish.source, undefined, name))
  );
}

const held = (reason: Held['reason'], message: string): Held => ({ reason, message });

function noIssuer(wish: Wish, { issuers, unusableIssuers }: WantContext): Held {
  const { name, kind, group } = wish.spec.issuerRef;
  if (group !== CERT_MANAGER_GROUP)
    return held('unsupported', `its issuer ${name} is a ${kind} of ${group}, which Nolapse does not run`);
  const namespace = kind === 'Issuer' ? (wish.namespace ?? '') : '';
  if (unusableIssuers.has(`${kind}/${namespace}/${name}`))
    return held('unsupported', `its ${kind} ${name} is of a type that Nolapse does not run`);
  const namesake = [...issuers.values()].find((issuer) => issuer.name === name);
  const hint = !namesake
    ? ''
    : namesake.kind === 'ClusterIssuer'
      ? `; a ClusterIssuer of that name exists: set issuerRef.kind to ClusterIssuer`
      : `; an Issuer of that name exists in ${namesake.namespace}, and an Issuer serves its own namespace only`;
  const where = kind === 'Issuer' ? ` in ${wish.namespace}` : '';
  return held('issuer-not-found', `there is no ${kind} ${name}${where}${hint}`);
}

/** Names that a policy speaks of: whatever a certificate would vouch for. */
const vouchedNames = ({ dnsNames, ipAddresses, uris, emailAddresses, commonName }: IssuanceRequest) => [
  ...new Set([...dnsNames, ...ipAddresses, ...uris, ...emailAddresses, ...(commonName ? [commonName] : [])]),
];

const clusterOf = (wish: Wish, fleet: Fleet): Cluster | undefined =>
  fleet.clusters.find((one) => one.name === wish.source);

/** What the policy of the cluster says; undefined where none is asked: the file speaks for itself. */
function policyOf(wish: Wish, request: IssuanceRequest, fleet: Fleet): PolicyAnswer | undefined {
  const cluster = wish.from === 'cluster' ? clusterOf(wish, fleet) : undefined;
  return cluster && policyFor(cluster.namePolicy, wish.namespace ?? '', vouchedNames(request));
}

function whyNotManaged(wish: Wish, answer: PolicyAnswer | undefined, fleet: Fleet): Held | undefined {
  const cluster = clusterOf(wish, fleet);
  if (!cluster) return undefined;
  const ofLine = answer?.allowed ? answer.mode : undefined;
  if ((ofLine ?? cluster.mode) === 'manage') return undefined;
  return held('audit', `the cluster ${cluster.name} is in mode audit: looked at, not renewed`);
}

/** No policy and no zone would help. */
function whyNotOffered(request: IssuanceRequest, { spec }: Issuer): Held | undefined {
  const why = spec.type === 'acme' ? whyNotByAcme(request, spec) : undefined;
  return why === undefined ? undefined : held('unsupported', why);
}

function whyNotAllowed({ source, namespace }: Wish, answer: PolicyAnswer | undefined): Held | undefined {
  if (!answer || answer.allowed) return undefined;
  return held(
    'name-not-allowed',
    `the name policy of ${source} does not allow ${answer.names.join(', ') || 'it'} in the namespace ${namespace}`,
  );
}

/** Orders are made outside of all networks of clusters; what an ACME issuer needs is there, and so is what the file's issuers need. */
function whyOutOfReach(
  { kind, name, source, ...issuer }: Issuer,
  { name: of, isDeployed, clusters }: Fleet,
): Held | undefined {
  const reach = clusters.find((cluster) => cluster.name === source)?.reach;
  const [secret] = secretsOf(issuer);
  if (!isDeployed || reach === undefined || secret === undefined) return undefined;
  return {
    ...held(
      'unsupported',
      `its ${kind} ${name} needs the Secret ${secret} of ${source}, which only the copies in ${reach} can reach`,
    ),
    fix: `Put the ${kind} ${name} into the fleet file, and the keys of ${secret} into Secrets Manager as ${fleetSecretId(of, secret)}`,
  };
}

function whyNotProved(wish: Wish, request: IssuanceRequest, by: { fleet: Fleet; issuer: Issuer }): Held | undefined {
  const { spec } = by.issuer;
  if (spec.type !== 'acme') return undefined;
  const scope = { zones: by.fleet.zones, labels: wish.labels };
  const [first] = request.dnsNames.flatMap((name) => challengeProblem(name, spec, scope) ?? []);
  return first && held('challenge-impossible', `${first.message} (${first.fix})`);
}

/** Who may share a key: a FleetCertificate is a group of its own, the rest is grouped by its cluster's trust domain. */
const trustDomainOf = (wish: Wish, clusters: readonly Cluster[]): string =>
  wish.origin === 'FleetCertificate'
    ? wish.id
    : (clusters.find((cluster) => cluster.name === wish.source)?.trustDomain ?? wish.source);

/** Places in clusters that are only looked at are never written, so nothing is wanted there. */
function writablePlaces(wish: Wish, { fleet }: WantContext): readonly WantedPlace[] {
  if (wish.origin !== 'FleetCertificate') return wish.places;
  const audited = new Set(fleet.clusters.filter(({ mode }) => mode === 'audit').map(({ name }) => name));
  return wish.places.filter(({ place }) => {
    const parts = placeParts(place);
    return parts.at !== 'kubernetes' || !audited.has(parts.cluster);
  });
}

const agreed = (wish: WantedPlace): WantedPlace => ({ ...wish, adopt: true });

/** What is wanted of one wish; `held` says why nothing is done for it. */
export function want(wish: Wish, context: WantContext): Asking {
  const { id, source, origin, namespace, name, labels, spec, endpoints } = wish;
  const base = {
    ...{ id, source, origin, name, labels, spec, seenAt: context.now, places: writablePlaces(wish, context) },
    ...(namespace === undefined ? {} : { namespace }),
    ...(endpoints === undefined ? {} : { endpoints }),
  };
  const issuer = issuerOf(wish, context.issuers);
  if (!issuer || spec.issuerRef.group !== CERT_MANAGER_GROUP)
    return { wanted: { ...base, held: noIssuer(wish, context) } };
  const request = requestOf(spec, issuer);
  const { fleet } = context;
  const answer = policyOf(wish, request, fleet);
  const why =
    whyNotManaged(wish, answer, fleet) ??
    whyNotOffered(request, issuer) ??
    whyNotAllowed(wish, answer) ??
    whyOutOfReach(issuer, fleet) ??
    whyNotProved(wish, request, { fleet, issuer });
  if (why) return { wanted: { ...base, issuer: issuer.id, held: why } };
  const issuance = issuanceIdOf(request, trustDomainOf(wish, context.fleet.clusters));
  const places = answer?.allowed && answer.adopt ? base.places.map(agreed) : base.places;
  return { wanted: { ...base, places, issuer: issuer.id, issuance }, request };
}
