/** What Certificates and issuers are told when something is wrong: of failures and their end, beside a cert-manager, without the right to. */
import { findingsAbout, leaveIn, runIn, theFinding } from './harness/answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { secretAt, servedAt, writesSince } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, ManifestRef, World, WorldCluster } from './harness/world.ts';

const DAY_MS = 86_400_000;
const API = 'cert-manager.io/v1';
const CERTIFICATE = { kind: 'Certificate', namespace: 'shop', name: 'shop' } as const;
const ISSUER = { kind: 'ClusterIssuer', name: 'own' } as const;
const SECRET = secretAt('shop', 'shop-tls');

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message?: string;
}
interface Status {
  readonly conditions?: readonly Condition[];
  readonly [field: string]: unknown;
}

const statusOf = async ({ admin }: WorldCluster, ref: ManifestRef): Promise<Status> =>
  ((await admin.get(ref))?.status ?? {}) as Status;

const conditionsOf = async (cluster: WorldCluster, ref: ManifestRef): Promise<readonly string[]> =>
  ((await statusOf(cluster, ref)).conditions ?? [])
    .map(({ type, status, reason }) => `${type} ${status} ${reason}`)
    .sort();

const certificate = (world: World, name = 'shop'): Manifest => ({
  ...{ apiVersion: API, kind: 'Certificate', metadata: { namespace: 'shop', name } },
  spec: {
    ...{ secretName: `${name}-tls`, dnsNames: [`${name}.${world.zone.name}`], privateKey: { algorithm: 'ECDSA' } },
    issuerRef: { name: 'own', kind: 'ClusterIssuer' },
  },
});

/** A Certificate and its CA, whose Secret is not there yet. */
async function scene(world: World, options: Parameters<typeof writeFleet>[1] = {}) {
  const [east] = world.clusters;
  for (const name of ['shop', 'cert-manager']) await east.admin.namespace(name);
  await east.admin.create({
    ...{ apiVersion: API, kind: 'ClusterIssuer', metadata: { name: 'own' }, spec: { ca: { secretName: 'root' } } },
  });
  await east.admin.create(certificate(world));
  const fleet = await writeFleet({ ...world, clusters: [east] }, options);
  return {
    ...{ east, fleet },
    root: async () => {
      const notAfter = new Date(Date.now() + 3650 * DAY_MS);
      const pair = await selfSignedPair(['Root'], { isCA: true, notAfter });
      await east.admin.create(tlsSecret({ namespace: 'cert-manager', name: 'root' }, pair));
    },
    run: async (of = fleet) => runIn(await world.nolapse(['run', '--fleet', of, '-o', 'json'])),
  };
}

const FAILED = /^The certificate request has failed to complete and will be retried: .*cert-manager\/root/;

async function checkFailed(check: Check, east: WorldCluster): Promise<void> {
  check.deepEqual(await conditionsOf(east, ISSUER), ['Ready False ErrGetKeyPair'], 'the issuer without a Secret');
  const status = await statusOf(east, CERTIFICATE);
  check.deepEqual(
    await conditionsOf(east, CERTIFICATE),
    ['Issuing False Failed', 'Ready False DoesNotExist'],
    'the Certificate that cannot be issued',
  );
  const issuing = status.conditions?.find(({ type }) => type === 'Issuing');
  check.match(issuing?.message ?? '', FAILED, 'why not');
  check.equal(status.failedIssuanceAttempts, 1, 'how often it was tried');
  check.ok(Math.abs(Date.parse(String(status.lastFailureTime)) - Date.now()) < DAY_MS, 'when it failed');
  const [line] = await east.admin.shown('Certificate');
  check.deepEqual(
    [line?.READY, line?.STATUS],
    ['False', 'Issuing certificate as Secret does not exist'],
    'what kubectl shows of it',
  );
}

scenario('the status of what cannot be issued says why, and later that it is', {}, async (world, check) => {
  const { east, fleet, root, run } = await scene(world);
  await run();
  await checkFailed(check, east);
  const mark = world.recorder.mark();
  await run();
  check.deepEqual(writesSince(world, mark), [], 'what a run writes while it waits');

  await root();
  await world.nolapse(['renew', 'east/shop/shop', '--force', '--fleet', fleet]);
  check.deepEqual(await conditionsOf(east, CERTIFICATE), ['Ready True Ready'], 'the Certificate that is issued');
  const { conditions: _ready, ...fields } = await statusOf(east, CERTIFICATE);
  check.deepEqual(Object.keys(fields).sort(), ['notAfter', 'notBefore', 'renewalTime', 'revision'], 'its other fields');
  check.equal(fields.revision, 1, 'its revision');
  await run();
  check.deepEqual(await conditionsOf(east, ISSUER), ['Ready True KeyPairVerified'], 'the issuer that was looked at');
});

