/** Who plays: names of clusters, services and the surprise, drawn anew for each run. Nothing here touches the world. */
import { randomInt } from 'node:crypto';

const COMPANIES = [
  'juniper',
  'larkspur',
  'osprey',
  'saffron',
  'tamarind',
  'wisteria',
  'marlin',
  'cobalt',
  'heron',
  'quartz',
];
const CITIES = ['oslo', 'lima', 'turin', 'quito', 'accra', 'kyoto', 'malmo', 'tunis', 'porto', 'perth'];
const NAMESPACES = ['shop', 'web', 'front', 'store'];
const SERVICES = [
  'cart',
  'search',
  'login',
  'media',
  'blog',
  'docs',
  'api',
  'pay',
  'mail',
  'chat',
  'maps',
  'news',
  'help',
  'jobs',
];
const DATABASES = ['postgres', 'mongo', 'redis', 'kafka', 'vault'];

/** One defect more, another one in each run. */
export const SURPRISES = ['expired', 'secret-missing', 'name-not-allowed', 'issuer-not-found'] as const;
export type Surprise = (typeof SURPRISES)[number];

/** The part of each service: what has happened to its certificate. */
export const ROLES = [
  'healthy',
  'expired',
  'byKubectl',
  'fromIngress',
  'mismatch',
  'unreadable',
  'staging',
  'misnamed',
  'annotated',
  'surprise',
] as const;
export type Role = (typeof ROLES)[number];

export interface Cast {
  readonly fleet: string;
  readonly zone: { readonly id: string; readonly name: string };
  /** The one with services, and the one with a private CA. */
  readonly clusters: readonly [string, string];
  readonly namespace: string;
  readonly database: string;
  readonly service: Readonly<Record<Role, string>>;
  readonly surprise: Surprise;
}

function drawn<T>(from: readonly T[], count: number): readonly T[] {
  const rest = [...from];
  return Array.from({ length: count }, () => rest.splice(randomInt(rest.length), 1)).flat();
}

function one<T>(from: readonly T[]): T {
  const [found] = drawn(from, 1);
  if (found === undefined) throw new RangeError('nothing to draw from');
  return found;
}

export function drawCast(): Cast {
  const fleet = one(COMPANIES);
  const [first = 'oslo', second = 'lima'] = drawn(CITIES, 2);
  const services = drawn(SERVICES, ROLES.length);
  return {
    fleet,
    zone: { id: `Z0${fleet.toUpperCase()}${randomInt(1_000_000, 10_000_000)}`, name: `${fleet}.example` },
    clusters: [first, second],
    namespace: one(NAMESPACES),
    database: one(DATABASES),
    service: Object.fromEntries(ROLES.map((role, i) => [role, services[i]])) as Record<Role, string>,
    surprise: one(SURPRISES),
  };
}

export const hostOf = ({ zone, service }: Cast, role: Role): string => `${service[role]}.${zone.name}`;
export const secretOf = ({ service }: Cast, role: Role): string => `${service[role]}-tls`;
