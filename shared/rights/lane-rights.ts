/** What a lane needs beyond its rows: the remote parties that it talks to, and the keys that it seals and opens with. */
import type { Cluster, Fleet } from '../contract/fleet.ts';
import { fleetSecretId, placeParts } from '../contract/ids.ts';
import { secretsOf } from '../standards/certmanager/issuer-secrets.ts';
import { clusterArn, isEks } from './cluster-role.ts';
import { challengeRights } from './dns-role.ts';
import { type Granted, granted, grantedOn } from './granted.ts';
import type { Resources } from './resources.ts';
import { type RoleName, rolePartsOf, rolesIn } from './role-names.ts';
import { secretCalled, secretNamed } from './secret-arns.ts';
import { type Conditions, onlyVia } from './statements.ts';

export interface Of {
  readonly fleet: Fleet;
  readonly resources: Resources;
  readonly role: RoleName;
}

export const clustersOf = ({ fleet, role }: Of): readonly Cluster[] =>
  fleet.clusters.filter((cluster) => rolesIn(cluster, fleet).includes(role));

/** Roles without a Reach also work for what is in no cluster: the fleet file's own certificates, and stores. */
export const isEverywhere = ({ role }: Of): boolean => rolePartsOf(role).reach === undefined;

const INSIDE = {
  inventory: 'reads what the clusters hold, Secrets with their keys among it: list on Secrets is all of each',
  deliver: 'reads and replaces Secrets in the namespaces that the RBAC of the clusters gives to deliver',
  issue: 'reads the Secrets of issuers that the RBAC of the clusters names',
} as const;

/** How a role gets to its clusters. What it may do in them is RBAC's. */
export function clusterRights(of: Of): readonly Granted[] {
  const { resources, role } = of;
  const clusters = clustersOf(of);
  const thief = INSIDE[rolePartsOf(role).name as keyof typeof INSIDE];
  const eks = clusters.filter(isEks);
  const own = eks.filter(({ access }) => access.roleArn === undefined);
  return [
    ...grantedOn(
      eks.flatMap(({ access }) => access.roleArn ?? []),
      { sid: 'TakeClusterRoles', actions: ['sts:AssumeRole'] },
      {
        because: 'these clusters are known by a role that their own account made',
        thief:
          'is in these clusters all that the role is, for whichever function: reads and writes what their RBAC allows',
      },
    ),
    ...grantedOn(
      own.map((cluster) => clusterArn(cluster, resources)),
      { sid: 'FindClusters', actions: ['eks:DescribeCluster'] },
      { because: 'address and CA of clusters in this account are asked of EKS', thief },
    ),
    ...grantedOn(
      clusters.flatMap(({ access }) => (access.by === 'secret' ? [secretCalled(resources, access.secretId)] : [])),
      { sid: 'ReadKubeconfigs', actions: ['secretsmanager:GetSecretValue'] },
      {
        because: 'these clusters are reached by a kubeconfig that is a secret',
        thief:
          'is in these clusters all that the kubeconfig is, for whichever function: reads and writes what their RBAC allows',
      },
    ),
  ];
}

/** The secrets of Secrets Manager that the fleet names as places. */
const storesOf = ({ fleet, resources }: Of): readonly string[] =>
  fleet.certificates
    .flatMap(({ places }) => places.map(({ place }) => placeParts(place)))
    .flatMap((parts) => (parts.at === 'secretsManager' ? [secretNamed(resources, parts.name, parts.region)] : []));

export const lookRights = (of: Of): readonly Granted[] =>
  isEverywhere(of)
    ? grantedOn(
        storesOf(of),
        { sid: 'LookAtStores', actions: ['secretsmanager:DescribeSecret'] },
        {
          because: 'what these places hold is told by their tags and version ids, so their values are never read',
          thief: 'learns which certificate is where, not its key',
        },
      )
    : [];

/** The tags that are ours, and that there are some: ForAllValues holds where there is none. */
const ONLY_MARKS: Conditions = {
  'ForAllValues:StringLike': { 'aws:TagKeys': ['nolapse.dev/*'] },
  Null: { 'aws:TagKeys': ['false'] },
};

/**
 * Exactly what the adapter of Secrets Manager sends. That a secret carries our mark is no condition for taking it off: AWS refuses to remove a
 * tag by which whoever removes it would lose the right to.
 */