scenario('the status that is left lets no Certificate wait for what has failed', {}, async (world, check) => {
  const { east, fleet, run } = await scene(world);
  await run();
  check.equal((await statusOf(east, CERTIFICATE)).failedIssuanceAttempts, 1, 'failures before');
  const left = await world.nolapse(['leave', '--yes', '--fleet', fleet, '-o', 'json']);
  check.ok(leaveIn(left).leaving?.closedAt, `the fleet was left: ${left.stderr}`);
  const { conditions: _not, ...fields } = await statusOf(east, CERTIFICATE);
  check.deepEqual(await conditionsOf(east, CERTIFICATE), ['Ready False DoesNotExist'], 'what is still so');
  check.deepEqual(fields, {}, 'what cert-manager would wait for');
});

/** As if its controllers had written it at that time. */
async function saidByCertManager({ admin }: WorldCluster, status: object, at: Date): Promise<void> {
  const path = `/apis/${API}/namespaces/shop/certificates/shop`;
  const patch = async (where: string, body: object): Promise<void> => {
    const text = JSON.stringify(body);
    const answer = await admin.request('PATCH', where, { type: 'application/merge-patch+json', text });
    if (answer.status !== 200) throw new Error(`${where}: ${answer.status} ${answer.body}`);
  };
  await patch(`${path}/status?fieldManager=cert-manager-certificates-readiness`, { status });
  const { metadata } = (await admin.get(CERTIFICATE)) ?? {};
  const managedFields = metadata?.managedFields?.map((entry) =>
    entry.subresource === 'status' ? { ...entry, time: `${at.toISOString().slice(0, 19)}Z` } : entry,
  );
  await patch(`${path}?fieldManager=test-admin`, { metadata: { managedFields } });
}

const LEFT = {
  ...{ revision: 7, lastFailureTime: '2026-01-01T00:00:00Z', failedIssuanceAttempts: 9 },
  ...{ nextPrivateKeySecretName: 'shop-x7k2p' },
  conditions: [
    { type: 'Ready', status: 'False', reason: 'DoesNotExist', lastTransitionTime: '2026-01-01T00:00:00Z' },
    { type: 'Issuing', status: 'True', reason: 'DoesNotExist', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
};

scenario('a status is cert-manager’s while it is alive, and ours when it is gone', {}, async (world, check) => {
  const { east, root, run } = await scene(world);
  await root();
  await saidByCertManager(east, LEFT, new Date());
  const audit = await writeFleet({ ...world, clusters: [east] }, { mode: 'audit', file: 'audit.yaml' });
  const mark = world.recorder.mark();
  await run(audit);
  check.deepEqual(
    writesSince(world, mark).filter((one) => one.startsWith('east')),
    [],
    'what is written to a cluster that is looked at',
  );
  const alive = await run();
  check.deepEqual(
    alive.renewed.map(({ id }) => id),
    ['east/shop/shop'],
    'what is renewed',
  );
  check.equal((await statusOf(east, CERTIFICATE)).revision, 7, 'the status of a moment ago');

  await saidByCertManager(east, { revision: 8 }, new Date(Date.now() - 2 * DAY_MS));
  const { findings } = await run();
  check.deepEqual(await conditionsOf(east, CERTIFICATE), ['Ready True Ready'], 'the status of two days ago');
  const { conditions: _ready, ...fields } = await statusOf(east, CERTIFICATE);
  check.deepEqual(
    [Object.keys(fields).sort(), fields.revision],
    [['notAfter', 'notBefore', 'renewalTime', 'revision'], 9],
    'what is left of it',
  );
  check.deepEqual(findingsAbout(findings, 'shop-tls'), [], 'findings about its Secret');
  const again = world.recorder.mark();
  check.deepEqual((await run()).renewed, [], 'what is renewed when only we have spoken');
  check.deepEqual(writesSince(world, again), [], 'what is written then');
});

scenario(
  'without the right to a status, renewal goes on and one finding says what is missing',
  {},
  async (world, check) => {
    const [first] = world.clusters;
    const { east, fleet, root, run } = await scene(world, { contexts: { east: first.contextWithoutStatus } });
    await root();
    await east.admin.create(certificate(world, 'web'));
    const { failed, delivered, findings } = await run();
    check.deepEqual(failed, [], 'what failed');
    check.equal(delivered.length, 2, 'what is delivered');
    check.ok((await servedAt(east, SECRET))?.keyFits, 'the Secret holds a pair');
    const finding = theFinding(findings, 'status-not-written');
    check.deepEqual([finding?.severity, finding?.object.name], ['warning', 'east'], 'the finding');
    check.match(
      finding?.fix ?? '',
      /\{ apiGroups: \["cert-manager\.io"\], resources: \["\w+\/status"\], verbs: \["get"\] \}.*nolapse rbac east$/,
      'the rule that is missing',
    );
    check.deepEqual(await conditionsOf(east, CERTIFICATE), [], 'what the Certificate says');
    const explained = await world.nolapse(['explain', 'east/shop/shop', '--fleet', fleet]);
    check.equal(explained.code, 0, 'the exit code of explain');
  },
);
