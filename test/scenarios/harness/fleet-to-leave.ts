/** A fleet that scenarios give up: a Secret that we make, one that kubectl made, a secret in the store; and what of ours is on them. */
import type { LeaveAnswer } from './answers.ts';
import { fleetCertificate, writeFleet } from './fleet-file.ts';
import type { Recorded } from './recorder.ts';
import { secretAt } from './served.ts';
import { selfSignedPair, tlsSecret } from './tls-secrets.ts';
import type { Manifest, World } from './world.ts';

export const AT = { namespace: 'shop', name: 'shop-tls' };
export const STORE = 'certs/shop';
export const PLACES = ['east/shop/shop-tls', `secretsmanager/${STORE}`, 'west/shop/shop-tls'];

/** Half of the Secret that kubectl made stays its own. The path of the fleet file. */
export async function fleetToLeave(world: World): Promise<string> {
  const [, west] = world.clusters;
  for (const { admin } of world.clusters) await admin.namespace('shop');
  const host = `shop.${world.zone.name}`;
  const theirs = tlsSecret(AT, await selfSignedPair([host]));
  await west.admin.create({ ...theirs, data: { ...theirs.data, 'ca.crt': 'dGhlaXJz' } }, 'kubectl-create');
  const places = [
    { kubernetesSecret: { clusters: ['east', 'west'], ...AT, adopt: true } },
    { secretsManager: { name: STORE, adopt: true } },
  ];
  return writeFleet(world, { documents: [fleetCertificate('shop', [host, `*.${host}`], places)] });
}

/** Values of somebody else at the name of the challenge; the zone with them. */
export async function foreignValues({ zone }: World): Promise<string> {
  const values = ['"somebody else\'s"', '"another one"'];
  await zone.addForeign({ name: `_acme-challenge.shop.${zone.name}`, type: 'TXT', ttl: 77, values });
  return zone.snapshot();
}

export const secretsOf = (world: World): Promise<readonly (Manifest | undefined)[]> =>
  Promise.all(world.clusters.map(({ admin }) => admin.get(secretAt(AT.namespace, AT.name))));

/** What is in all places, key included: it must be the same before and after. */
export async function contentsOf(world: World): Promise<unknown> {
  const secrets = (await secretsOf(world)).map((secret) => [secret?.type, secret?.data]);
  return [...secrets, await world.secretsManager.value(STORE), await world.secretsManager.versions(STORE)];
}

/** One word for each mark or field of ours that is still on a Secret. */
export const oursOn = (secrets: readonly (Manifest | undefined)[]): readonly string[] =>
  secrets.flatMap((secret) => [
    ...Object.keys(secret?.metadata.annotations ?? {}).filter((name) => name.startsWith('nolapse.dev/')),
    ...(secret?.metadata.managedFields ?? []).flatMap(({ manager }) => (manager.startsWith('nolapse') ? manager : [])),
  ]);

export const outcomes = ({ places }: LeaveAnswer): readonly string[] =>
  places.map(({ place, outcome }) => `${place} ${outcome}`).sort();
export const each = (outcome: string): readonly string[] => PLACES.map((place) => `${place} ${outcome}`);

/** What leaving changes in the world, each once. */
export const changesValues = ({ kind, path }: Recorded): boolean => kind === 'write' && path.endsWith('/rrset');
export const givesSecretBack = ({ method, path }: Recorded): boolean =>
  method === 'PATCH' && path.endsWith('/secrets/shop-tls');
export const untags = ({ operation }: Recorded): boolean => operation === 'secretsmanager UntagResource';

/** Whether the zone has taken values of ours since. */
export const hasValues = ({ recorder }: World, mark = 0): boolean =>
  recorder.seen(mark).some((seen) => changesValues(seen) && seen.status === 200);
