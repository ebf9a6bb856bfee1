/** Fleet files that must be refused: each is a good one with one thing wrong, and the exact lines that say so. */

const FLEET = `apiVersion: nolapse.dev/v1
kind: Fleet
metadata: { name: acme }
spec:
  clusters:
    - name: prod
      kubeconfig: { path: kube/config }
      mode: manage
  zones:
    - { name: example.com, hostedZoneId: Z1EXAMPLE, roleArn: "arn:aws:iam::222222222222:role/dns" }
`;
const ISSUER = `---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: letsencrypt }
spec:
  acme:
    server: https://acme.example/directory
    email: ops@example.com
    solvers:
      - dns01:
          route53: { hostedZoneID: Z1EXAMPLE }
`;
const CERTIFICATE = `---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: shop, namespace: shop }
spec:
  secretName: shop-tls
  dnsNames: [shop.example.com]
  duration: 2160h
  issuerRef: { name: letsencrypt, kind: ClusterIssuer }
`;
const FLEET_CERTIFICATE = `---
apiVersion: nolapse.dev/v1
kind: FleetCertificate
metadata: { name: api }
spec:
  certificate:
    dnsNames: [api.example.com]
    issuerRef: { name: letsencrypt, kind: ClusterIssuer }
  destinations:
    - kubernetesSecret: { clusters: [prod], namespace: api, name: api-tls }
`;
export const GOOD = FLEET + ISSUER + CERTIFICATE + FLEET_CERTIFICATE;

const SECOND_CLUSTER = '    - name: edge\n      kubeconfig: { path: kube/edge }\n';

/** The good file with the first occurrence of `from` replaced. */
function but(from: string, to: string): string {
  if (!GOOD.includes(from)) throw new Error(`the good file has no ${from}`);
  return GOOD.replace(from, to);
}

const endpoints = (...list: readonly string[]): string => `${GOOD}  endpoints: [${list.join(', ')}]\n`;
const eks = (entry: string): string => but('kubeconfig: { path: kube/config }', `eks: { ${entry}, region: eu-west-1 }`);
const CORP =
  '{ name: corp, vpcId: vpc-01234567, subnetIds: [subnet-0123456789abcdef0], securityGroupIds: [sg-01234567] }';
const staging = (annotation: string): string =>
  but('{ name: letsencrypt }\nspec', `{ name: letsencrypt, annotations: { ${annotation} } }\nspec`);
const reach = (ofCluster: string, list: string): string =>
  but('mode: manage', ofCluster).replace('  zones:', `  reach: [${list}]\n  zones:`);
const notified = (entry: string): string => but('  zones:', `  notifications: { ${entry} }\n  zones:`);
const slack = (entry: string): string => notified(`slack: { ${entry} }`);
const digest = (entry: string): string => notified(`digest: { ${entry} }`);

