/** The shape of Nolapse's own documents, Fleet and FleetCertificate. What later versions will take is not in it: it is refused by name. */
import * as z from 'zod';
import { MAX_ENDPOINTS } from '../standards/dns/endpoint.ts';
import { certificateSpec } from './manifest-schema.ts';
import { notifications } from './notifications-schema.ts';

const text = z.string().min(1);
const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is no DNS label: a-z, 0-9 and inner hyphens, at most 63');
const role = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/, 'is no ARN of an IAM role');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is no AWS region');
const words = z.record(z.string(), z.string());
const mode = z.enum(['audit', 'manage']);

const metadata = z.strictObject({ name: label, labels: words.optional(), annotations: words.optional() });

const eks = z
  .strictObject({
    clusterName: z
      .string()
      .regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'is no name of an EKS cluster (the last word of its ARN)'),
    region,
    roleArn: role.optional().describe('Asked as this role; default: the identity that Nolapse runs as'),
    externalId: text.optional(),
  })
  .refine(({ roleArn, externalId }) => externalId === undefined || roleArn !== undefined, {
    error: 'externalId goes with roleArn',
  });

const kubeconfig = z
  .strictObject({
    path: text.optional().describe('Relative to this file; ~ is the home folder'),
    secretId: text.optional().describe('Name or ARN of a secret in Secrets Manager that is the whole kubeconfig'),
    context: text.optional().describe('Default: the current context of the kubeconfig'),
  })
  .refine(({ path, secretId }) => (path === undefined) !== (secretId === undefined), {
    error: 'must have exactly one of path, secretId',
  });

const cluster = z
  .strictObject({
    name: label.describe('The first word of every id: <cluster>/<namespace>/<name>'),
    eks: eks.optional().describe('Reached as EKS says; needs no kubeconfig'),
    kubeconfig: kubeconfig.optional(),
    reach: label.optional().describe('Name in spec.reach: the network that the deployed service asks it from'),
    mode: mode.default('audit').describe('audit: look and tell; manage: renew'),
    trustDomain: label.optional().describe('Clusters with the same one may share a key; default: the cluster alone'),
    clusterResourceNamespace: label.default('cert-manager').describe('Where the Secrets of ClusterIssuers are'),
    namePolicy: z
      .array(
        z.strictObject({
          namespaces: z.array(z.union([label, z.literal('*')])).min(1),
          names: z.array(text).min(1).describe('Exact names, *.example.com (one label), **.example.com (any depth)'),
          mode: mode.optional(),
          adopt: z.boolean().default(false).describe('Take over Secrets that nobody would write again'),
        }),
      )
      .default([])
      .describe('What may be ordered for what is found in this cluster; nothing outside it is'),
  })
  .refine((c) => (c.eks === undefined) !== (c.kubeconfig === undefined), {
    error: 'must have exactly one of eks, kubeconfig',
  });

const idOf = (kind: string, example: string) =>
  z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `is no id of a ${example} (${kind}-…)`);

/** The environment of a function is 4 KB (Lambda quotas), the address of a queue up to 140 characters, and wake is told two of each. */
const MAX_REACHES = 8;

const reach = z.strictObject({
  name: label,
  vpcId: idOf('vpc', 'VPC'),
  subnetIds: z.array(idOf('subnet', 'subnet')).min(1),
  securityGroupIds: z.array(idOf('sg', 'security group')).min(1),
});

const zone = z.strictObject({
  name: text,
  hostedZoneId: z.string().regex(/^Z[A-Z0-9]{1,31}$/, 'is no id of a hosted zone (Z…, without /hostedzone/)'),
  roleArn: role.optional(),
  externalId: text.optional(),
});

const resolver = z
  .string()
  .regex(/^(\[[\da-fA-F:.]+\]|[\d.]+):\d{1,5}$/, 'is no address with a port (10.0.0.2:53, [fd00::2]:53)');

export const fleetSchema = z.strictObject({
  apiVersion: z.literal('nolapse.dev/v1'),
  kind: z.literal('Fleet'),
  metadata,
  spec: z.strictObject({
    clusters: z.array(cluster).default([]),
    reach: z
      .array(reach)
      .max(MAX_REACHES)
      .default([])
      .describe('Networks in which the deployed service has copies of inventory and deliver, for private clusters'),
    zones: z.array(zone).default([]),
    dns: z
      .strictObject({ resolvers: z.array(resolver).default([]), port: z.int().min(1).max(65_535).default(53) })
      .default({ resolvers: [], port: 53 }),
    notifications: notifications.default({}),
  }),
});

const kubernetesSecret = z.strictObject({
  clusters: z.array(label).min(1),
  namespace: label,
  name: text,
  adopt: z.boolean().default(false).describe('Take over a Secret that nobody would write again'),
});

const secretsManager = z.strictObject({
  name: z.string().regex(/^[\w/+=.@-]{1,512}$/, 'is no name of a secret: letters, digits and /_+=.@-'),
  region: region.optional().describe('Default: the region of the environment'),
  adopt: z.boolean().default(false),
});

export const fleetCertificateSchema = z.strictObject({
  apiVersion: z.literal('nolapse.dev/v1'),
  kind: z.literal('FleetCertificate'),
  metadata,
  spec: z.strictObject({
    certificate: certificateSpec.partial({ secretName: true }),
    destinations: z
      .array(
        z
          .strictObject({ kubernetesSecret: kubernetesSecret.optional(), secretsManager: secretsManager.optional() })
          .refine((d) => (d.kubernetesSecret === undefined) !== (d.secretsManager === undefined), {
            error: 'must be exactly one of kubernetesSecret, secretsManager',
          }),
      )
      .min(1),
    endpoints: z
      .array(text)
      .max(MAX_ENDPOINTS)
      .default([])
      .describe('<host>:<port> where the new certificate must be seen served, on every address of the name'),
  }),
});

export type FleetDocument = z.output<typeof fleetSchema>;
export type FleetCertificateDocument = z.output<typeof fleetCertificateSchema>;
