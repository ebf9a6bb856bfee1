/** What is asked for inside clusters: Certificates and Ingresses, by issuers found there, with every kind of key; within the name policy and not beyond. */
import { createPrivateKey } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findingsAbout, runIn } from './harness/answers.ts';
import { certManager, OWN, otherIssuers, PRIVATE, PUBLIC, privateIssuer } from './harness/cluster-issuers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { leadsTo, ordersSince, type Served, secretAt, servedAt, writesSince } from './harness/served.ts';
import type { Manifest, World, WorldCluster } from './harness/world.ts';

const DAY_MS = 86_400_000;

interface Asked {
  readonly name: string;
  readonly issuerRef: { readonly name: string; readonly kind: string };
  readonly privateKey?: { readonly algorithm: string; readonly size?: number; readonly encoding?: string };
  /** What the key in the Secret must be: its PEM label, and its kind as node:crypto tells it. */
  readonly key: readonly [label: string, kind: string];
}

/** PKCS#1 is cert-manager's default; for ECDSA it means SEC1, and Ed25519 has PKCS#8 alone. */
const CERTIFICATES: readonly Asked[] = [
  { name: 'plain', issuerRef: PRIVATE, key: ['RSA PRIVATE KEY', 'rsa 2048'] },
  {
    ...{ name: 'rsa', issuerRef: PUBLIC, key: ['PRIVATE KEY', 'rsa 3072'] },
    privateKey: { algorithm: 'RSA', size: 3072, encoding: 'PKCS8' },
  },
  {
    ...{ name: 'curve', issuerRef: PRIVATE, key: ['EC PRIVATE KEY', 'ec secp384r1'] },
    privateKey: { algorithm: 'ECDSA', size: 384 },
  },
  {
    ...{ name: 'point', issuerRef: PUBLIC, key: ['PRIVATE KEY', 'ec prime256v1'] },
    privateKey: { algorithm: 'ECDSA', encoding: 'PKCS8' },
  },
  {
    ...{ name: 'edwards', issuerRef: PRIVATE, key: ['PRIVATE KEY', 'ed25519'] },
    privateKey: { algorithm: 'Ed25519' },
  },
  {
    ...{ name: 'alone', issuerRef: OWN, key: ['PRIVATE KEY', 'ed25519'] },
    privateKey: { algorithm: 'Ed25519', encoding: 'PKCS8' },
  },
];

const hostOf = (world: World, name: string): string => `${name}.${world.zone.name}`;

const asked = (world: World, { name, issuerRef, privateKey }: Asked, namespace = 'shop'): Manifest =>
  certManager(
    'Certificate',
    { namespace, name },
    { secretName: `${name}-tls`, dnsNames: [hostOf(world, name)], issuerRef, ...(privateKey ? { privateKey } : {}) },
  );