export const BAD: readonly (readonly [wrong: string, text: string])[] = [
  ['an unknown key in a cluster', but('      mode: manage', '      modee: manage')],
  ['an unknown key far from any word', but('      mode: manage', '      colour: green')],
  ['an unknown key in a Certificate', but('  dnsNames: [shop', '  dnsName: [shop')],
  ['an unknown key in an issuer', but('    email: ops', '    mail: ops')],
  ['an unknown key in a solver', but('hostedZoneID: Z1', 'hostedZoneId: Z1')],
  ['a misspelt mode', but('mode: manage', 'mode: mange')],
  ['the mode of a later version', but('mode: manage', 'mode: backstop')],
  ['a cluster reached in two ways', but('      mode: manage', '      eks: { clusterName: prod, region: eu-west-1 }')],
  ['a kubeconfig in two places', but('{ path: kube/config }', '{ path: x, secretId: nolapse/kube }')],
  ['a kubeconfig in no place', but('{ path: kube/config }', '{ context: prod }')],
  ['an EKS cluster without region', but('kubeconfig: { path: kube/config }', 'eks: { clusterName: prod }')],
  ['an ARN for the name of an EKS cluster', eks('clusterName: "arn:aws:eks:eu-west-1:1:cluster/prod"')],
  ['an EKS cluster with a user for a role', eks('clusterName: prod, roleArn: "arn:aws:iam::111111111111:user/x"')],
  ['an external id without a role', eks('clusterName: prod, externalId: x')],
  ['a misspelt key of eks', eks('clusterName: prod, roleARN: x')],
  ['a reach that is nowhere', but('mode: manage', 'reach: corp')],
  ['a misspelt reach', reach('reach: crop', CORP)],
  ['two reaches of one name', reach('reach: corp', `${CORP}, ${CORP}`)],
  ['a reach too many', reach('reach: c1', Array.from({ length: 9 }, (_, i) => CORP.replace('corp', `c${i}`)).join())],
  ['ids in a reach that are none', reach('reach: corp', CORP.replaceAll('-0', '_0'))],
  ['a reach without subnets', reach('reach: corp', CORP.replace('subnet-0123456789abcdef0', ''))],
  ['a destination in ACM', but('    - kubernetesSecret', '    - acm: { region: us-east-1 }\n    - kubernetesSecret')],
  [
    'endpoints that are none',
    endpoints('"api.example.com"', '"*.example.com:443"', '"[10.0.0.1]:443"', '"api.example.com:0"'),
  ],
  ['an endpoint of another name', endpoints('"api.example.com:443"', '"www.example.com:443"', '"10.0.0.1:443"')],
  ['an endpoint twice', endpoints('"api.example.com:443"', '"API.example.com.:443"')],
  [
    'an annotation with endpoints that are none',
    but(
      'namespace: shop }',
      'namespace: shop, annotations: { nolapse.dev/endpoints: "shop.example.com, x.example.com:443" } }',
    ),
  ],
  [
    'an endpoint of two certificates',
    endpoints('"api.example.com:443"') +
      endpoints('"api.example.com:443"')
        .slice(GOOD.length - FLEET_CERTIFICATE.length)
        .replaceAll(/: api\b|api-tls/g, (word) => `${word}2`),
  ],
  ['a webhook for the place of one', slack('webhookSecretId: "https://hooks.slack.com/services/T0/B0/hush"')],
  ['a webhook for a variable', slack('webhookUrlEnv: "https://hooks.slack.com/services/T0/B0/hush"')],
  ['a webhook for Slack', notified('slack: "https://hooks.slack.com/services/T0/B0/hush"')],
  ['a webhook in the file', slack('webhookUrl: "https://hooks.slack.com/services/T0/B0/hush"')],
  ['Slack in two places', slack('webhookUrlEnv: SLACK_WEBHOOK, webhookSecretId: nolapse/slack')],
  ['Slack in no place', slack('')],
  ['a digest at no time', digest('at: "9:00", timezone: Europe/Berlin')],
  ['a digest without a time zone', digest('at: "09:00"')],
  ['a misspelt time zone', digest('at: "09:00", timezone: Europe/Berln')],
  ['an offset for a time zone', digest('at: "09:00", timezone: "+01:00"')],
  ['a misspelt day', digest('at: "09:00", timezone: UTC, days: [mon, tues]')],
  ['a digest on no day', digest('at: "09:00", timezone: UTC, days: []')],
  ['a reserved cluster name', but('- name: prod', '- name: fleet')],
  ['a cluster name with a capital', but('- name: prod', '- name: Prod')],
  ['two clusters of one name', but('  zones:', '    - { name: prod, kubeconfig: { path: b } }\n  zones:')],
  ['a cluster without kubeconfig', but('      kubeconfig: { path: kube/config }\n', '')],
  ['two zones of one name', but('---', '    - { name: EXAMPLE.com., hostedZoneId: Z2 }\n---')],
  ['a zone that is an IP address', but('{ name: example.com,', '{ name: 10.0.0.1,')],
  ['a zone id with its path', but('hostedZoneId: Z1EXAMPLE', 'hostedZoneId: /hostedzone/Z1EXAMPLE')],
  [
    'a policy with a star inside',
    but('      mode: manage', '      namePolicy: [{ namespaces: [a], names: ["a.*.com"] }]'),
  ],
  ['a topic that is no ARN', but('  zones:', '  notifications: { sns: { topicArn: my-topic } }\n  zones:')],
  ['a wrong duration', but('duration: 2160h', 'duration: 90d')],
  ['a duration that is a number', but('duration: 2160h', 'duration: 2160')],
  ['renewBefore as long as the duration', but('duration: 2160h', 'duration: 24h\n  renewBefore: 24h')],
  ['an unknown usage', but('duration: 2160h', 'usages: [server-auth]')],
  ['a field not honoured', but('duration: 2160h', 'keystores: { jks: { create: true, password: x } }')],
  ['a key that is too large', but('duration: 2160h', 'privateKey: { size: 8192 }')],
  ['a name that is no name', but('[shop.example.com]', '["https://shop.example.com"]')],
  ['a wildcard of a public suffix', but('[shop.example.com]', '["*.co.uk"]')],
  ['an issuer that does not exist', but('issuerRef: { name: letsencrypt,', 'issuerRef: { name: letsencript,')],
  ['a ClusterIssuer referenced as Issuer', but('{ name: letsencrypt, kind: ClusterIssuer }', '{ name: letsencrypt }')],
  ['a name outside the zones', but('[shop.example.com]', '[shop.example.com, shop.example.org]')],
  [
    'an Ed25519 key from a public CA',
    but('duration: 2160h', 'privateKey: { algorithm: Ed25519 }').replace(
      'https://acme.example',
      'https://acme.zerossl.com',
    ),
  ],
  ['an IP address from an ACME server', but('duration: 2160h', 'ipAddresses: [10.0.0.1]')],
  ['a solver for another zone', but('hostedZoneID: Z1EXAMPLE', 'hostedZoneID: Z9')],
  ['a solver with another role', but('hostedZoneID: Z1EXAMPLE', 'role: "arn:aws:iam::1:role/x"')],
  ['a solver for other names only', but('- dns01:', '- selector: { dnsZones: [example.org] }\n        dns01:')],
  ['static keys in a solver', but('{ hostedZoneID: Z1EXAMPLE }', '{ accessKeyID: AKIA }')],
  ['another DNS provider', but('route53: { hostedZoneID: Z1EXAMPLE }', 'cloudflare: { email: a@b.c }')],
  ['a directory without TLS', but('https://acme.example', 'http://acme.example')],
  ['a staging server without TLS', staging('nolapse.dev/staging-server: "http://acme.example/staging"')],
  ['a staging server that is none', staging('nolapse.dev/staging-server: acme-staging')],
  [
    'a production for a staging server',
    staging('nolapse.dev/staging-server: "https://acme-v02.api.letsencrypt.org/directory"'),
  ],
  ['a misspelt annotation of ours', staging('nolapse.dev/staging-sever: "https://acme.example/staging"')],
  [
    'a staging server of a private CA',
    staging('nolapse.dev/staging-server: "https://acme.example/staging"').replace(
      /acme:\n(.*\n)*?.*Z1EXAMPLE }\n/,
      'ca: { secretName: root }\n',
    ),
  ],
  ['a hidden mail address', but('ops@example.com', '[email protected]')],
  ['an issuer of another kind', but('kind: ClusterIssuer\nmetadata', 'kind: ClusterIsuer\nmetadata')],
  ['an old API version', but('apiVersion: cert-manager.io/v1', 'apiVersion: cert-manager.io/v1alpha2')],
  ['a document without kind', `${GOOD}---\nname: x\n`],
  ['a list for a document', `${GOOD}---\n- a\n`],
  ['two clusters and no annotation', but('  zones:', `${SECOND_CLUSTER}  zones:`)],
  [
    'an annotation with an unknown cluster',
    but('namespace: shop }', 'namespace: shop, annotations: { nolapse.dev/clusters: "prod,prd" } }'),
  ],
  ['an unknown cluster in a destination', but('clusters: [prod]', 'clusters: [prod-eu]')],
  ['a destination of two kinds', but('- kubernetesSecret', '- secretsManager: { name: x }\n      kubernetesSecret')],
  ['no destinations', but('    - kubernetesSecret: { clusters: [prod], namespace: api, name: api-tls }', '    []')],
  ['one place wanted twice', but('namespace: api, name: api-tls', 'namespace: shop, name: shop-tls')],
  ['one certificate twice', GOOD + CERTIFICATE.replace('shop-tls', 'shop-tls-2')],
  ['one issuer twice', GOOD + ISSUER],
  ['a second Fleet', `${GOOD}---\n${FLEET}`],
  ['no Fleet', CERTIFICATE + ISSUER],
  ['a duplicate key', but('  duration: 2160h', '  secretName: other-tls')],
  ['broken YAML', but('metadata: { name: acme }', 'metadata: { name: acme')],
  ['an unknown tag', but('name: acme', 'name: !!js/function acme')],
  ['a number for a name', but('secretName: shop-tls', 'secretName: 42')],
  ['a namespace missing', but('{ name: shop, namespace: shop }', '{ name: shop }')],
  ['a resolver without port', but('  zones:', '  dns: { resolvers: [10.0.0.2], port: 53 }\n  zones:')],
  ['a port out of range', but('  zones:', '  dns: { port: 70000 }\n  zones:')],
  ['a namespace that is no label', but('namespace: api,', 'namespace: api/x,')],
];
