/** From what was seen and what is wanted to findings and the lines of the inventory: which judge sees what. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import type { Issuer } from '../../contract/fleet.ts';
import type { Place } from '../../contract/ids.ts';
import type { CertificateView } from '../../contract/observation.ts';
import { oneByOne } from '../../contract/one-by-one.ts';
import type { Destination, Issuance, Wanted } from '../../contract/rows.ts';
import { viewsOfAcm } from './acm-views.ts';
import {
  type ClusterIndex,
  contentAt,
  indexOf,
  isInPlan,
  type SourceSeen,
  standingAt,
  unwanted,
} from './cluster-index.ts';
import { contentOfDestination, contentOfObservation, oneEach } from './content.ts';
import { judgeBundle } from './judge-bundles.ts';
import { authoritiesOf, type CertificateAuthority, judgeCa } from './judge-ca.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { type Stuck, stuckChallenges } from './judge-challenges.ts';
import { judgeDrift } from './judge-drift.ts';
import { judgeHeld } from './judge-held.ts';
import { judgeHost, viewOfHost } from './judge-hosts.ts';
import { judgeIngress, nameIndexOf } from './judge-ingress.ts';
import { judgeKeepers } from './judge-keepers.ts';
import { judgeSecret } from './judge-secrets.ts';
import { judgeSolvers } from './judge-solvers.ts';
import { judgeStaging } from './judge-staging.ts';
import { isReferenced, judgeUnmanaged, type Standing } from './judge-unmanaged.ts';
import { NOBODY } from './managed-by.ts';
import { viewOfSecret, viewOfWanted, type WantedSeen } from './views.ts';

export type { SourceSeen } from './cluster-index.ts';
export { gapOfHosts } from './judge-hosts.ts';
export { judgeIssuance } from './judge-managed.ts';
export { laneObject, lanePaused, sourceDown, sourceGaps, unreadableManifest } from './judge-source.ts';

export interface Judged {
  /** For the owner `SRC#<source>`; what rows alone say is told by judgeIssuance for each issuance. */
  readonly verdicts: readonly Verdict[];
  /** Each Wanted once, and each Secret that no Wanted has as its place; of a cluster, made as they are read. */
  readonly views: Iterable<CertificateView>;
}

/** They are few. */
export interface FleetJudged extends Judged {
  readonly views: readonly CertificateView[];
}

type Authorities = ReadonlyMap<Place, CertificateAuthority>;

const issuanceOf = (wanted: Wanted, issuances: ReadonlyMap<string, Issuance>): Pick<WantedSeen, 'issuance'> => {
  const issuance = issuances.get(wanted.issuance ?? '');
  return issuance && !wanted.held ? { issuance } : {};
};

function seenOf(index: ClusterIndex, authorities: Authorities, wanted: Wanted): WantedSeen {
  const places = wanted.places.map(({ place }) => place);
  const ca = places.flatMap((place) => authorities.get(place) ?? [])[0];
  return {
    wanted,
    ...issuanceOf(wanted, index.seen.issuances),
    contents: places.map((place) => contentAt(index, place)),
    destinations: places.flatMap((place) => index.seen.destinations.get(place) ?? []),
    observations: places.flatMap((place) => index.observationAt.get(place) ?? []),
    ...(ca && { ca }),
  };
}

/** Of one in the plan: only what its issuer must be known for. */
const judgeByIssuer = (seen: WantedSeen, issuance: Issuance, issuer: Issuer | undefined): readonly Verdict[] => [
  ...judgeSolvers(seen.wanted, issuance, issuer),
  ...judgeStaging(seen, { issuance, issuer }),
];

/** What uses any of its places, and who keeps the first. */
function standingOf(index: ClusterIndex, { wanted: { places }, ca }: WantedSeen): Standing {
  const standings = places.map(({ place }) => standingAt(index, place));
  const references = [...new Set(standings.flatMap((standing) => standing.references))];
  return { references, managedBy: standings[0]?.managedBy ?? NOBODY, ...(ca && { authority: ca }) };
}

/** What is wrong with each Secret, whoever wants it. */
function judgeHoldings(index: ClusterIndex, authorities: Authorities, now: Date): readonly Verdict[] {
  return index.seen.observations.flatMap((observation) => {
    const { place } = observation;
    const authority = authorities.get(place);
    const standing = { ...standingAt(index, place), ...(authority && { authority }) };
    const isUsed = isReferenced(standing) || index.wantedAt.has(place) || isInPlan(index, place);
    return [...judgeSecret(observation, standing.references), ...judgeCertificate(observation, isUsed, now)];
  });
}

const stuckOf = ({ of }: Stuck, { wanted: { id } }: WantedSeen) => {
  const stuck = of.get(id);
  return stuck ? { stuck } : {};
};

