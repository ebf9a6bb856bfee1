/** The whole path: a certificate for two names and a wildcard, issued over DNS-01, delivered to three places, told, and kept so. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findingsAbout, runIn } from './harness/answers.ts';
import { fleetCertificate, ISSUER, writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { leadsTo, ordersSince, type Served, secretAt, servedAt, writesSince } from './harness/served.ts';
import type { ManifestRef, World, WorldCluster } from './harness/world.ts';

const SECRET = secretAt('shop', 'shop-tls');
const STORE = 'certs/shop';

async function namespaces(world: World): Promise<void> {
  for (const { admin } of world.clusters) await admin.namespace('shop');
}

const destinations = [
  { kubernetesSecret: { clusters: ['east', 'west'], namespace: 'shop', name: 'shop-tls', adopt: true } },
  { secretsManager: { name: STORE, adopt: true } },
];

function shopFleet(world: World): Promise<string> {
  const { name } = world.zone;
  const dnsNames = [`shop.${name}`, `api.${name}`, `*.shop.${name}`];
  return writeFleet(world, { documents: [fleetCertificate('shop', dnsNames, destinations)] });
}

interface Bundle {
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
  readonly certificate: string;
  readonly private_key: string;
  readonly chain: string;
  readonly fullchain: string;
}

const storedBundle = async (world: World): Promise<Bundle> =>
  JSON.parse((await world.secretsManager.value(STORE)) ?? '{}') as Bundle;

/** Both Secrets and the store hold one and the same certificate with its key; the certificate. */
async function requireSame(world: World, check: Check, when: string): Promise<Served | undefined> {
  const [east, west] = await Promise.all(world.clusters.map((cluster) => servedAt(cluster, SECRET)));
  check.ok(east?.keyFits && west?.keyFits, `${when}: both keys fit their certificates`);
  check.equal(west?.leaf.fingerprint256, east?.leaf.fingerprint256, `${when}: both clusters hold the same`);
  const bundle = await storedBundle(world);
  const text = Buffer.from(east?.secret.data?.['tls.crt'] ?? '', 'base64').toString();
  check.equal(bundle['tls.crt'], text, `${when}: Secrets Manager holds the same`);
  const keys = [east, west].map((served) => served?.secret.data?.['tls.key']);
  const inStore = Buffer.from(bundle['tls.key']).toString('base64');
  check.ok(
    keys.every((key) => key === inStore),
    `${when}: all three hold one key`,
  );
  return east;
}

async function checkCertificate(world: World, check: Check, served: Served | undefined): Promise<void> {
  const { name } = world.zone;
  check.deepEqual(served?.names, [`*.shop.${name}`, `api.${name}`, `shop.${name}`], 'the names of the certificate');
  check.ok(leadsTo(served?.chain ?? [], await world.acme.rootPems()), 'the chain leads to a root of the CA');
  check.equal(served?.secret.type, 'kubernetes.io/tls', 'the type of the Secret');
  const { annotations = {}, labels = {}, managedFields = [] } = served?.secret.metadata ?? {};
  check.equal(annotations['cert-manager.io/issuer-name'], ISSUER.name, 'the issuer annotation');
  check.equal(annotations['cert-manager.io/alt-names'], served?.names.join(','), 'the names annotation');
  check.equal(labels['controller.cert-manager.io/fao'], 'true', 'the label of cert-manager');
  check.deepEqual([...new Set(managedFields.map(({ manager }) => manager))], ['nolapse-world'], 'field managers');
}

async function checkBundle(world: World, check: Check): Promise<void> {
  const bundle = await storedBundle(world);
  check.deepEqual(
    Object.keys(bundle).sort(),
    ['certificate', 'chain', 'fullchain', 'private_key', 'tls.crt', 'tls.key'],
    'the keys of the value in Secrets Manager',
  );
  check.equal(bundle.fullchain, bundle['tls.crt'], 'fullchain');
  check.equal(bundle.certificate + bundle.chain, bundle.fullchain, 'certificate and chain');
  check.equal(bundle.private_key, bundle['tls.key'], 'the key under both names');
}

scenario('a certificate is issued, delivered to three places, told once, and kept', {}, async (world, check) => {
  await namespaces(world);
  const before = await world.zone.snapshot();
  const fleet = await shopFleet(world);
  const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.equal(run.code, 0, 'the exit code of the first run');
  check.deepEqual(
    runIn(run)
      .delivered.map(({ place, outcome }) => `${place} ${outcome}`)
      .sort(),
    ['east/shop/shop-tls written', `secretsmanager/${STORE} written`, 'west/shop/shop-tls written'],
    'what the run says it delivered',
  );
  check.equal(ordersSince(world, 0), 1, 'orders of the first run');
  await checkCertificate(world, check, await requireSame(world, check, 'after the first run'));
  await checkBundle(world, check);
  check.equal(await world.zone.snapshot(), before, 'the zone after it');
  const messages = await world.queue.receive();
  check.equal(messages.length, 1, 'messages on the queue');
  check.match(messages[0]?.Subject ?? '', /first renewal/, 'what the message is about');
  check.match(messages[0]?.Message ?? '', new RegExp(`shop\\.${world.zone.name}`), 'whom it names');

  const mark = world.recorder.mark();
  const again = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.equal(again.code, 0, 'the exit code of the second run');
  check.deepEqual(writesSince(world, mark), [], 'writes of the second run at any server');
  check.deepEqual(
    runIn(again),
    { renewed: [], delivered: [], failed: [], findings: [], stillDue: [] },
    'what the second run says',
  );
});

