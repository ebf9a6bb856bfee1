/** The article's manifests as they are, but for the address of the CA: what people then see with kubectl, and that it follows what is so. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { runIn } from './harness/answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import type { KeyPair } from './harness/private-ca.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { leadsTo, secretAt, servedAt, writesSince } from './harness/served.ts';
import { selfSignedPair, signedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World, WorldCluster } from './harness/world.ts';

const HOUR_MS = 3_600_000;
const ARTICLE = resolve(import.meta.dirname, '../../docs/examples/article');
const POSTGRES = { kind: 'Certificate', namespace: 'database', name: 'postgres-tls' } as const;
const SECRET = secretAt('database', 'postgres-tls-secret');
const UP_TO_DATE = 'Certificate is up to date and has not expired';

interface Status {
  readonly conditions: readonly Readonly<Record<string, unknown>>[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly renewalTime: string;
  readonly revision: number;
}

const manifest = async (file: string): Promise<Manifest> =>
  parse(await readFile(resolve(ARTICLE, `${file}.yaml`), 'utf8')) as Manifest;

/** Its server is the world's CA, whose root nobody else knows. */
function atWorld(issuer: Manifest, { acme: { directory: server, caPem } }: World): Manifest {
  const { acme } = issuer.spec as { readonly acme: object };
  const caBundle = Buffer.from(caPem).toString('base64');
  return { ...issuer, spec: { acme: { ...acme, server, caBundle } } };
}

async function applied(world: World, { admin }: WorldCluster): Promise<KeyPair> {
  for (const name of ['production', 'database', 'cert-manager']) await admin.namespace(name);
  const notAfter = new Date(Date.now() + 3650 * 24 * HOUR_MS);
  const ca = await selfSignedPair(['Internal CA'], { isCA: true, notAfter });
  await admin.create(tlsSecret({ namespace: 'cert-manager', name: 'internal-ca-secret' }, ca));
  await admin.applyClientSide(atWorld(await manifest('clusterissuer-letsencrypt'), world));
  for (const file of ['clusterissuer-internal-ca', 'certificate-postgres', 'ingress-my-app'])
    await admin.applyClientSide(await manifest(file));
  return ca;
}

const statusOf = async ({ admin }: WorldCluster): Promise<Status> => (await admin.get(POSTGRES))?.status as Status;

const seconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** All that cert-manager writes of a certificate that is fine, and nothing else. */
async function checkStatus(check: Check, east: WorldCluster, revision: number, when: string): Promise<void> {
  const status = await statusOf(east);
  const served = await servedAt(east, SECRET);
  const [notBefore, notAfter] = [served?.leaf.validFromDate, served?.leaf.validToDate];
  if (!notBefore || !notAfter) return check.ok(false, `${when}: its Secret is there`);
  const { conditions, ...fields } = status;
  const [{ lastTransitionTime, ...ready } = {}, ...more] = conditions;
  check.deepEqual(
    [ready, more],
    [{ type: 'Ready', status: 'True', reason: 'Ready', message: UP_TO_DATE, observedGeneration: 1 }, []],
    `${when}: the conditions`,
  );
  check.match(String(lastTransitionTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, `${when}: since when`);
  check.deepEqual(
    fields,
    {
      ...{ notBefore: seconds(notBefore), notAfter: seconds(notAfter), revision },
      renewalTime: seconds(new Date(notAfter.getTime() - 168 * HOUR_MS)),
    },
    `${when}: the other fields`,
  );
}

async function checkShown(check: Check, { admin }: WorldCluster): Promise<void> {
  const issuers = (await admin.shown('ClusterIssuer')).map(({ AGE: _age, ...line }) => line);
  check.deepEqual(
    issuers,
    [
      { NAME: 'internal-ca', READY: 'True', STATUS: 'Signing CA verified' },
      { NAME: 'letsencrypt-prod', READY: 'True', STATUS: 'The ACME account was registered with the ACME server' },
    ],
    'what kubectl shows of the ClusterIssuers',
  );
  const certificates = (await admin.shown('Certificate')).map(({ AGE: _age, ...line }) => line);
  const postgres = { NAMESPACE: 'database', NAME: 'postgres-tls', READY: 'True', SECRET: 'postgres-tls-secret' };
  check.deepEqual(
    certificates,
    [{ ...postgres, ISSUER: 'internal-ca', STATUS: UP_TO_DATE }],
    'what kubectl shows of the Certificates',
  );
  const acme = await admin.get({ kind: 'ClusterIssuer', name: 'letsencrypt-prod' });
  const status = acme?.status as { readonly acme: Readonly<Record<string, string>> } | undefined;
  const { uri, ...account } = status?.acme ?? {};
  check.match(uri ?? '', /^https:\/\//, 'the URL of the account');
  check.deepEqual(account, { lastRegisteredEmail: 'platform@example.com' }, 'what else is told of the account');
}

/** Who has written the status, by what. */
const writersOf = async ({ admin }: WorldCluster): Promise<readonly string[]> =>
  ((await admin.get(POSTGRES))?.metadata.managedFields ?? []).flatMap(({ manager, operation, subresource }) =>
    subresource === 'status' ? [`${manager} ${operation}`] : [],
  );

/** As if it had been issued so long ago that this is left of its 720 hours. */
async function leaveLeft({ admin }: WorldCluster, ca: KeyPair, leftMs: number): Promise<void> {
  const notAfter = new Date(Date.now() + leftMs);
  const notBefore = new Date(notAfter.getTime() - 720 * HOUR_MS);
  const pair = await signedPair(ca, ['postgres.database.svc.cluster.local'], { notBefore, notAfter });
  await admin.apply(tlsSecret({ namespace: 'database', name: 'postgres-tls-secret' }, pair), { manager: 'somebody' });
}

scenario("the article's manifests, and the status that kubectl shows", {}, async (world, check) => {
  const [east] = world.clusters;
  const ca = await applied(world, east);
  const names = [`**.${world.zone.name}`, '*.database.svc.cluster.local'];
  const fleet = await writeFleet({ ...world, clusters: [east] }, { namePolicy: [{ namespaces: ['*'], names }] });
  const run = async () => runIn(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));
  const renewedIn = async () => (await run()).renewed.map(({ id }) => id).sort();

  const first = await run();
  check.deepEqual(first.failed, [], 'what failed');
  check.deepEqual(
    first.delivered.map(({ place, outcome }) => `${place} ${outcome}`).sort(),
    ['east/database/postgres-tls-secret written', 'east/production/my-app-tls written'],
    'what is delivered',
  );
  const app = await servedAt(east, secretAt('production', 'my-app-tls'));
  check.deepEqual(app?.names, [`app.${world.zone.name}`], 'the names in my-app-tls');
  check.ok(app?.keyFits && leadsTo(app.chain, await world.acme.rootPems()), 'its key, and whom it leads to');
  await checkShown(check, east);
  await checkStatus(check, east, 1, 'issued');
  check.deepEqual(await writersOf(east), ['nolapse-world Apply'], 'who has written the status');

  const mark = world.recorder.mark();
  check.deepEqual(await renewedIn(), [], 'what a second run issues');
  check.deepEqual(writesSince(world, mark), [], 'what a second run writes');

  await leaveLeft(east, ca, 168 * HOUR_MS + 10 * 60_000);
  check.deepEqual(await renewedIn(), [], 'what is renewed ten minutes before 168 hours are left');
  await checkStatus(check, east, 1, 'not due');
  await leaveLeft(east, ca, 168 * HOUR_MS - 1_000);
  check.deepEqual(await renewedIn(), ['east/database/postgres-tls'], 'what is renewed when 168 hours are left');
  const left = Date.parse((await statusOf(east)).notAfter) - Date.now();
  check.ok(left > 719 * HOUR_MS, `the new one lives 720 hours: ${left / HOUR_MS}`);
  await checkStatus(check, east, 2, 'renewed');
});