export const storeRights = (of: Of): readonly Granted[] =>
  isEverywhere(of)
    ? [
        ...grantedOn(
          storesOf(of),
          {
            sid: 'WriteStores',
            actions: [
              'secretsmanager:DescribeSecret',
              'secretsmanager:CreateSecret',
              'secretsmanager:PutSecretValue',
              'secretsmanager:UpdateSecretVersionStage',
              'secretsmanager:TagResource',
            ],
          },
          {
            because: 'certificates are delivered to these places; their values are written and never read',
            thief: 'replaces certificates and keys in these places with others, and cannot read what is there',
          },
        ),
        ...grantedOn(
          storesOf(of),
          { sid: 'UnmarkStores', actions: ['secretsmanager:UntagResource'], conditions: ONLY_MARKS },
          {
            because: 'when the fleet is left, the tags that say what is ours are taken off, and no others',
            thief:
              'lets these places look as if nobody kept them: what is in them stays, and is not renewed there before somebody adopts it',
          },
        ),
      ]
    : [];

/** Only what is sealed for this fleet, and with all that a seal is bound to. */
const sealedFor = (fleet: Fleet, bound: readonly string[]): Conditions => ({
  StringEquals: { 'kms:EncryptionContext:fleet': [fleet.name] },
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['fleet', ...bound] },
  Null: Object.fromEntries(bound.map((key) => [`kms:EncryptionContext:${key}`, ['false']])),
});

const ATTEMPT = ['issuance', 'attempt'];
const ACCOUNT = ['account'];

export const sealRights = ({ fleet, resources }: Of): readonly Granted[] => [
  granted(
    {
      sid: 'SealKeys',
      actions: ['kms:GenerateDataKey'],
      resources: [resources.attemptKey],
      conditions: sealedFor(fleet, ATTEMPT),
    },
    {
      because: 'the key of a new certificate is sealed before it is stored; what was sealed cannot be opened here',
      thief: 'seals something that deliver would open; opens nothing',
    },
  ),
  granted(
    {
      sid: 'SignInToCas',
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: [resources.accountKey],
      conditions: sealedFor(fleet, ACCOUNT),
    },
    {
      because: 'the keys of accounts at CAs are sealed at rest and opened to sign requests',
      thief: 'acts at the CAs as this account: orders, and revokes what was issued to it',
    },
  ),
];

export const unsealRights = ({ fleet, resources }: Of): readonly Granted[] => [
  granted(
    {
      sid: 'OpenKeys',
      actions: ['kms:Decrypt'],
      resources: [resources.attemptKey],
      conditions: sealedFor(fleet, ATTEMPT),
    },
    {
      because: 'the key of a certificate is opened to be put into its places',
      thief: 'opens the keys of certificates under way, and those that are kept for FleetCertificates',
    },
  ),
];

export const zoneRights = ({ fleet, resources }: Of): readonly Granted[] => [
  ...grantedOn(
    fleet.zones.flatMap(({ roleArn }) => roleArn ?? []),
    { sid: 'TakeDnsRoles', actions: ['sts:AssumeRole'] },
    {
      because:
        'these zones are in other accounts, whose owners made a role that may answer challenges and nothing else',
      thief: 'proves to any CA that he has the names of these zones, and gets certificates for them',
    },
  ),
  ...challengeRights(
    fleet.zones.filter(({ roleArn }) => roleArn === undefined),
    resources.partition,
  ),
];

export const issuerRights = ({ fleet, resources }: Of): readonly Granted[] =>
  grantedOn(
    fleet.issuers.flatMap(secretsOf).map((name) => secretNamed(resources, fleetSecretId(fleet.name, name))),
    { sid: 'ReadIssuerSecrets', actions: ['secretsmanager:GetSecretValue'] },
    {
      because: 'issuers of the fleet file name these Secrets: keys of private CAs, keys that bind accounts',
      thief: 'signs certificates as these CAs, and registers accounts in their name',
    },
  );

export function sayRights({ fleet: { notifications }, resources }: Of): readonly Granted[] {
  const { slack } = notifications;
  const secrets = slack && 'webhookSecretId' in slack ? [secretCalled(resources, slack.webhookSecretId)] : [];
  const { topic, topicKey, region } = resources;
  return [
    granted(
      { sid: 'Publish', actions: ['sns:Publish', 'sns:ListSubscriptionsByTopic'], resources: [topic] },
      {
        because: 'what is due is said on this topic, and that nobody has confirmed a subscription is an alarm',
        thief: 'tells people what is not so, and learns their addresses',
      },
    ),
    granted(
      {
        sid: 'EncryptMessages',
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [topicKey],
        conditions: onlyVia('sns', region),
      },
      {
        because: 'the topic is encrypted with a key of the customer, which SNS uses in the name of whoever publishes',
        thief: 'nothing beyond publishing: SNS alone can use it so',
      },
    ),
    ...grantedOn(
      secrets,
      { sid: 'ReadWebhook', actions: ['secretsmanager:GetSecretValue'] },
      { because: 'the address of the Slack webhook is a secret', thief: 'posts to the Slack channel' },
    ),
  ];
}
