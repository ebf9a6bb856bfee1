/** What a user of the running sandbox is handed: a kubeconfig, a fleet file and the environment, as texts. Plain values in, texts out. */
import { stringify } from 'yaml';
import type { Sandbox } from './start.ts';

export interface Handout {
  readonly kubeconfig: string;
  readonly fleet: string;
  /** Lines of a shell. */
  readonly environment: string;
}

export interface HandoutOptions {
  readonly sandbox: Pick<Sandbox, 'clusters' | 'directory' | 'acmeCaPem' | 'nameServers' | 'zones' | 'env'>;
  readonly kubeconfigPath: string;
  readonly topicArn: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** One context for each cluster, by its name. */
export function kubeconfigOf(clusters: Sandbox['clusters']): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map(({ name, server, caPem }) => ({
      name,
      cluster: { server, 'certificate-authority-data': base64(caPem) },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    'current-context': clusters[0]?.name,
  });
}

function fleetDocument({ sandbox, kubeconfigPath, topicArn }: HandoutOptions): object {
  const { clusters, zones, nameServers } = sandbox;
  const names = zones.flatMap(({ name }) => [name, `**.${name}`]);
  return {
    apiVersion: 'nolapse.dev/v1',
    kind: 'Fleet',
    metadata: { name: 'sandbox' },
    spec: {
      clusters: clusters.map(({ name }) => ({
        name,
        kubeconfig: { path: kubeconfigPath, context: name },
        mode: 'manage',
        namePolicy: [{ namespaces: ['*'], names }],
      })),
      zones: zones.map(({ id, name }) => ({ name, hostedZoneId: id })),
      dns: { resolvers: nameServers, port: Number(nameServers[0]?.split(':')[1]) },
      notifications: { sns: { topicArn } },
    },
  };
}

const issuerDocument = ({ directory, acmeCaPem }: HandoutOptions['sandbox']): object => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name: 'sandbox-ca' },
  spec: {
    acme: {
      server: directory,
      caBundle: base64(acmeCaPem),
      privateKeySecretRef: { name: 'sandbox-ca-account' },
      solvers: [{ dns01: { route53: {} } }],
    },
  },
});

const certificateDocument = ({ clusters, zones }: HandoutOptions['sandbox']): object => ({
  apiVersion: 'nolapse.dev/v1',
  kind: 'FleetCertificate',
  metadata: { name: 'shop' },
  spec: {
    certificate: {
      dnsNames: [`shop.${zones[0]?.name}`, `*.shop.${zones[0]?.name}`],
      issuerRef: { name: 'sandbox-ca', kind: 'ClusterIssuer' },
    },
    destinations: [
      { kubernetesSecret: { clusters: clusters.map(({ name }) => name), namespace: 'shop', name: 'shop-tls' } },
      { secretsManager: { name: 'certs/shop' } },
    ],
  },
});

export function handoutOf(options: HandoutOptions): Handout {
  const { sandbox, kubeconfigPath } = options;
  const documents = [fleetDocument(options), issuerDocument(sandbox), certificateDocument(sandbox)];
  const variables = Object.entries({ ...sandbox.env, KUBECONFIG: kubeconfigPath });
  return {
    kubeconfig: kubeconfigOf(sandbox.clusters),
    fleet: documents.map((document) => stringify(document)).join('---\n'),
    environment: variables.map(([name, value]) => `export ${name}='${value}'\n`).join(''),
  };
}
