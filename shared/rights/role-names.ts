/** The roles of a fleet, and what they are called in the service's account: known before they exist, because others trust them by name. */
import { createHash } from 'node:crypto';
import { FUNCTIONS, type FunctionName } from '../contract/environment.ts';
import type { Cluster, Fleet } from '../contract/fleet.ts';
import { FLEET_SOURCE } from '../contract/ids.ts';
import { issuerIdOf } from '../standards/certmanager/issuer.ts';

/** A function, or its copy in a Reach. */
export type RoleName = FunctionName | `inventory@${string}` | `deliver@${string}`;

export interface RoleParts {
  readonly name: FunctionName;
  readonly reach?: string;
}

export function rolePartsOf(role: RoleName): RoleParts {
  const [name, reach] = role.split('@') as [FunctionName, string?];
  return reach === undefined ? { name } : { name, reach };
}

const copyOf = (name: 'inventory' | 'deliver', reach: string | undefined): RoleName =>
  reach === undefined ? name : `${name}@${reach}`;

/** One a function, and the copies of inventory and deliver in each Reach. */
export const roleNames = ({ reach }: Pick<Fleet, 'reach'>): readonly RoleName[] => [
  ...FUNCTIONS,
  ...reach.flatMap(({ name }) => [copyOf('inventory', name), copyOf('deliver', name)]),
];

/** Whether anything in the cluster may be renewed: only then is it written to. */
export const isManaged = ({ mode, namePolicy }: Cluster): boolean =>
  mode === 'manage' || namePolicy.some((line) => line.mode === 'manage');

/**
 * The roles that talk to a cluster: inventory always, deliver where something in it is managed, issue where an issuer found in it may be
 * asked, whose Secrets are then read there. Issue has no copy in a Reach: from there it reads no Secret.
 */
export function rolesIn(cluster: Cluster, fleet: Fleet): readonly RoleName[] {
  const { reach } = cluster;
  return [
    copyOf('inventory', reach),
    ...(isManaged(cluster) ? [copyOf('deliver', reach)] : []),
    ...(reach === undefined && hasOwnIssuers(cluster, fleet) ? (['issue'] as const) : []),
  ];
}

/** What is found in a cluster may name its issuers; so may what the file asks for there, where the file has no such issuer. */
function hasOwnIssuers(cluster: Cluster, { certificates, issuers }: Fleet): boolean {
  if (!isManaged(cluster)) return false;
  const inFile = new Set(issuers.map(({ id }) => id));
  const asked = certificates.filter(({ source }) => source === cluster.name);
  const meant = asked.map(({ namespace = '', spec: { issuerRef: ref } }) =>
    ref.kind === 'Issuer'
      ? issuerIdOf(cluster.name, namespace, ref.name)
      : issuerIdOf(FLEET_SOURCE, undefined, ref.name),
  );
  return cluster.namePolicy.length > 0 || meant.some((id) => !inFile.has(id));
}

/** IAM's limit for the name of a role. */
const MAX_NAME = 64;
const HASH = 8;

/** `nolapse-<fleet>-<role>`; a longer one is cut and ends with a hash, so that no two meet. */
export function roleNameOf(fleet: string, role: RoleName): string {
  const name = `nolapse-${fleet}-${role}`;
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH);
  return `${name.slice(0, MAX_NAME - HASH - 1)}-${hash}`;
}
