/** The names by which everything is addressed: lanes, places, ids. Pure strings; parsing refuses nothing silently. */

/** An instant, ISO 8601 in UTC with milliseconds, e.g. `2026-11-24T09:00:00.000Z`; sorts as text. */
export type Iso = string;

/** All work that shares one remote party and its limits. */
export type Lane = `inventory:${string}` | `issue:${string}` | `deliver:${string}` | 'notify';

/** The source of what the fleet file itself asks for; the other sources are cluster names. */
export const FLEET_SOURCE = 'fleet';

/** The party of Secrets Manager places: `secretsmanager`, or `secretsmanager.<region>` for another region than the environment's. */
export const SECRETS_MANAGER = 'secretsmanager';

/** The party of probes: whoever connects to what the certificates are served at. No place is there, and nothing is delivered to it. */
export const ENDPOINTS = 'endpoints';

/** Names no cluster may have, because they are the first word of other ids. */
export const RESERVED_CLUSTER_NAMES: readonly string[] = [FLEET_SOURCE, SECRETS_MANAGER, ENDPOINTS, 'acm', 'notify'];

/**
 * Where a certificate must be: `<party>/<rest>`. The party is a cluster or a store, and names the deliver lane.
 * Kubernetes: `<cluster>/<namespace>/<secret>`; Secrets Manager: `secretsmanager/<secret name>` (the name may hold slashes).
 */
export type Place = string;

export const kubernetesPlace = (cluster: string, namespace: string, secret: string): Place =>
  `${cluster}/${namespace}/${secret}`;
export const secretsManagerPlace = (name: string, region?: string): Place =>
  `${region ? `${SECRETS_MANAGER}.${region}` : SECRETS_MANAGER}/${name}`;

/** The secret of Secrets Manager that holds what an issuer of the fleet file references: a JSON object, key to text. */
export const fleetSecretId = (fleet: string, secret: string): string => `nolapse/${fleet}/${secret}`;

export const partyOf = (place: Place): string => place.slice(0, place.indexOf('/'));

export type PlaceParts =
  | { readonly at: 'kubernetes'; readonly cluster: string; readonly namespace: string; readonly name: string }
  | { readonly at: 'secretsManager'; readonly name: string; readonly region?: string };

/** The parts of a place. Throws on a string that is no place: places are only ever made by the functions above. */
export function placeParts(place: Place): PlaceParts {
  const party = partyOf(place);
  const rest = place.slice(party.length + 1);
  if (party === SECRETS_MANAGER) return { at: 'secretsManager', name: rest };
  if (party.startsWith(`${SECRETS_MANAGER}.`))
    return { at: 'secretsManager', name: rest, region: party.slice(SECRETS_MANAGER.length + 1) };
  const slash = rest.indexOf('/');
  if (!party || slash < 1) throw new TypeError(`not a place: ${place} (expected <cluster>/<namespace>/<secret>)`);
  return { at: 'kubernetes', cluster: party, namespace: rest.slice(0, slash), name: rest.slice(slash + 1) };
}

/**
 * A certificate somebody asked for: `<cluster>/<namespace>/<name>`, or `fleet/<name>` for a FleetCertificate.
 * A Secret that nobody asked for is listed under its own place.
 */
export type CertificateId = string;

/** An issuer: `fleet/<name>` (ClusterIssuer of the file), `<cluster>/<name>` (ClusterIssuer found there), `<cluster>/<namespace>/<name>` (Issuer). */
export type IssuerId = string;

export const inventoryLane = (source: string): Lane => `inventory:${source}`;
export const issueLane = (issuer: IssuerId): Lane => `issue:${issuer}`;
export const deliverLane = (place: Place): Lane => `deliver:${partyOf(place)}`;
export const PROBE_LANE: Lane = `deliver:${ENDPOINTS}`;

/** Where a certificate must be seen served, as `standards/dns/endpoint.ts` spells it: `shop.example.com:443`, `[2001:db8::1]:443`. */
export type Endpoint = string;