/** Takes a line out of the key, as a slip of the hand would. */
async function damageKey({ admin }: WorldCluster, ref: ManifestRef): Promise<void> {
  const { data } = (await admin.get(ref)) ?? {};
  const lines = Buffer.from(data?.['tls.key'] ?? '', 'base64')
    .toString()
    .split('\n');
  const key = Buffer.from(lines.toSpliced(2, 1).join('\n')).toString('base64');
  const { name, namespace = '' } = ref;
  const secret = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { namespace, name } };
  await admin.apply({ ...secret, data: { ...data, 'tls.key': key } }, { manager: 'somebody', force: true });
}

scenario('a lost Secret, a lost state and a damaged key cost no order, none and one', {}, async (world, check) => {
  await namespaces(world);
  const fleet = await shopFleet(world);
  const name = `_acme-challenge.shop.${world.zone.name}`;
  await world.zone.addForeign({ name, type: 'TXT', ttl: 77, values: ['"of somebody else"'] });
  const zone = await world.zone.snapshot();
  const run = () => world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  check.equal((await run()).code, 0, 'the exit code of the first run');
  const first = await requireSame(world, check, 'after the first run');
  check.equal(await world.zone.snapshot(), zone, 'the value of somebody else at the same name, alone again');

  const [east, west] = world.clusters;
  await east.admin.delete(SECRET);
  let mark = world.recorder.mark();
  check.equal((await run()).code, 0, 'the exit code once a Secret is gone');
  check.equal(ordersSince(world, mark), 0, 'orders for a Secret that is gone, whose key is kept');
  const back = await requireSame(world, check, 'once a Secret was gone');
  check.equal(back?.leaf.fingerprint256, first?.leaf.fingerprint256, 'the certificate that came back');

  await rm(join(world.folder, 'state'), { recursive: true });
  mark = world.recorder.mark();
  check.equal((await run()).code, 0, 'the exit code once the state is gone');
  check.equal(ordersSince(world, mark), 0, 'orders once the state is gone');
  const found = await requireSame(world, check, 'once the state was gone');
  check.equal(found?.leaf.fingerprint256, first?.leaf.fingerprint256, 'the certificate that stayed');

  await damageKey(west, SECRET);
  mark = world.recorder.mark();
  check.equal((await run()).code, 0, 'the exit code once a key is damaged');
  check.equal(ordersSince(world, mark), 1, 'orders for a damaged key');
  const healed = await requireSame(world, check, 'once a key was damaged');
  check.ok(healed?.leaf.fingerprint256 !== found?.leaf.fingerprint256, 'the certificate is a new one');

  await world.secretsManager.put(STORE, '{}');
  mark = world.recorder.mark();
  check.equal((await run()).code, 0, 'the exit code once somebody has put another value there');
  check.equal(ordersSince(world, mark), 0, 'orders for another value');
  await requireSame(world, check, 'once somebody had put another value there');
});

scenario(
  'a Secret whose key is not kept comes back with exactly one order, and is taken over once the state is lost',
  {},
  async (world, check) => {
    await namespaces(world);
    const [east] = world.clusters;
    await east.admin.create({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace: 'shop', name: 'api' },
      spec: {
        secretName: 'api-tls',
        dnsNames: [`api.${world.zone.name}`],
        issuerRef: ISSUER,
        privateKey: { algorithm: 'ECDSA', size: 384, encoding: 'PKCS8' },
      },
    });
    const fleet = await writeFleet(world);
    const run = () => world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal((await run()).code, 0, 'the exit code of the first run');
    const ref = secretAt('shop', 'api-tls');
    const first = await servedAt(east, ref);
    check.ok(first?.keyFits, 'the key fits');
    check.match(
      Buffer.from(first?.secret.data?.['tls.key'] ?? '', 'base64').toString(),
      /^-----BEGIN PRIVATE KEY-----/,
      'the key is PKCS#8',
    );
    check.equal(first?.secret.metadata.annotations?.['cert-manager.io/certificate-name'], 'api', 'whose Secret it is');
    await east.admin.delete(ref);
    const mark = world.recorder.mark();
    check.equal((await run()).code, 0, 'the exit code once the Secret is gone');
    check.equal(ordersSince(world, mark), 1, 'orders once it is gone');
    check.ok((await servedAt(east, ref))?.keyFits, 'the key fits once more');

    await rm(join(world.folder, 'state'), { recursive: true });
    let since = world.recorder.mark();
    const lost = await run();
    check.equal(lost.code, 1, 'the exit code once the state is gone');
    check.deepEqual(findingsAbout(runIn(lost).findings, 'api-tls'), ['high destination-refused'], 'what is said then');
    await damageKey(east, ref);
    check.equal(ordersSince(world, since), 0, 'orders once the state is gone');
    check.equal((await world.nolapse(['adopt', 'api', '--yes', '--fleet', fleet])).code, 0, 'the exit code of adopt');
    since = world.recorder.mark();
    check.equal((await run()).code, 0, 'the exit code once it is taken over');
    check.equal(ordersSince(world, since), 1, 'orders for its damaged key');
    check.ok((await servedAt(east, ref))?.keyFits, 'the key fits at last');
  },
);
