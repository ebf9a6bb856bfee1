/** What is asked for in one source, as wanted rows: the file's word first, every place claimed once. Pure. */
import type { Fleet, Issuer } from '../contract/fleet.ts';
import { FLEET_SOURCE, type Iso, type IssuerId, kubernetesPlace, type Place, partyOf } from '../contract/ids.ts';
import type { Observation } from '../contract/observation.ts';
import type { Wanted } from '../contract/rows.ts';
import { type Asking, type WantContext, type Wish, want } from '../stages/assess/want.ts';
import type { Asked, Unreadable } from '../stages/inventory/look.ts';
import { neverProved } from '../standards/certmanager/never-proved.ts';
import { registeredDomains } from '../standards/dns/public-suffix.ts';
import { CERTIFICATE_NAME } from '../standards/kubernetes/ownership.ts';
import type { Demand } from './assess.ts';

/** What the fleet file asks for in one source. */
export const fileWishes = (fleet: Fleet, source: string): readonly Wish[] =>
  fleet.certificates
    .filter((certificate) => certificate.source === source)
    .map((certificate) => ({ ...certificate, from: 'file' }));

const clusterWish = (cluster: string, asked: Asked): Wish => {
  const { id, origin, namespace, name, labels, spec, endpoints } = asked;
  const place = kubernetesPlace(cluster, namespace, spec.secretName ?? name);
  return {
    ...{ id, origin, namespace, name, labels, spec, source: cluster },
    places: [{ place, adopt: false }],
    ...(endpoints ? { endpoints } : {}),
    from: 'cluster',
  };
};

/** The file's and the cluster's, each id once: what the owner of the fleet wrote stands before what was found. */
export function wishesOf(fleet: Fleet, cluster: string, asked: readonly Asked[]): readonly Wish[] {
  const fromFile = fileWishes(fleet, cluster);
  const ids = new Set(fromFile.map(({ id }) => id));
  return [...fromFile, ...asked.filter(({ id }) => !ids.has(id)).map((one) => clusterWish(cluster, one))];
}

export interface Found {
  readonly fleet: Fleet;
  readonly issuers: readonly Issuer[];
  readonly unreadable: readonly Unreadable[];
  readonly now: Iso;
}

export function wantContext({ fleet, issuers, unreadable, now }: Found): WantContext {
  const all: ReadonlyMap<IssuerId, Issuer> = new Map([...issuers, ...fleet.issuers].map((one) => [one.id, one]));
  const kinds = ['Issuer', 'ClusterIssuer'];
  const unusableIssuers = new Set(
    unreadable
      .filter(({ object }) => kinds.includes(object.kind))
      .map(({ object }) => `${object.kind}/${object.namespace ?? ''}/${object.name}`),
  );
  return { fleet, issuers: all, unusableIssuers, now };
}

/** FleetCertificates whose certificate also goes into this cluster: their places are looked at with it. */
export const fleetWishesIn = (fleet: Fleet, party: string): readonly Wish[] =>
  fileWishes(fleet, FLEET_SOURCE).filter(({ places }) => places.some(({ place }) => partyOf(place) === party));

/** A place holds one certificate: the one that the Secret itself names, else the first by name; the others are held. */
export function claimed(
  asking: readonly Asking[],
  taken: ReadonlySet<Place>,
  observations: ReadonlyMap<Place, Observation>,
): readonly Asking[] {
  const owner = new Map<Place, string>();
  const isNamed = ({ wanted }: Asking, place: Place): boolean =>
    observations.get(place)?.annotations[CERTIFICATE_NAME] === wanted.name;
  const claims = asking
    .filter(({ wanted }) => !wanted.held)
    .flatMap((one) => one.wanted.places.map(({ place }) => ({ one, place })));
  const ordered = claims.toSorted(
    (a, b) =>
      Number(isNamed(b.one, b.place)) - Number(isNamed(a.one, a.place)) ||
      a.one.wanted.id.localeCompare(b.one.wanted.id),
  );
  for (const { one, place } of ordered) if (!owner.has(place)) owner.set(place, one.wanted.id);
  return asking.map((one) => {
    const lost = one.wanted.places.find(({ place }) => taken.has(place) || owner.get(place) !== one.wanted.id);
    if (!lost || one.wanted.held) return one;
    const by = taken.has(lost.place) ? 'a FleetCertificate' : owner.get(lost.place);
    const { issuance: _issuance, ...wanted } = one.wanted;
    const held = { reason: 'unsupported', message: `its Secret ${lost.place} is the place of ${by}` } as const;
    // what is there is another's, and says nothing of this wish
    return { wanted: { ...wanted, held, places: wanted.places.filter((place) => place !== lost) } };
  });
}

/** Of what is only looked at, whether whoever is to renew it can prove its names at all. */
function withChallenge(asking: Asking, { issuers }: WantContext): Asking {
  const { held, issuer, spec, labels } = asking.wanted;
  const by = issuers.get(issuer ?? '')?.spec;
  if (held?.reason !== 'audit' || by?.type !== 'acme') return asking;
  const [challenge] = spec.dnsNames.flatMap((name) => neverProved(name, by, labels) ?? []);
  return challenge ? { ...asking, wanted: { ...asking.wanted, held: { ...held, challenge } } } : asking;
}

export const wantAll = (wishes: readonly Wish[], context: WantContext): readonly Asking[] =>
  wishes.map((wish) => withChallenge(want(wish, context), context));

/** One demand for each issuance, with all of its members here. */
export function demandsOf(asking: readonly Asking[]): readonly Demand[] {
  const demands = new Map<string, Demand>();
  for (const { wanted, request } of asking) {
    if (!wanted.issuance || !request) continue;
    const known = demands.get(wanted.issuance);
    const members = [...(known?.members ?? []), wanted.id];
    const domains = known?.registeredDomains ?? registeredDomains(request.dnsNames);
    demands.set(wanted.issuance, { id: wanted.issuance, request, members, registeredDomains: domains });
  }
  return [...demands.values()];
}

/** More than a fifth of what was wanted, gone at once: rather a fault of the source than a wish. */
export function isMassDisappearance(before: readonly Wanted[], gone: readonly Wanted[]): boolean {
  return before.length >= 5 && gone.length * 5 > before.length;
}