/** A Secret of the ingress with a wildcard beside a plain host, by the CA that is asked over ACME. */
function ingress(world: World): Manifest {
  const hosts = [hostOf(world, 'web'), `*.web.${world.zone.name}`];
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const annotations = {
    'cert-manager.io/cluster-issuer': PUBLIC.name,
    'cert-manager.io/private-key-algorithm': 'ECDSA',
  };
  return {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
    metadata: { namespace: 'shop', name: 'web', annotations },
    spec: {
      tls: [{ hosts, secretName: 'web-tls' }],
      rules: [{ host: hosts[0], http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}

const textOf = ({ data = {} }: Manifest, key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();

function keyIn(secret: Manifest): readonly [label: string, kind: string] {
  const pem = textOf(secret, 'tls.key');
  const [, label = 'none'] = /^-----BEGIN ([A-Z ]+)-----/.exec(pem) ?? [];
  const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  return [label, [asymmetricKeyType, modulusLength ?? namedCurve].filter((part) => part !== undefined).join(' ')];
}

/** Not by `leadsTo`: a leaf that signs itself may sign no other certificate, and says so. */
const signsItself = ({ leaf, chain }: Served): boolean =>
  chain.length === 1 && leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey);

async function checkServed(world: World, check: Check, one: Asked, rootPems: readonly string[]): Promise<void> {
  const { name, issuerRef } = one;
  const served = await servedAt(world.clusters[0], secretAt('shop', `${name}-tls`));
  if (!served) return check.ok(false, `${name}: its Secret is there`);
  check.ok(served.keyFits, `${name}: its key fits`);
  check.deepEqual(served.names, [hostOf(world, name)], `${name}: its names`);
  check.deepEqual(keyIn(served.secret), one.key, `${name}: its key`);
  check.ok(issuerRef === OWN ? signsItself(served) : leadsTo(served.chain, rootPems), `${name}: whom it leads to`);
  const { annotations = {} } = served.secret.metadata;
  check.deepEqual(
    ['certificate-name', 'issuer-name', 'issuer-kind'].map((key) => annotations[`cert-manager.io/${key}`]),
    [name, issuerRef.name, issuerRef.kind],
    `${name}: whose it is and by whom`,
  );
}

async function secretsOf({ admin }: WorldCluster): Promise<readonly string[]> {
  const secrets = await admin.list({ kind: 'Secret', namespace: 'shop' });
  return secrets.map(({ metadata: { name, resourceVersion } }) => `${name} ${resourceVersion}`).sort();
}

scenario(
  'what a cluster asks for is issued by the issuers found in it, with the keys it asks for',
  {},
  async (world, check) => {
    const [east] = world.clusters;
    const ca = await privateIssuer(east, 3650);
    await otherIssuers(world, east);
    for (const one of CERTIFICATES) await east.admin.create(asked(world, one));
    await east.admin.create(ingress(world));
    const forbidden: Asked = { name: 'forbidden', issuerRef: PRIVATE, key: ['', ''] };
    await east.admin.create(asked(world, forbidden, 'lab'));
    const namePolicy = [{ namespaces: ['shop'], names: [`**.${world.zone.name}`] }];
    const fleet = await writeFleet({ ...world, clusters: [east] }, { namePolicy });
    const run = () => world.nolapse(['run', '--fleet', fleet, '-o', 'json']);

    const first = await run();
    const { renewed, failed, findings } = runIn(first);
    check.deepEqual(failed, [], 'what failed');
    const names = [...CERTIFICATES.map(({ name }) => name), 'web-tls'];
    check.deepEqual(
      renewed.map(({ id }) => id).sort(),
      names.map((name) => `east/shop/${name}`).sort(),
      'what is issued',
    );
    check.equal(ordersSince(world, 0), 3, 'orders: two Certificates and the Ingress');
    const rootPems = [...(await world.acme.rootPems()), ca.certPem];
    for (const one of CERTIFICATES) await checkServed(world, check, one, rootPems);
    const plain = await servedAt(east, secretAt('shop', 'plain-tls'));
    check.equal(plain && textOf(plain.secret, 'ca.crt').trim(), ca.certPem.trim(), 'ca.crt is the CA of the cluster');
    const web = await servedAt(east, secretAt('shop', 'web-tls'));
    check.deepEqual(web?.names, [`*.web.${world.zone.name}`, hostOf(world, 'web')], 'the names of the Ingress');
    check.deepEqual(
      findingsAbout(findings, 'forbidden'),
      ['high name-not-allowed'],
      'what is said of the forbidden one',
    );
    check.equal(await servedAt(east, secretAt('lab', 'forbidden-tls')), undefined, 'what the policy forbids');

    const before = await secretsOf(east);
    const mark = world.recorder.mark();
    check.deepEqual(runIn(await run()).renewed, [], 'what a second run issues');
    check.deepEqual(writesSince(world, mark), [], 'writes of the second run at any server');
    await rm(join(world.folder, 'state'), { recursive: true });
    check.deepEqual(runIn(await run()).renewed, [], 'what a run without the state issues');
    check.equal(ordersSince(world, mark), 0, 'orders of a run without the state');
    check.deepEqual(await secretsOf(east), before, 'the Secrets after it');
  },
);

scenario('each cluster is served by its own CA, and no leaf outlives it', {}, async (world, check) => {
  const [east, west] = world.clusters;
  const cas = [await privateIssuer(east, 3650), await privateIssuer(west, 20)];
  const one: Asked = { name: 'plain', issuerRef: PRIVATE, key: ['RSA PRIVATE KEY', 'rsa 2048'] };
  for (const { admin } of world.clusters) await admin.create(asked(world, one));
  const run = await world.nolapse(['run', '--fleet', await writeFleet(world), '-o', 'json']);
  const served = await Promise.all(world.clusters.map((cluster) => servedAt(cluster, secretAt('shop', 'plain-tls'))));
  for (const [i, found] of served.entries())
    check.ok(found && leadsTo(found.chain, [cas[i]?.certPem ?? '']), `the chain of ${world.clusters[i]?.name}`);
  const [inEast, inWest] = served;
  check.ok(
    inEast && inWest && !inEast.leaf.publicKey.equals(inWest.leaf.publicKey),
    'clusters that do not trust each other share no key',
  );
  const days = (Date.parse(inWest?.leaf.validTo ?? '') - Date.now()) / DAY_MS;
  check.ok(days > 19 && days <= 20, `a leaf of a CA that ends in 20 days ends no later: ${days}`);
  const said = runIn(run).findings.map(({ severity, code, object }) => `${severity} ${code} ${object.cluster}`);
  check.deepEqual(said, ['critical ca-expiring west'], 'what is said of that CA');
  check.equal(run.code, 1, 'the exit code');
  check.equal(ordersSince(world, 0), 0, 'orders');
});
