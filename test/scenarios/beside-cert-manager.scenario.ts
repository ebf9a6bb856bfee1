/** Beside cert-manager: on what we deliver for a Certificate its controller would change nothing, before, between and after us. */
import { leaveIn, runIn } from './harness/answers.ts';
import { violatedAt } from './harness/cert-manager/checks.ts';
import { leaveFirstRevision } from './harness/cert-manager/history.ts';
import { certManager, OWN, otherIssuers, PRIVATE, PUBLIC, privateIssuer } from './harness/cluster-issuers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import type { Recorded } from './harness/recorder.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt, writesSince } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const NAMESPACE = 'shop';
/** As which cert-manager keeps Secrets. */
const ISSUING = 'cert-manager-certificates-issuing';

const hostOf = ({ zone }: World, name: string): string => `${name}.${zone.name}`;

/** Of the fleet file. */
const ITSELF = { name: 'itself', kind: 'ClusterIssuer' };

/** A Certificate for each way to ask: every kind of name, key, issuer and subject, and Secrets that others made. */
const CERTIFICATES: Readonly<Record<string, (world: World) => object>> = {
  plain: () => ({ issuerRef: PRIVATE }),
  'by-acme': (world) => ({
    dnsNames: [hostOf(world, 'by-acme'), `*.${hostOf(world, 'by-acme')}`, hostOf(world, 'beside')],
    commonName: hostOf(world, 'by-acme'),
    issuerRef: { ...PUBLIC, group: 'cert-manager.io' },
    privateKey: { algorithm: 'RSA', size: 3072, encoding: 'PKCS8' },
    secretTemplate: { labels: { team: 'shop', tier: 'front' }, annotations: { 'example.com/note': 'kept, "as is"' } },
  }),
  full: (world) => ({
    commonName: hostOf(world, 'full'),
    ipAddresses: ['10.0.0.7', '2001:0db8:0:0:0:0:0:1'],
    uris: ['spiffe://shop/full'],
    emailAddresses: ['shop@example.com'],
    subject: {
      ...{ organizations: ['Shop, "Inc."', 'Another'], organizationalUnits: ['Till'], countries: ['DE'] },
      ...{ provinces: ['Bavaria'], localities: ['Munich'], streetAddresses: ['Main, 1'], postalCodes: ['80331'] },
      serialNumber: '42',
    },
    usages: ['digital signature', 'server auth', 'client auth'],
    ...{ duration: '720h', renewBefore: '240h', issuerRef: ITSELF },
    privateKey: { algorithm: 'ECDSA', size: 384 },
    secretTemplate: { labels: { team: 'shop' } },
  }),
  alone: () => ({ issuerRef: OWN, privateKey: { algorithm: 'Ed25519' } }),
  signer: () => ({ commonName: 'CA of shop', isCA: true, usages: ['cert sign', 'crl sign'], issuerRef: ITSELF }),
  half: () => ({ issuerRef: PRIVATE, duration: '100h', renewBeforePercentage: 50 }),
  'by-hand': () => ({ issuerRef: PRIVATE, privateKey: { algorithm: 'ECDSA' } }),
  before: () => ({ issuerRef: PRIVATE, privateKey: { algorithm: 'ECDSA' }, secretTemplate: { labels: { is: 'new' } } }),
};
const NAMES = Object.keys(CERTIFICATES);
/** A name policy knows DNS names only: what vouches for anything else is asked for in the fleet file as well. */
const IN_FILE = ['full', 'signer'];
/** Whose Secrets are somebody's already. */
const OF_OTHERS = ['by-hand', 'before'];
const idOf = (name: string): string => `east/${NAMESPACE}/${name}`;

/** Whose request by another key cert-manager has left. */
const BEFORE = { namespace: NAMESPACE, name: 'before' };

const wanted = (world: World, name: string): Manifest =>
  certManager(
    'Certificate',
    { namespace: NAMESPACE, name },
    { secretName: `${name}-tls`, dnsNames: [hostOf(world, name)], ...CERTIFICATES[name]?.(world) },
  );

