/** What a good fleet file becomes: defaults, references, places, and the notices that say what has no effect. */
import * as files from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadFleet } from '../../../shared/fleet/load.ts';
import { GOOD } from './bad-input.ts';
import { complaints, loadFolder, loadText } from './folder.ts';

const root = resolve(import.meta.dirname, '../../..');
const load = async (path: string) => loadFleet({ path: join(root, path), home: '/home/me', files });

const fleetOf = (clusters: string, more = ''): string =>
  `apiVersion: nolapse.dev/v1\nkind: Fleet\nmetadata: { name: acme }\nspec:\n  clusters: ${clusters}\n${more}`;
const TWO = '[{ name: a, kubeconfig: { path: a } }, { name: b, kubeconfig: { path: b }, mode: manage }]';
const document = (kind: string, metadata: string, spec: string): string =>
  `---\napiVersion: cert-manager.io/v1\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n`;
const CA = document('ClusterIssuer', '{ name: ca }', '{ ca: { secretName: ca } }');
const CERTIFICATE_SPEC = '{ secretName: s, dnsNames: [s.internal], issuerRef: { name: ca, kind: ClusterIssuer } }';

describe('the documented examples', () => {
  test('the small fleet loads', async () => {
    const { fleet, notices } = await load('docs/examples/fleet.yaml');
    expect(notices).toEqual([]);
    expect(fleet.clusters.map(({ name, mode, access }) => [name, mode, access.by])).toEqual([
      ['prod-eu', 'manage', 'eks'],
      ['edge', 'manage', 'kubeconfig'],
    ]);
    expect(fleet.certificates.map(({ id, places }) => [id, places.map(({ place }) => place)])).toEqual([
      ['fleet/shop', ['prod-eu/shop/shop-tls', 'edge/shop/shop-tls', 'secretsmanager/certs/shop']],
      ['prod-eu/shop/admin', ['prod-eu/shop/admin-tls']],
    ]);
  });

  test("the article's manifests load as they are, the alert rule left out", async () => {
    const { fleet, notices } = await load('docs/examples/article');
    expect(fleet.issuers.map(({ id, spec }) => [id, spec.type])).toEqual([
      ['fleet/internal-ca', 'ca'],
      ['fleet/letsencrypt-prod', 'acme'],
    ]);
    expect(fleet.certificates.map(({ id, spec }) => [id, spec.durationMs, spec.renewBeforeMs])).toEqual([
      ['production/database/postgres-tls', 720 * 3_600_000, 168 * 3_600_000],
      ['production/production/my-app-tls', 2160 * 3_600_000, undefined],
    ]);
    expect(notices).toEqual([
      `${join(root, 'docs/examples/article/alert-rule.yaml')}:1:1: alerting rules, not a manifest: left out`,
    ]);
  });

  test('the examples are the manifests, to the byte', async () => {
    const names = files.readdirSync(join(root, 'docs/examples/article')).filter((name) => name !== 'fleet.yaml');
    expect(names.length).toBe(5);
    for (const name of names)
      expect(files.readFileSync(join(root, 'docs/examples/article', name), 'utf8')).toBe(
        files.readFileSync(join(root, 'test/data/manifests', name), 'utf8'),
      );
  });

  test('the flattened manifest says what happened to it', async () => {
    const lines = await complaints(load('test/data/manifests/flattened.yaml'));
    expect(lines.map((line) => line.slice(line.indexOf('flattened.yaml')).split(' (')[0])).toEqual([
      'flattened.yaml:3:1: this ClusterIssuer has lost its indentation: metadata is empty and name, acme, email, server, privateKeySecretRef, solvers, … stand in column 1, as copied from a web page',
      'flattened.yaml:7:8: email: the address became the list ["email protected"]: a web page hid it',
    ]);
  });
});

