/** What EKS says in a world: each cluster at its front, known by a second name too, with an access entry for a role of each identity. */

import type { PutUp } from '../../lambda/provision.ts';
import { REGION } from './aws-parts.ts';
import { groupsOf, type Identity, identities } from './rbac-parts.ts';
import type { WorldEks } from './world.ts';

/** Whose AWS settings the command is given. */
export const USER = { accessKeyId: 'nolapse', secretAccessKey: 'nolapse' };

const roleArn = (identity: Identity): string => `arn:aws:iam::111111111111:role/${identity}`;
const userArn = `arn:aws:iam::000000000000:user/${USER.accessKeyId}`;

const entry = (principalArn: string, identity: Identity) => ({
  ...{ principalArn, username: identity, groups: groupsOf(identity) },
});

/** EKS calls a principal by its ARN unless it is told otherwise. */
const entriesIn = (cluster: string, { entries }: Pick<PutUp, 'entries'>) =>
  entries
    .filter((one) => one.cluster === cluster)
    .map(({ principalArn, groups }) => ({ principalArn, username: principalArn, groups }));

const another = (name: string): string => `${name}-of-another`;

/** How a fleet file names the cluster of that name. */
export const eksOf = (name: string): { readonly eks: WorldEks; readonly eksOfAnother: WorldEks } => {
  const eks = { clusterName: name, region: REGION, roleArn: roleArn('nolapse') };
  return { eks, eksOfAnother: { ...eks, clusterName: another(name) } };
};

export interface EksWorld {
  readonly eksUrl: string;
  readonly clusters: readonly { readonly name: string; readonly front: string }[];
  readonly caPem: string;
  /** Roles beside those of the world, and how they may enter. */
  readonly service?: Pick<PutUp, 'roles' | 'entries'>;
}

const NOBODY: Pick<PutUp, 'roles' | 'entries'> = { roles: [], entries: [] };

/** Tells the origin `eksUrl`, through its back door, where the clusters are and who may enter. */
export async function tellEks({ eksUrl, clusters, caPem, service = NOBODY }: EksWorld): Promise<void> {
  const accessEntries = [
    ...identities.map((identity) => entry(roleArn(identity), identity)),
    entry(userArn, 'nolapse'),
  ];
  const told = {
    users: [
      { ...USER, principalArn: userArn },
      ...service.roles.map(({ name, arn }) => ({ accessKeyId: name, secretAccessKey: name, principalArn: arn })),
    ],
    clusters: clusters.flatMap(({ name, front: endpoint }) =>
      [name, another(name)].map((known) => ({
        ...{ name: known, endpoint, caPem },
        accessEntries: [...accessEntries, ...entriesIn(known, service)],
      })),
    ),
  };
  const answer = await fetch(`${eksUrl}/_sandbox/eks`, { method: 'POST', body: JSON.stringify(told) });
  if (!answer.ok) throw new Error(`EKS was not told of its clusters: ${answer.status} ${await answer.text()}`);
}