/** What kubectl made, and what cert-manager made from an older template and keeps a CA in. */
async function othersSecrets(world: World): Promise<void> {
  const [{ admin }] = world.clusters;
  const made = async (name: string, metadata = {}) =>
    tlsSecret({ namespace: NAMESPACE, name: `${name}-tls` }, await selfSignedPair([hostOf(world, name)]), metadata);
  await admin.create(await made('by-hand'));
  const annotations = { 'cert-manager.io/certificate-name': 'before', 'example.com/old': 'template' };
  const labels = { is: 'old', 'controller.cert-manager.io/fao': 'true' };
  const before = await made('before', { annotations, labels });
  await admin.apply({ ...before, data: { ...before.data, 'ca.crt': 'dGhlaXJz' } }, { manager: ISSUING });
}

async function scene(world: World, mode: 'audit' | 'manage' = 'manage'): Promise<string> {
  const [east] = world.clusters;
  await privateIssuer(east, 3650);
  await otherIssuers(world, east);
  await othersSecrets(world);
  for (const name of NAMES) await east.admin.create(wanted(world, name));
  await leaveFirstRevision(east.admin, BEFORE);
  const issuer = certManager('ClusterIssuer', { name: ITSELF.name }, { selfSigned: {} });
  const documents = [issuer, ...IN_FILE.map((name) => wanted(world, name))];
  return writeFleet({ ...world, clusters: [east] }, { documents, mode });
}

/** For each Certificate, and each policy of cert-manager that is violated. */
async function checkNothingViolated({ clusters: [east] }: World, check: Check, when: string): Promise<void> {
  for (const name of NAMES)
    check.deepEqual(await violatedAt(east.admin, { namespace: NAMESPACE, name }), [], `${name} ${when}`);
}

const serials = ({ clusters: [east] }: World): Promise<readonly (string | undefined)[]> =>
  Promise.all(NAMES.map(async (name) => (await servedAt(east, secretAt(NAMESPACE, `${name}-tls`)))?.leaf.serialNumber));

/** Another name, another template, and what the template had before is in it no more. */
async function edit(world: World): Promise<void> {
  const [{ admin }] = world.clusters;
  const found = await admin.get({ kind: 'Certificate', namespace: NAMESPACE, name: 'by-acme' });
  const dnsNames = [hostOf(world, 'by-acme'), hostOf(world, 'newer')];
  const secretTemplate = { labels: { team: 'till' }, annotations: { 'example.com/other': 'new' } };
  const text = JSON.stringify({ ...found, spec: { ...(found?.spec as object), dnsNames, secretTemplate } });
  const path = `/apis/cert-manager.io/v1/namespaces/${NAMESPACE}/certificates/by-acme`;
  const { status, body } = await admin.request('PUT', path, { type: 'application/json', text });
  if (status !== 200) throw new Error(`PUT ${path}: ${status} ${body.slice(0, 200)}`);
}

scenario(
  'cert-manager finds nothing to do on what is delivered, what is renewed and what is left',
  { timeoutMs: 900_000 },
  async (world, check) => {
    const [east] = world.clusters;
    const fleet = await scene(world);
    check.ok(
      (await violatedAt(east.admin, BEFORE)).some((text) => text.includes('DiffersFromCurrentCertificateRequest')),
      'a key that is not the one of the current request is seen',
    );
    const command = (...words: readonly string[]) => world.nolapse([...words, '--fleet', fleet, '-o', 'json']);
    const renew = async (name: string): Promise<void> => {
      const { failed } = runIn(await command('renew', idOf(name), '--force'));
      check.deepEqual(failed, [], `renewing ${name}`);
    };
    const { renewed } = runIn(await command('run'));
    const made = NAMES.filter((name) => !OF_OTHERS.includes(name));
    check.deepEqual(renewed.map(({ id }) => id).sort(), made.map(idOf).sort(), 'what is issued');
    for (const name of OF_OTHERS) {
      check.equal((await command('adopt', idOf(name), '--yes')).code, 0, `adopting ${name}`);
      await renew(name);
    }
    await checkNothingViolated(world, check, 'as delivered');
    check.ok(
      (await east.writes()).some((one) => / create secrets$/.test(one)),
      'the API server counts what is written',
    );
    const mark = world.recorder.mark();
    await command('run');
    check.deepEqual(writesSince(world, mark), [], 'writes of a second run');

    const first = await serials(world);
    await edit(world);
    for (const name of NAMES) await renew(name);
    const second = await serials(world);
    check.deepEqual(
      NAMES.filter((_, i) => first[i] === second[i]),
      [],
      'what is not new',
    );
    await checkNothingViolated(world, check, 'as renewed');

    const left = leaveIn(await command('leave', '--yes'));
    check.deepEqual([...new Set(left.places.map(({ outcome }) => outcome))], ['released'], 'what leaving did');
    await checkNothingViolated(world, check, 'as left');
    check.deepEqual(await serials(world), second, 'the certificates afterwards');
    const { metadata } = (await east.admin.get(secretAt(NAMESPACE, 'full-tls'))) ?? {};
    const owners = metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
    check.deepEqual(owners, [`${ISSUING} Apply`], 'who owns anything of a Secret that was ours');
  },
);