describe('a cluster', () => {
  test.each([
    [
      'eks: { clusterName: prod, region: eu-west-1 }',
      { access: { by: 'eks', clusterName: 'prod', region: 'eu-west-1' } },
    ],
    [
      'eks: { clusterName: prod, region: eu-west-1, roleArn: "arn:aws:iam::111111111111:role/reader", externalId: x }',
      { access: { by: 'eks', roleArn: 'arn:aws:iam::111111111111:role/reader', externalId: 'x' } },
    ],
    ['kubeconfig: { secretId: nolapse/edge }', { access: { by: 'secret', secretId: 'nolapse/edge' } }],
    ['kubeconfig: { secretId: s, context: c }', { access: { by: 'secret', secretId: 's', context: 'c' } }],
    ['kubeconfig: { path: ~/k }, reach: corp', { access: { by: 'kubeconfig', path: '/home/me/k' }, reach: 'corp' }],
  ])('is reached by %s', async (entry, expected) => {
    const corp = {
      name: 'corp',
      vpcId: 'vpc-01234567',
      subnetIds: ['subnet-01234567'],
      securityGroupIds: ['sg-01234567'],
    };
    const { fleet } = await loadText(fleetOf(`[{ name: a, ${entry} }]`, `  reach: [${JSON.stringify(corp)}]\n`));
    expect(fleet.clusters).toMatchObject([expected]);
    expect(fleet.reach).toEqual([corp]);
  });

  test('has its defaults', async () => {
    const { fleet } = await loadText(fleetOf('[{ name: a, kubeconfig: { path: /k, context: c } }]'));
    expect(fleet).toEqual({
      name: 'acme',
      clusters: [
        {
          name: 'a',
          access: { by: 'kubeconfig', path: '/k', context: 'c' },
          mode: 'audit',
          trustDomain: 'a',
          clusterResourceNamespace: 'cert-manager',
          namePolicy: [],
        },
      ],
      zones: [],
      dns: { resolvers: [], port: 53 },
      reach: [],
      notifications: {},
      issuers: [],
      certificates: [],
    });
  });

  test.each([
    ['/etc/kube', '/etc/kube'],
    ['~', '/home/me'],
    ['~/.kube/config', '/home/me/.kube/config'],
    ['kube/a', 'fleet/kube/a'],
    ['../kube', 'kube'],
    ['~other/kube', 'fleet/~other/kube'],
  ])('with the kubeconfig %s is read from %s', async (path, expected) => {
    const text = fleetOf(`[{ name: a, kubeconfig: { path: "${path}" } }]`);
    const { fleet } = await loadFolder({ 'f.yaml': text });
    expect(fleet.clusters[0]?.access).toMatchObject({ path: expected });
  });

  test('keeps its policy in canonical names', async () => {
    const policy =
      'namePolicy: [{ namespaces: ["*"], names: [Shop.Example.com., "*.BÜCHER.example", "**.a.b"], mode: audit }]';
    const { fleet } = await loadText(fleetOf(`[{ name: a, kubeconfig: { path: k }, trustDomain: t, ${policy} }]`));
    expect(fleet.clusters[0]?.namePolicy).toEqual([
      { namespaces: ['*'], names: ['shop.example.com', '*.xn--bcher-kva.example', '**.a.b'], mode: 'audit' },
    ]);
    expect(fleet.clusters[0]?.trustDomain).toBe('t');
  });
});

describe('notifications', () => {
  const notified = async (notifications: string) =>
    (await loadText(fleetOf('[]', `  notifications: ${notifications}\n`))).fleet.notifications;

  test('say where Slack has its webhook', async () => {
    expect(await notified('{ slack: { webhookSecretId: nolapse/slack } }')).toEqual({
      slack: { webhookSecretId: 'nolapse/slack' },
    });
    const arn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:nolapse/slack-AbCdEf';
    expect(await notified(`{ slack: { webhookSecretId: "${arn}" } }`)).toEqual({ slack: { webhookSecretId: arn } });
    expect(await notified('{ slack: { webhookUrlEnv: SLACK_WEBHOOK } }')).toEqual({
      slack: { webhookUrlEnv: 'SLACK_WEBHOOK' },
    });
  });

  test.each([
    ['{ at: "09:00", timezone: Europe/Berlin }', 'Europe/Berlin', ['mon', 'tue', 'wed', 'thu', 'fri']],
    ['{ at: 09:00, timezone: europe/berlin, days: [sun, mon, mon] }', 'Europe/Berlin', ['mon', 'sun']],
    ['{ at: "09:00", timezone: UTC, days: [wed] }', 'UTC', ['wed']],
    ['{ at: "09:00", timezone: Asia/Kolkata, days: [wed] }', 'Asia/Kolkata', ['wed']],
  ])('say when the digest is due: %s', async (digest, timezone, days) => {
    expect(await notified(`{ digest: ${digest} }`)).toEqual({ digest: { at: '09:00', timezone, days } });
  });
});

describe('a namespaced document', () => {
  const certificate = (annotation: string): string =>
    document(
      'Certificate',
      `{ name: c, namespace: n, annotations: { nolapse.dev/clusters: "${annotation}" } }`,
      CERTIFICATE_SPEC,
    );

  test.each([
    ['a', ['a/n/c']],
    ['a,b', ['a/n/c', 'b/n/c']],
    [' b , a ', ['a/n/c', 'b/n/c']],
    ['*', ['a/n/c', 'b/n/c']],
  ])('of the clusters %s is one certificate in each', async (annotation, ids) => {
    const { fleet } = await loadText(fleetOf(TWO) + CA + certificate(annotation));
    expect(fleet.certificates.map(({ id }) => id)).toEqual(ids);
    expect(fleet.certificates.map(({ places }) => places[0]?.place)).toEqual(ids.map((id) => id.replace(/c$/, 's')));
  });

  test('of kind Issuer serves its namespace in each cluster, its Secrets read for the fleet', async () => {
    const issuer = document(
      'Issuer',
      '{ name: i, namespace: n, annotations: { nolapse.dev/clusters: "*" } }',
      '{ selfSigned: {} }',
    );
    const wish = document(
      'Certificate',
      '{ name: c, namespace: n, annotations: { nolapse.dev/clusters: b } }',
      '{ secretName: s, dnsNames: [s], issuerRef: { name: i } }',
    );
    const { fleet } = await loadText(fleetOf(TWO) + issuer + wish);
    expect(fleet.issuers.map(({ id, source, namespace }) => [id, source, namespace])).toEqual([
      ['a/n/i', 'fleet', 'n'],
      ['b/n/i', 'fleet', 'n'],
    ]);
    expect(await complaints(loadText(fleetOf(TWO) + issuer + wish.replaceAll('namespace: n', 'namespace: m')))).toEqual(
      [
        'fleet.yaml:15:50: issuerRef: there is no Issuer "i" in the namespace m in the fleet file; it has: Issuer n/i (the Issuer i serves its own namespace n only; make it a ClusterIssuer to use it here)',
      ],
    );
  });
});

