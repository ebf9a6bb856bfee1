/** What inventory joins: who uses a certificate, and whether they may. */
import { findingsAbout, inventoryIn } from './harness/answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { writesSince } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest } from './harness/world.ts';

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const gatewayOf = (...certificateRefs: readonly object[]): Manifest => ({
  apiVersion: `${GATEWAY_GROUP}/v1`,
  kind: 'Gateway',
  metadata: { namespace: 'shop', name: 'front' },
  spec: {
    gatewayClassName: 'any',
    listeners: [{ name: 'https', protocol: 'HTTPS', port: 443, tls: { mode: 'Terminate', certificateRefs } }],
  },
});

const grantFrom = (namespace: string): Manifest => ({
  apiVersion: `${GATEWAY_GROUP}/v1beta1`,
  kind: 'ReferenceGrant',
  metadata: { namespace: 'certs', name: 'gateways' },
  spec: {
    from: [{ group: GATEWAY_GROUP, kind: 'Gateway', namespace }],
    to: [{ group: '', kind: 'Secret', name: 'wild' }],
  },
});

scenario('a Gateway uses the Secret of another namespace where a ReferenceGrant lets it', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  const pair = await selfSignedPair([`*.${world.zone.name}`]);
  for (const at of [
    { namespace: 'shop', name: 'own' },
    { namespace: 'certs', name: 'wild' },
  ]) {
    await admin.namespace(at.namespace);
    await admin.create(tlsSecret(at, pair));
  }
  await admin.create(gatewayOf({ name: 'own' }, { namespace: 'certs', name: 'wild' }));
  const fleet = await writeFleet(world, { mode: 'audit' });
  const mark = world.recorder.mark();
  const users = async () => {
    const { certificates } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
    return certificates.map(({ id, references }) => [id, references]);
  };
  const own = ['east/shop/own', ['Gateway shop/front']];
  const unused = [['east/certs/wild', []], own];
  check.deepEqual((await users()).sort(), unused, 'who uses what without a grant');
  await admin.apply(grantFrom('other'));
  check.deepEqual((await users()).sort(), unused, 'with a grant for another namespace');
  await admin.apply(grantFrom('shop'));
  const used = [['east/certs/wild', ['Gateway shop/front']], own];
  check.deepEqual((await users()).sort(), used, 'with a grant for that of the Gateway');
  const asked = world.recorder.seen(mark).filter(({ server }) => server === 'east');
  const encodings = new Set(asked.map(({ requestHeaders }) => requestHeaders['accept-encoding']));
  check.deepEqual([...encodings], ['gzip'], 'how answers may come');
  check.deepEqual(writesSince(world, mark), [], 'what was written');
});

const ARN = 'arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001';

scenario('a certificate of ACM that an Ingress names is shown, and no Secret is missed', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  await admin.namespace('shop');
  const host = `web.${world.zone.name}`;
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const web = (annotations: Readonly<Record<string, string>>): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name: 'web', annotations },
    spec: {
      tls: [{ hosts: [host], secretName: 'web-tls' }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  });
  const fleet = await writeFleet(world, { mode: 'audit' });
  const inventory = async () => inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
  await admin.apply(web({}));
  check.deepEqual(findingsAbout((await inventory()).findings, 'web'), ['high secret-missing'], 'told of Secrets');
  await admin.apply(web({ 'alb.ingress.kubernetes.io/certificate-arn': ARN }));
  const { certificates, findings } = await inventory();
  check.deepEqual(findingsAbout(findings, 'web'), [], 'what is told once its load balancer serves one of ACM');
  check.deepEqual(
    certificates.map(({ id, managedBy, references }) => ({ id, managedBy, references })),
    [{ id: `east/${ARN}`, managedBy: 'ACM', references: ['Ingress shop/web'] }],
    'what is shown',
  );
});

const challengeOf = (dnsName: string, issuer: string): Manifest => ({
  apiVersion: 'acme.cert-manager.io/v1',
  kind: 'Challenge',
  metadata: { namespace: 'shop', name: 'web-1-2-3' },
  spec: {
    ...{ dnsName, type: 'HTTP-01', wildcard: false, token: 'token', key: 'token.thumbprint' },
    ...{ url: 'https://ca.example/chall/1', authorizationURL: 'https://ca.example/authz/1' },
    ...{ issuerRef: { name: issuer, kind: 'Issuer' }, solver: { http01: { ingress: {} } } },
  },
});

/** As a public CA puts it. */
const BY_CA = 'urn:ietf:params:acme:error:connection: 192.0.2.1: Timeout during connect (likely firewall problem)';

