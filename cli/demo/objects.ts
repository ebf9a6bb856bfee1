/** What stands in the two clusters when the demo begins: Secrets in every state of a bad night, and Ingresses that name them. */
import type { KubernetesObject } from '../../sandbox/kubernetes/object.ts';
import { type Cast, hostOf, type Role, secretOf } from './cast.ts';
import { type Maker, makerAt, type Pair, type Signer } from './certificates.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const PRIVATE_CA = 'internal-ca';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Annotations = Readonly<Record<string, string>>;

const tlsSecret = (namespace: string, name: string, { certPem, keyPem }: Pair): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': base64(certPem), 'tls.key': base64(keyPem) },
});

/** As `kubectl apply` leaves it: all of it, the key too, once more in an annotation. */
const applied = (secret: KubernetesObject): KubernetesObject => ({
  ...secret,
  metadata: { ...secret.metadata, annotations: { [LAST_APPLIED]: JSON.stringify(secret) } },
});

interface Serving {
  readonly name: string;
  readonly host: string;
  readonly secretName: string;
  readonly annotations?: Annotations;
}

const ingress = (namespace: string, { name, host, secretName, annotations = {} }: Serving): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace, annotations },
  spec: {
    tls: [{ hosts: [host], secretName }],
    rules: [
      {
        host,
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
        },
      },
    ],
  },
});

const privateIssuer: KubernetesObject = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name: PRIVATE_CA },
  spec: { ca: { secretName: PRIVATE_CA } },
};

const databaseCertificate = ({ namespace, database }: Cast): KubernetesObject => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: database, namespace },
  spec: {
    secretName: `${database}-tls`,
    duration: '720h',
    dnsNames: [`${database}.internal`],
    issuerRef: { name: PRIVATE_CA, kind: 'ClusterIssuer' },
  },
});

interface Making {
  readonly make: Maker;
  /** The CA of everything that is in order. */
  readonly issuer: Signer;
}

/** The Ingress and the Secret, if any, of the defect that nobody expects. */
async function surprising(cast: Cast, { make, issuer }: Making): Promise<readonly KubernetesObject[]> {
  const { namespace, service, surprise, fleet } = cast;
  const serving = { name: service.surprise, host: hostOf(cast, 'surprise'), secretName: secretOf(cast, 'surprise') };
  // the wildcard of the namespace does not cover it
  const elsewhere = `${service.surprise}.${fleet}.test`;
  const by = (name: string): Annotations => ({ 'cert-manager.io/cluster-issuer': name });
  switch (surprise) {
    case 'expired': {
      const pair = await make.leaf([serving.host], { issuer, age: 93, left: -3 });
      return [tlsSecret(namespace, serving.secretName, pair), ingress(namespace, serving)];
    }
    case 'secret-missing':
      return [ingress(namespace, { ...serving, host: elsewhere })];
    case 'name-not-allowed':
      return [ingress(namespace, { ...serving, host: elsewhere, annotations: by('public') })];
    case 'issuer-not-found':
      return [ingress(namespace, { ...serving, host: elsewhere, annotations: by('publik') })];
  }
}

/** The cluster of the services, and what is wrong with them. */
async function first(cast: Cast, making: Making): Promise<readonly KubernetesObject[]> {
  const { namespace, zone } = cast;
  const { make, issuer } = making;
  const leaf = (role: Role, age: number, left: number) => make.leaf([hostOf(cast, role)], { issuer, age, left });
  const secret = (role: Role, pair: Pair) => tlsSecret(namespace, secretOf(cast, role), pair);
  const served = (role: Role, annotations?: Annotations) =>
    ingress(namespace, {
      name: cast.service[role],
      host: hostOf(cast, role),
      secretName: secretOf(cast, role),
      ...(annotations && { annotations }),
    });
  const { certPem } = await leaf('mismatch', 30, 60);
  const { keyPem } = await leaf('mismatch', 1, 89);
  const whole = await leaf('unreadable', 20, 70);
  const half = { ...whole, certPem: whole.certPem.slice(0, 300) };
  return [
    tlsSecret(namespace, 'wildcard-tls', await make.leaf([zone.name, `*.${zone.name}`], { issuer, age: 62, left: 28 })),
    secret('expired', await leaf('expired', 91, -1)),
    served('expired'),
    secret('byKubectl', await leaf('byKubectl', 61, 29)),
    served('byKubectl'),
    served('fromIngress', { 'cert-manager.io/cluster-issuer': 'public' }),
    secret('mismatch', { certPem, keyPem }),
    served('mismatch'),
    secret('unreadable', half),
    served('unreadable'),
    ...(await surprising(cast, making)),
  ];
}

/** The cluster of the private CA. */
async function second(cast: Cast, { make, issuer }: Making): Promise<readonly KubernetesObject[]> {
  const { namespace, service, fleet, zone } = cast;
  const leaf = (role: Role, by: Signer) => make.leaf([hostOf(cast, role)], { issuer: by, age: 20, left: 70 });
  const pretend = await make.authority('(STAGING) Pretend Pear X1', { age: 900, left: 900 });
  const staging = await make.authority('(STAGING) Riddling Rhubarb R12', { issuer: pretend, age: 300, left: 700 });
  const privateCa = await make.authority(`${fleet} internal CA`, { age: 3_590, left: 60 });
  const serving = (role: Role, secretName: string) =>
    ingress(namespace, { name: service[role], host: hostOf(cast, role), secretName });
  const wildcard = await make.leaf([zone.name, `*.${zone.name}`], { issuer, age: 62, left: 28 });
  return [
    tlsSecret(namespace, 'wildcard-tls', wildcard),
    tlsSecret('cert-manager', PRIVATE_CA, privateCa),
    privateIssuer,
    databaseCertificate(cast),
    tlsSecret(namespace, secretOf(cast, 'healthy'), await leaf('healthy', issuer)),
    serving('healthy', secretOf(cast, 'healthy')),
    tlsSecret(namespace, secretOf(cast, 'staging'), await leaf('staging', staging)),
    serving('staging', secretOf(cast, 'staging')),
    tlsSecret(namespace, secretOf(cast, 'misnamed'), await leaf('misnamed', issuer)),
    serving('misnamed', `${service.misnamed}-cert`),
    applied(tlsSecret(namespace, secretOf(cast, 'annotated'), await leaf('annotated', issuer))),
    serving('annotated', secretOf(cast, 'annotated')),
  ];
}

export type Objects = readonly KubernetesObject[];

/** The objects of the first and of the second cluster. */
export async function objectsOf(cast: Cast, now: Date): Promise<readonly [Objects, Objects]> {
  const make = makerAt(now);
  const root = await make.authority('Harbour Trust Root', { age: 3_000, left: 3_000 });
  const issuer = await make.authority('Harbour Trust E7', { issuer: root, age: 500, left: 900 });
  return Promise.all([first(cast, { make, issuer }), second(cast, { make, issuer })]);
}