const sharesSecret = ({ method, path }: Recorded): boolean => method === 'PATCH' && path.endsWith('/secrets/plain-tls');

scenario(
  'ended between the certificate and its owners, the next run makes it good without a new certificate',
  { needs: ['one-process'], because: 'a process is killed between two requests' },
  async (world, check) => {
    const [east] = world.clusters;
    await privateIssuer(east, 3650);
    await east.admin.create(wanted(world, 'plain'));
    const fleet = await writeFleet({ ...world, clusters: [east] });
    const args = ['run', '--fleet', fleet, '-o', 'json'];
    const running = world.spawnNolapse(args);
    const order = world.recorder.killAt({ of: sharesSecret, n: 1, pid: running.pid, when: 'before' });
    await running.done;
    check.ok(order.killed(), 'it was ended where it should be');
    const at = { namespace: NAMESPACE, name: 'plain' };
    check.deepEqual(
      (await violatedAt(east.admin, at)).map((text) => text.split(':')[0]),
      ['post-issuance SecretManagedLabelsAndAnnotationsManagedFieldsMismatch'],
      'what is missing',
    );
    const before = await servedAt(east, secretAt(NAMESPACE, 'plain-tls'));
    const { renewed, failed } = runIn(await world.nolapse(args));
    check.deepEqual([renewed, failed], [[], []], 'what the next run issues');
    check.equal(ordersSince(world, 0), 0, 'orders');
    check.deepEqual(await violatedAt(east.admin, at), [], 'what is missing then');
    const after = await servedAt(east, secretAt(NAMESPACE, 'plain-tls'));
    check.equal(after?.leaf.serialNumber, before?.leaf.serialNumber, 'the certificate');
  },
);

const COMMANDS: readonly (readonly string[])[] = [
  ...[['inventory'], ['plan'], ['run'], ['run']],
  ...[idOf('plain'), idOf('by-hand')].flatMap((id) => [['renew', id, '--force'], ['adopt', id, '--yes'], ['run']]),
  ...[['digest'], ['leave', '--yes']],
];

scenario(
  'in audit mode no write reaches an API server, whatever is due and whatever is said',
  {},
  async (world, check) => {
    const fleet = await scene(world, 'audit');
    const [east] = world.clusters;
    const before = await east.admin.list({ kind: 'Secret' });
    for (const words of COMMANDS) await world.nolapse([...words, '--fleet', fleet, '-o', 'json']);
    const asked = world.recorder.seen().filter(({ server }) => server === 'east');
    check.ok(asked.length > 0, 'the API server was asked');
    check.deepEqual(
      asked.filter(({ kind }) => kind === 'write').map(({ operation }) => operation),
      [],
      'what it was asked to change, by what went over the wire',
    );
    check.deepEqual(await east.writes(), [], 'what it was asked to change, by its own record');
    check.deepEqual(await east.admin.list({ kind: 'Secret' }), before, 'the Secrets');
  },
);