describe('an Ingress of the file', () => {
  const ingress = (annotations: string, tls: string): string =>
    `---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: i, namespace: n, annotations: ${annotations} }\nspec: { tls: ${tls} }\n`;
  const ONE = fleetOf('[{ name: a, kubeconfig: { path: k } }]');

  test('asks for what the shim makes of it, and says what it passes over', async () => {
    const tls = '[{ hosts: [a.internal], secretName: a-tls }, { hosts: [b.internal] }]';
    const { fleet, notices } = await loadText(ONE + CA + ingress('{ cert-manager.io/cluster-issuer: ca }', tls));
    expect(fleet.certificates.map(({ id, places }) => [id, places[0]?.place])).toEqual([['a/n/a-tls', 'a/n/a-tls']]);
    expect(notices).toEqual(['fleet.yaml:15:14: Skipped a TLS block: spec.tls[1].secretName: Required value']);
  });

  test('without annotations asks for nothing, and that is said', async () => {
    const { fleet, notices } = await loadText(ONE + ingress('{}', '[]'));
    expect(fleet.certificates).toEqual([]);
    expect(notices).toEqual(['fleet.yaml:7:1: this Ingress asks for no certificate']);
  });

  test.each([
    [
      'a bad annotation',
      '{ cert-manager.io/cluster-issuer: ca, cert-manager.io/duration: 1 day }',
      'fleet.yaml:14:49: Ingress: spec.duration: "1 day" is no duration: unknown unit " day" (h, m, s, ms)',
    ],
    [
      'an issuer that does not exist',
      '{ cert-manager.io/cluster-issuer: cb }',
      'fleet.yaml:14:49: issuerRef: there is no ClusterIssuer "cb" in the fleet file; it has: ClusterIssuer ca (did you mean ca?)',
    ],
  ])('with %s is refused', async (_, annotations, line) => {
    const text = ONE + CA + ingress(annotations, '[{ hosts: [a.internal], secretName: s }]');
    expect(await complaints(loadText(text))).toEqual([line]);
  });
});

describe('notices', () => {
  const destinations =
    '[{ kubernetesSecret: { clusters: [a, b], namespace: n, name: s, adopt: true } }, { secretsManager: { name: s, region: eu-west-1 } }]';
  const wish = `---\napiVersion: nolapse.dev/v1\nkind: FleetCertificate\nmetadata: { name: f, labels: { team: x } }\nspec:\n  certificate: ${CERTIFICATE_SPEC}\n  destinations: ${destinations}\n`;

  test('say that an audited cluster is not written to, and that secretName has no effect', async () => {
    const { fleet, notices } = await loadText(fleetOf(TWO) + CA + wish);
    expect(notices).toEqual([
      'fleet.yaml:17:51: the cluster a is in mode audit: nothing is written there',
      'fleet.yaml:16:30: secretName has no effect here: destinations say where it goes',
    ]);
    const [certificate] = fleet.certificates;
    expect(certificate).toMatchObject({
      id: 'fleet/f',
      source: 'fleet',
      origin: 'FleetCertificate',
      labels: { team: 'x' },
      places: [
        { place: 'a/n/s', adopt: true },
        { place: 'b/n/s', adopt: true },
        { place: 'secretsmanager.eu-west-1/s', adopt: false },
      ],
    });
    expect(certificate?.spec).not.toHaveProperty('secretName');
  });
});

test('a fleet is plain data: JSON keeps all of it', async () => {
  const { fleet } = await loadText(GOOD);
  expect(JSON.parse(JSON.stringify(fleet))).toEqual(fleet);
});

test('JSON is read like YAML, and what kubectl adds is taken', async () => {
  const live = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: {
      name: 'ca',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [],
    },
    spec: { ca: { secretName: 'ca' } },
    status: { conditions: [] },
  };
  const { fleet } = await loadFolder({ 'f.yaml': fleetOf('[]'), 'i.json': JSON.stringify(live) });
  expect(fleet.issuers.map(({ id }) => id)).toEqual(['fleet/ca']);
});