const usedBy = ({ references }: Standing) => (references.length > 0 ? { references } : {});

function judgeUnwanted(index: ClusterIndex, authorities: Authorities, now: Date) {
  return unwanted(index).flatMap((observation) => {
    const authority = authorities.get(observation.place);
    const standing = { ...standingAt(index, observation.place), ...(authority && { authority }) };
    return judgeUnmanaged(contentOfObservation(observation), standing, now);
  });
}

/**
 * One cluster. Says nothing that the rows of an issuance tell by themselves (judgeIssuance).
 * Work grows with the number of objects, not with its square.
 */
export function judgeSource(seen: SourceSeen, now: Date): Judged {
  const index = indexOf(seen);
  const issuers = new Map(seen.issuers.map((issuer) => [issuer.id, issuer]));
  const cas = authoritiesOf(index);
  const authorities = new Map(cas.flatMap((ca) => (ca.seenIn === 'its Secret' ? [[ca.place, ca] as const] : [])));
  const byName = nameIndexOf(index, now);
  const all = index.wanted.map((wanted) => seenOf(index, authorities, wanted));
  const stuck = stuckChallenges(index, now);
  const verdicts = [
    ...all.flatMap((one) =>
      one.issuance
        ? judgeByIssuer(one, one.issuance, issuers.get(one.wanted.issuer ?? ''))
        : judgeHeld(one.wanted, one.contents, { standing: standingOf(index, one), now, ...stuckOf(stuck, one) }),
    ),
    ...stuck.others,
    ...judgeUnwanted(index, authorities, now),
    ...judgeHoldings(index, authorities, now),
    ...judgeKeepers(index, now),
    ...judgeDrift(index),
    ...(seen.bundles ?? []).flatMap((bundle) => judgeBundle(bundle, now)),
    ...(seen.hosts ?? []).flatMap((host) => judgeHost(host, index, now)),
    ...seen.ingresses.flatMap((ingress) => judgeIngress(ingress, index, byName)),
    ...cas.flatMap((ca) => judgeCa(ca, now)),
  ];
  return { verdicts: oneEach(verdicts), views: oneByOne(() => viewsIn(index, { all, authorities, now })) };
}

interface Assembled {
  readonly all: readonly WantedSeen[];
  readonly authorities: Authorities;
  readonly now: Date;
}

function* viewsIn(index: ClusterIndex, { all, authorities, now }: Assembled): Generator<CertificateView> {
  const { seen, wanted } = index;
  const ids = new Set(wanted.map(({ id }) => id));
  for (const one of all) yield { ...viewOfWanted(one, now), ...usedBy(standingOf(index, one)) };
  for (const observation of unwanted(index)) {
    const used = usedBy(standingAt(index, observation.place));
    const view = { ...viewOfSecret(observation, authorities.get(observation.place), now), ...used };
    // a Certificate may have the name of a Secret that is not its own
    yield ids.has(view.id) ? { ...view, id: `${view.id}#secret` } : view;
  }
  yield* viewsOfAcm(seen.ingresses, seen.cluster);
  for (const host of seen.hosts ?? []) yield* viewOfHost(host, seen.cluster, now);
}

/** FleetCertificates, source `fleet`: their places are known by their rows alone. `issuers`: those of the file. */
export function judgeFleet(
  seen: {
    readonly wanted: readonly Wanted[];
    readonly issuances: ReadonlyMap<string, Issuance>;
    readonly destinations: ReadonlyMap<Place, Destination>;
    readonly issuers?: readonly Issuer[];
  },
  now: Date,
): FleetJudged {
  const issuers = new Map((seen.issuers ?? []).map((issuer) => [issuer.id, issuer]));
  const all = seen.wanted
    .filter(({ goneAt }) => goneAt === undefined)
    .map((wanted): WantedSeen => {
      const rows = wanted.places.map(({ place }) => ({ place, row: seen.destinations.get(place) }));
      return {
        wanted,
        ...issuanceOf(wanted, seen.issuances),
        contents: rows.map(({ place, row }) => (row ? contentOfDestination(row) : { place, is: 'unknown' })),
        destinations: rows.flatMap(({ row }) => row ?? []),
        observations: [],
      };
    });
  const standing = { references: [], managedBy: NOBODY };
  const verdicts = all.flatMap((one) =>
    one.issuance
      ? judgeByIssuer(one, one.issuance, issuers.get(one.wanted.issuer ?? ''))
      : judgeHeld(one.wanted, one.contents, { standing, now }),
  );
  return { verdicts: oneEach(verdicts), views: all.map((one) => viewOfWanted(one, now)) };
}
