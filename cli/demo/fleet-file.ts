/** The fleet file of the demo, for people to read. Plain values in, text out. */
import type { Sandbox } from '../../sandbox/start.ts';
import { type Cast, hostOf, secretOf } from './cast.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const clusterText = (name: string, names: readonly string[]): string => `    - name: ${name}
      kubeconfig: { path: kubeconfig, context: ${name} }
      mode: manage
      namePolicy:
        - { namespaces: ["*"], names: [${names.map((one) => JSON.stringify(one)).join(', ')}] }
`;

function fleetText({ fleet, zone, clusters, database }: Cast, at: FleetPlaces): string {
  const names = [zone.name, `*.${zone.name}`, `${database}.internal`];
  return `# The demo's fleet. Its clusters, CA and AWS lived on this machine for as long as the demo ran.
# Secrets, Ingresses and one Certificate were found in the clusters; the rest is asked for here.
apiVersion: nolapse.dev/v1
kind: Fleet
metadata: { name: ${fleet} }
spec:
  clusters:
${clusters.map((name) => clusterText(name, names)).join('')}  zones:
    - { name: ${zone.name}, hostedZoneId: ${zone.id} }
  notifications:
    sns: { topicArn: ${JSON.stringify(at.topicArn)} }
`;
}

const issuerText = ({ directory, acmeCaPem }: FleetPlaces['sandbox']): string => `---
# cert-manager's own kinds are read as they are.
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: public }
spec:
  acme:
    server: ${directory}
    caBundle: ${base64(acmeCaPem)}
    privateKeySecretRef: { name: public-account }
    solvers:
      - dns01: { route53: {} }
`;

const wildcardText = ({ zone, clusters, namespace }: Cast): string => `---
# Issued once, delivered to both clusters and to Secrets Manager.
apiVersion: nolapse.dev/v1
kind: FleetCertificate
metadata: { name: wildcard }
spec:
  certificate:
    dnsNames: [${zone.name}, "*.${zone.name}"]
    privateKey: { algorithm: ECDSA, size: 256 }
    issuerRef: { name: public, kind: ClusterIssuer }
  destinations:
    - kubernetesSecret:
        clusters: [${clusters.join(', ')}]
        namespace: ${namespace}
        name: wildcard-tls
        adopt: true # it was made by hand; from now on it is Nolapse's
    - secretsManager: { name: certs/wildcard }
`;

const expiredText = (cast: Cast): string => `---
apiVersion: nolapse.dev/v1
kind: FleetCertificate
metadata: { name: ${cast.service.expired} }
spec:
  certificate:
    dnsNames: [${hostOf(cast, 'expired')}]
    privateKey: { algorithm: ECDSA, size: 256 }
    issuerRef: { name: public, kind: ClusterIssuer }
  destinations:
    - kubernetesSecret:
        clusters: [${cast.clusters[0]}]
        namespace: ${cast.namespace}
        name: ${secretOf(cast, 'expired')}
        adopt: true
`;

const byKubectlText = (cast: Cast): string => `---
# The Secret was made by kubectl and nobody said that it may be taken over: nolapse adopt does.
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: ${cast.service.byKubectl}
  namespace: ${cast.namespace}
  annotations: { nolapse.dev/clusters: ${cast.clusters[0]} }
spec:
  secretName: ${secretOf(cast, 'byKubectl')}
  dnsNames: [${hostOf(cast, 'byKubectl')}]
  privateKey: { algorithm: ECDSA, size: 256 }
  issuerRef: { name: public, kind: ClusterIssuer }
`;

export interface FleetPlaces {
  readonly sandbox: Pick<Sandbox, 'directory' | 'acmeCaPem'>;
  readonly topicArn: string;
}

/** The fleet file. */
export const fleetFileOf = (cast: Cast, at: FleetPlaces): string =>
  [fleetText(cast, at), issuerText(at.sandbox), wildcardText(cast), expiredText(cast), byKubectlText(cast)].join('');
