/** A fleet that asks for everything a fleet can ask for, and the service that is deployed for it: what rights are made of. */
import type { Cluster, FileCertificate, Fleet, Issuer } from '../../../shared/contract/fleet.ts';
import { kubernetesPlace, secretsManagerPlace } from '../../../shared/contract/ids.ts';
import type { Resources } from '../../../shared/rights/resources.ts';
import { roleNames } from '../../../shared/rights/role-names.ts';
import { spec } from '../stages/assess/judged-things.ts';

export const SERVICE = '111111111111';
export const REGION = 'eu-west-1';
export const ROLE = {
  prod: 'arn:aws:iam::222222222222:role/nolapse-prod-eu',
  dns: 'arn:aws:iam::333333333333:role/acme/nolapse-dns',
} as const;

export const cluster = (name: string, over: Partial<Cluster> = {}): Cluster => ({
  ...{ name, mode: 'manage', trustDomain: name, clusterResourceNamespace: 'cert-manager', namePolicy: [] },
  access: { by: 'eks', clusterName: name, region: REGION },
  ...over,
});

const POLICY = [{ namespaces: ['shop'], names: ['**.example.com'] }];

const clusters: readonly Cluster[] = [
  cluster('prod-eu', {
    access: { by: 'eks', clusterName: 'prod', region: REGION, roleArn: ROLE.prod, externalId: 'prod-secret' },
    namePolicy: POLICY,
  }),
  cluster('own', { namePolicy: POLICY }),
  cluster('looked-at', { access: { by: 'secret', secretId: 'nolapse/looked-at' }, mode: 'audit' }),
  cluster('edge', { access: { by: 'secret', secretId: 'nolapse/edge' }, reach: 'corp', namePolicy: POLICY }),
];

export const issuer = (name: string, of: Issuer['spec']): Issuer => ({
  ...{ id: `fleet/${name}`, kind: 'ClusterIssuer', name, source: 'fleet', spec: of },
});

const issuers: readonly Issuer[] = [
  issuer('zerossl', {
    ...{ type: 'acme', server: 'https://acme.example.net/directory', solvers: [{ type: 'dns01' }] },
    externalAccountBinding: { keyId: 'kid', keySecret: { name: 'zerossl-eab', key: 'secret' } },
  }),
  issuer('corp-ca', {
    ...{ type: 'ca', secretName: 'corp-ca', crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] },
  }),
  issuer('own', { type: 'selfSigned', crlDistributionPoints: [] }),
];

const place = (at: string) => ({ place: at, adopt: false });

const shop: FileCertificate = {
  ...{ id: 'fleet/shop', source: 'fleet', origin: 'FleetCertificate', name: 'shop', labels: {} },
  spec: spec({ issuerRef: { name: 'zerossl', kind: 'ClusterIssuer', group: 'cert-manager.io' } }),
  places: [
    place(kubernetesPlace('prod-eu', 'web', 'shop-tls')),
    place(kubernetesPlace('edge', 'shop', 'shop-tls')),
    place(secretsManagerPlace('certs/shop')),
    place(secretsManagerPlace('certs/shop', 'us-east-1')),
  ],
};

export const fleet: Fleet = {
  name: 'acme',
  ...{ clusters, issuers, certificates: [shop], dns: { resolvers: [], port: 53 } },
  zones: [
    { name: 'example.com', hostedZoneId: 'Z0ELSEWHERE', roleArn: ROLE.dns, externalId: 'dns-secret' },
    { name: 'example.org', hostedZoneId: 'Z0OWN' },
  ],
  reach: [{ name: 'corp', vpcId: 'vpc-1', subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] }],
  notifications: { slack: { webhookSecretId: 'nolapse/slack' } },
};

export const at = (service: string, rest: string, region: string = REGION): string =>
  `arn:aws:${service}:${region}:${SERVICE}:${rest}`;

const queuesFor = (of: Pick<Fleet, 'reach'>): Resources['queues'] => {
  const rung = roleNames(of).filter((name) => name !== 'wake');
  return Object.fromEntries(rung.map((name) => [name, at('sqs', `nolapse-${name.replace('@', '-')}`)]));
};

/** The resources of a service that is deployed for a fleet. */
export const resourcesFor = (of: Pick<Fleet, 'reach'>): Resources => ({
  ...{ partition: 'aws', region: REGION, account: SERVICE },
  table: at('dynamodb', 'table/nolapse-rows'),
  stateKey: at('kms', 'key/state'),
  bucket: 'arn:aws:s3:::nolapse-blobs',
  queues: queuesFor(of),
  attemptKey: at('kms', 'key/attempts'),
  accountKey: at('kms', 'key/accounts'),
  topic: at('sns', 'nolapse-topic'),
  topicKey: at('kms', 'key/topic'),
  bus: at('events', 'event-bus/nolapse'),
});

export const resources = resourcesFor(fleet);
