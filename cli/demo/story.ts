/** Seven ways in which certificates fail while everything seems to run, as the objects of one cluster. The same in every run but for keys and days. */
import { type Life, makerAt, type Pair, type Signer } from './certificates.ts';

/** What a Kubernetes API server takes. A type, not an interface: servers of the sandbox take objects of any fields. */
export type StoryObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly ownerReferences?: readonly object[];
  };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
  readonly webhooks?: unknown;
};

export interface Told {
  readonly what: string;
  readonly codes: readonly string[];
}

/** What must be found, in the words of the story. */
export const SEVEN: readonly Told[] = [
  { what: 'a renewal that was missed', codes: ['renewal-overdue'] },
  { what: 'an Ingress that names the wrong Secret', codes: ['secret-name-mismatch'] },
  { what: 'a private CA that was replaced under its leaves', codes: ['ca-drift', 'ca-outlived'] },
  { what: 'CAs whose end nobody watches', codes: ['ca-expiring'] },
  { what: 'a test certificate in production', codes: ['staging-in-production'] },
  { what: 'a challenge that cannot get through the firewall', codes: ['challenge-impossible'] },
  { what: 'an Issuer of another namespace', codes: ['issuer-not-found'] },
];

export const STORY_NAMESPACES = ['shop', 'data', 'intranet', 'payments', 'cert-manager'] as const;

/** Nothing is ordered for other names, and these cannot be proved: their zone is not of the fleet. */
export const STORY_POLICY = [{ namespaces: ['intranet'], names: ['*.corp.example'], mode: 'manage' }] as const;

const HALF_A_DAY = 0.5;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const secret = (namespace: string, name: string, pair: Pair, ca?: Signer): StoryObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name },
  type: 'kubernetes.io/tls',
  data: {
    'tls.crt': base64(pair.certPem),
    'tls.key': base64(pair.keyPem),
    ...(ca && { 'ca.crt': base64(ca.certPem) }),
  },
});

/** As cert-manager leaves it where it is told to set owners. */
const ownedBy = (certificate: string, made: StoryObject): StoryObject => ({
  ...made,
  metadata: {
    ...made.metadata,
    ownerReferences: [
      {
        ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name: certificate, controller: true },
        uid: '5e0c3a52-0000-4000-8000-000000000001',
      },
    ],
  },
});

const ingress = (name: string, secretName: string): StoryObject => {
  const host = `${name}.shop.example`;
  const backend = { service: { name, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name },
    spec: {
      tls: [{ hosts: [host], secretName }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
};

const issuer = (kind: string, metadata: StoryObject['metadata'], spec: object): StoryObject => ({
  ...{ apiVersion: 'cert-manager.io/v1', kind, metadata, spec },
});

const acme = (solver: object) => ({
  acme: {
    server: 'https://acme-v02.api.letsencrypt.org/directory',
    privateKeySecretRef: { name: 'account' },
    solvers: [solver],
  },
});

const certificate = (
  [namespace, name]: readonly [string, string],
  host: string,
  [kind, issuerName]: readonly [string, string],
): StoryObject => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { namespace, name },
  spec: { secretName: `${name}-tls`, dnsNames: [host], issuerRef: { kind, name: issuerName } },
});

const ISSUERS: readonly StoryObject[] = [
  issuer('ClusterIssuer', { name: 'letsencrypt' }, acme({ dns01: { route53: {} } })),
  issuer('ClusterIssuer', { name: 'internal-ca' }, { ca: { secretName: 'internal-ca' } }),
  issuer(
    'Issuer',
    { namespace: 'intranet', name: 'public' },
    acme({ http01: { ingress: { ingressClassName: 'nginx' } } }),
  ),
  issuer('Issuer', { namespace: 'data', name: 'team-ca' }, { selfSigned: {} }),
];

const WISHES: readonly StoryObject[] = [
  certificate(['shop', 'checkout'], 'checkout.shop.example', ['ClusterIssuer', 'letsencrypt']),
  certificate(['data', 'postgres'], 'postgres.data.svc', ['ClusterIssuer', 'internal-ca']),
  certificate(['intranet', 'wiki'], 'wiki.corp.example', ['Issuer', 'public']),
  certificate(['payments', 'ledger'], 'ledger.payments.svc', ['Issuer', 'team-ca']),
  ingress('checkout', 'checkout-tls'),
  ingress('www', 'www-tls'),
  ingress('blog', 'blog-tls'),
];

const guard = ({ certPem }: Signer): StoryObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'guard' },
  webhooks: [
    {
      name: 'guard.shop.example',
      clientConfig: { caBundle: base64(certPem), service: { namespace: 'shop', name: 'guard' } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
});

/** In the order in which they are to be made; STORY_NAMESPACES must be there. Days are half past, so that a slow machine sees the same. */
export async function storyObjects(now: Date): Promise<readonly StoryObject[]> {
  const make = makerAt(now);
  const life = (age: number, left: number, serial: string): Life => ({ age, left: left + HALF_A_DAY, serial });
  const authority = (name: string, [age, left, serial]: readonly [number, number, string]): Promise<Signer> =>
    make.authority(name, life(age, left, serial));
  const trusted = await authority('Example Trust E1', [300, 3000, '0ca1']);
  const staging = await authority('(STAGING) Pretend Pear X1', [300, 3000, '0ca2']);
  const before = await authority('Example Internal CA', [718, 12, '0ca3']);
  const current = await authority('Example Internal CA', [30, 3000, '0ca4']);
  const webhook = await authority('guard', [355, 9, '0ca5']);
  const leaf = (host: string, of: Life, by: Signer): Promise<Pair> => make.leaf([host], { ...of, issuer: by });
  const checkout = await leaf('checkout.shop.example', life(84, 5, '0a01'), trusted);
  const www = await leaf('www.shop.example', life(10, 79, '0a02'), trusted);
  const blog = await leaf('blog.shop.example', life(10, 79, '0a03'), staging);
  const postgres = await leaf('postgres.data.svc', life(35, 54, '0a04'), before);
  return [
    ...ISSUERS,
    ...WISHES,
    guard(webhook),
    ownedBy('checkout', secret('shop', 'checkout-tls', checkout)),
    secret('shop', 'www-cert', www),
    secret('shop', 'blog-tls', blog),
    ownedBy('postgres', secret('data', 'postgres-tls', postgres, before)),
    secret('cert-manager', 'internal-ca', current),
  ];
}