scenario('a challenge that cannot get through a firewall is told in its own words', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  await admin.namespace('shop');
  const host = `web.${world.zone.name}`;
  const of = (kind: string, name: string, spec: object): Manifest => ({
    ...{ apiVersion: 'cert-manager.io/v1', kind, metadata: { namespace: 'shop', name }, spec },
  });
  const acme = {
    server: 'https://ca.example/directory',
    privateKeySecretRef: { name: 'account' },
    solvers: [{ http01: { ingress: {} } }],
  };
  await admin.create(of('Issuer', 'public', { acme }));
  const issuerRef = { name: 'public', kind: 'Issuer' };
  await admin.create(of('Certificate', 'web', { secretName: 'web-tls', dnsNames: [host], issuerRef }));
  await admin.create(of('Certificate', 'all', { secretName: 'all-tls', dnsNames: [`*.${host}`], issuerRef }));
  const fleet = await writeFleet(world, { mode: 'audit' });
  const about = async (name: string) => {
    const { findings } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
    return findings.filter(({ object }) => object.name === name);
  };
  const codes = (findings: Awaited<ReturnType<typeof about>>) => findings.map(({ code }) => code);
  check.deepEqual(codes(await about('web')), ['secret-missing'], 'before cert-manager has tried');
  check.deepEqual(codes(await about('all')), ['challenge-impossible'], 'a wildcard, which HTTP-01 cannot prove');
  await admin.create(challengeOf(host, 'public'));
  const path = '/apis/acme.cert-manager.io/v1/namespaces/shop/challenges/web-1-2-3/status';
  const status = { state: 'invalid', reason: `Error accepting authorization: ${BY_CA}`, presented: true };
  const type = 'application/merge-patch+json';
  const said = await admin.request('PATCH', path, { type, text: JSON.stringify({ status }) });
  check.equal(said.status, 200, 'the status of the Challenge, written');
  const [told, ...more] = await about('web');
  check.equal(more.length, 0, 'other findings');
  check.equal(told?.code, 'challenge-impossible', 'what is told then');
  check.ok(told?.message.includes('likely firewall problem'), 'the words of the CA');
  check.ok(told?.fix.includes('DNS-01'), 'the way that needs none in');
});

const DAY_MS = 86_400_000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const SERVICE = { namespace: 'shop', name: 'guard' };

const definition = (caBundle: string, annotations: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.shop.example.com', annotations },
  spec: {
    ...{ group: 'shop.example.com', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' } },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
    ],
    conversion: {
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1'], clientConfig: { caBundle, service: SERVICE } },
    },
  },
});

const apiService = (caBundle: string): Manifest => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1.metrics.example.com' },
  spec: {
    ...{ group: 'metrics.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 },
    ...{ caBundle, service: SERVICE },
  },
});

/** A year old, with `left` days to go. */
const authority = (name: string, left: number) => {
  const at = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  return selfSignedPair([name], { isCA: true, notBefore: at(-365), notAfter: at(left) });
};

scenario('CAs of conversion webhooks and extension API servers are joined and told', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  await admin.namespace('shop');
  const [held, current, ending] = [
    await authority('one', 700),
    await authority('two', 700),
    await authority('three', 7),
  ];
  const annotations = { 'cert-manager.io/allow-direct-injection': 'true' };
  const secret = tlsSecret({ namespace: 'shop', name: 'guard-ca' }, current, { annotations });
  await admin.create({ ...secret, data: { ...secret.data, 'ca.crt': base64(current.certPem) } });
  const injection = { 'cert-manager.io/inject-ca-from-secret': 'shop/guard-ca' };
  await admin.create(definition(base64(held.certPem), injection));
  await admin.create(apiService(base64(ending.certPem)));
  const fleet = await writeFleet(world, { mode: 'audit' });
  const mark = world.recorder.mark();
  const inventory = async () => inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
  const first = await inventory();
  check.deepEqual(
    first.certificates.map(({ id, references }) => [id, references]),
    [['east/shop/guard-ca', ['CustomResourceDefinition widgets.shop.example.com']]],
    'who uses the CA',
  );
  const about = ({ findings }: typeof first) => [
    findingsAbout(findings, 'widgets.shop.example.com'),
    findingsAbout(findings, 'v1.metrics.example.com'),
  ];
  check.deepEqual(about(first), [['high ca-drift'], ['critical ca-expiring']], 'what is told of them');
  await admin.apply(definition(base64([held.certPem, current.certPem].join('\n')), injection));
  check.deepEqual(about(await inventory()), [[], ['critical ca-expiring']], 'once cert-manager has written the bundle');
  await admin.delete({ kind: 'APIService', name: 'v1.metrics.example.com' });
  check.deepEqual(about(await inventory()), [[], []], 'once the extension API server is gone');
  check.deepEqual(writesSince(world, mark), [], 'what was written');
});
