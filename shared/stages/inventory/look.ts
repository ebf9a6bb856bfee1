/** One look at one cluster: everything read through the port, turned into values without key material. Writes nothing. */
import type { Issuer } from '../../contract/fleet.ts';
import { type CertificateId, type Iso, kubernetesPlace, type Place } from '../../contract/ids.ts';
import type {
  CaBundle,
  ChallengeFacts,
  Definitions,
  Gap,
  IngressFacts,
  Listener,
  Observation,
  Reference,
} from '../../contract/observation.ts';
import type { ClusterKind, ClusterReader } from '../../contract/ports.ts';
import { type Asked, certificateFound, type IssuerFound, ingressFound, issuerFound, type Unreadable } from './asked.ts';
import { withSources } from './ca-bundles.ts';
import { gapOf } from './gaps.ts';
import { readOptional } from './optional.ts';
import { readPlaces } from './other-secrets.ts';
import { readAll } from './read-all.ts';
import { foundIn, type StatusSeen, saying } from './said.ts';
import { settle } from './settle.ts';
import { readTlsSecrets, type SecretsQuestion, type SecretsRead } from './tls-secrets.ts';
import { listenersIn, referencesIn } from './users.ts';

export type { Asked, Unreadable } from './asked.ts';

export interface Look {
  /** UID of kube-system; empty where it may not be read. */
  readonly uid: string;
  readonly asOf: Iso;
  readonly observations: readonly Observation[];
  readonly ingresses: readonly IngressFacts[];
  /** Of Gateways; those of Ingresses are in `ingresses`. */
  readonly references: readonly Reference[];
  readonly listeners: readonly Listener[];
  /** Of webhooks and extension API servers. */
  readonly bundles: readonly CaBundle[];
  readonly definitions?: Definitions;
  /** Of cert-manager, not at their end. */
  readonly challenges: readonly ChallengeFacts[];
  readonly asked: readonly Asked[];
  /** Everything that somebody asks for, honoured or not. */
  readonly named: ReadonlySet<CertificateId>;
  readonly issuers: readonly Issuer[];
  readonly unreadable: readonly Unreadable[];
  /** Of Certificates and issuers, honoured or not. */
  readonly statuses: readonly StatusSeen[];
  readonly gaps: readonly Gap[];
  readonly wholeAt: Iso;
  /** Every kind was read wholly: rows of what is not there any more may be closed. */
  readonly whole: boolean;
  /** Where not, what Gateways asked for before is not gone either. */
  readonly gatewaysRead: boolean;
  /** Where not, `observations` is empty because nothing is known. */
  readonly secretsRead: boolean;
}

/** All kinds but Secrets at once; the first that fails does not leave the others running behind the caller's back. */
const readKinds = (reader: ClusterReader, question: SecretsQuestion) => {
  const { cluster } = question;
  return Promise.allSettled([
    readAll(reader, 'ingresses', (object) => ingressFound(object, cluster)),
    readAll(
      reader,
      'certificates',
      saying('Certificate', cluster, (object) => certificateFound(object, cluster)),
    ),
    readAll(
      reader,
      'issuers',
      saying('Issuer', cluster, (object) => issuerFound(object, 'Issuer', cluster)),
    ),
    readAll(
      reader,
      'cluster-issuers',
      saying('ClusterIssuer', cluster, (object) => issuerFound(object, 'ClusterIssuer', cluster)),
    ),
  ]);
};

/**
 * Certificates in Secrets of other types, which no list of TLS Secrets shows: only those are asked for that an Ingress names, that are
 * not in the list and that nobody asks for.
 */
async function ofOtherTypes(
  reader: ClusterReader,
  cluster: string,
  { listed, asked }: { readonly listed: readonly Observation[]; readonly asked: ReadonlySet<Place> },
  all: readonly IngressFacts[],
) {
  const named = all.flatMap(({ namespace, tls }) =>
    tls.flatMap(({ secretName }) => (secretName ? kubernetesPlace(cluster, namespace, secretName) : [])),
  );
  const unseen = new Set(named.filter((place) => !asked.has(place)));
  for (const { place } of listed) unseen.delete(place);
  const found = await readPlaces(reader, [...unseen]);
  return found.filter(({ chain }) => chain.length > 0);
}

const placeAsked = (cluster: string, { namespace, spec }: Asked): Place =>
  kubernetesPlace(cluster, namespace, spec.secretName ?? '');

async function uidOrGap(reader: ClusterReader): Promise<{ readonly uid: string; readonly gaps: readonly Gap[] }> {
  try {
    return { uid: await reader.uid(), gaps: [] };
  } catch (error) {
    return { uid: '', gaps: [gapOf('kube-system', error)] };
  }
}

async function secretsOrGap(
  reader: ClusterReader,
  question: SecretsQuestion,
): Promise<{ readonly secrets?: SecretsRead; readonly gaps: readonly Gap[] }> {
  try {
    return { secrets: await readTlsSecrets(reader, question), gaps: [] };
  } catch (error) {
    return { gaps: [gapOf('tls-secrets', error)] };
  }
}

const NEVER: Iso = new Date(0).toISOString();

/**
 * Looks at one cluster. `previous` is the snapshot of the last good pass: bodies of Secrets that did not change since are not read
 * again. A kind that may not be read becomes a gap and the rest is read all the same; a namespace kube-system that may not be read
 * is a gap without effect on `whole`. `progress` is told how many Secrets were seen so far.
 * Throws ProblemError `kubernetes:Unreachable` or `kubernetes:Unauthorized`, and any other trouble with Secrets than a refusal.
 */
export async function look(reader: ClusterReader, options: SecretsQuestion): Promise<Look> {
  const { cluster, previous, now } = options;
  const { uid, gaps: ofUid } = await uidOrGap(reader);
  const kinds = await readKinds(reader, options);
  const ofKinds: Gap[] = [];
  const read = <T>(what: ClusterKind, result: PromiseSettledResult<T>): T | undefined => {
    if (result.status === 'fulfilled') return result.value;
    ofKinds.push(gapOf(what, result.reason));
    return undefined;
  };
  const ingresses = read('ingresses', kinds[0]) ?? [];
  const facts = ingresses.map((ingress) => ingress.facts);
  const asking = read('certificates', kinds[1]);
  const certificates = asking && foundIn(asking);
  const issuing = [...(read('issuers', kinds[2]) ?? []), ...(read('cluster-issuers', kinds[3]) ?? [])];
  const issuers: readonly IssuerFound[] = foundIn(issuing);
  const optional = await readOptional(reader, options);
  const shims = [...ingresses.map(({ shim }) => shim), ...optional.told.flatMap((one) => one.shim ?? [])];
  const { asked, unreadable, named } = settle(certificates ?? [], shims, cluster);
  const places = new Set(asked.map((one) => placeAsked(cluster, one)));
  const isAskedFor = (place: Place): boolean => places.has(place) || options.isAskedFor?.(place) === true;
  const { secrets, gaps: ofSecrets } = await secretsOrGap(reader, { ...options, isAskedFor });
  const listed = secrets?.observations ?? [];
  const others = secrets ? await ofOtherTypes(reader, cluster, { listed, asked: places }, facts) : [];
  const bundles = optional.told.flatMap((one) => one.bundles ?? []);
  return {
    uid,
    asOf: now.toISOString(),
    observations: [...listed, ...others],
    ingresses: facts,
    references: referencesIn(optional.told, cluster),
    listeners: listenersIn(optional.told, cluster),
    bundles: secrets ? await withSources(bundles, { reader, cluster, certificates, observations: listed }) : bundles,
    challenges: optional.told.flatMap((one) => one.challenges ?? []),
    ...(optional.definitions && { definitions: optional.definitions }),
    ...{ asked, named },
    issuers: issuers.flatMap((found) => ('issuer' in found ? found.issuer : [])),
    statuses: [...(asking ?? []), ...issuing].map(({ says }) => says),
    unreadable: [...unreadable, ...issuers.flatMap((found) => ('unreadable' in found ? found.unreadable : []))],
    gaps: [...ofUid, ...ofSecrets, ...ofKinds, ...optional.gaps],
    wholeAt: secrets?.wholeAt ?? previous?.wholeAt ?? NEVER,
    whole: ofSecrets.length + ofKinds.length === 0,
    gatewaysRead: optional.gaps.every(({ what }) => what !== 'gateways'),
    secretsRead: secrets !== undefined,
  };
}
