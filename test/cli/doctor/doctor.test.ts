/** The command over real sockets: what only one part can break, warnings that stand in nobody's way, and how it ends. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { directoryUrls } from '../../../sandbox/ca/resource.ts';
import { one, openDoctorWorld, TOPIC } from './world.ts';

/** All but lists of Ingresses, of cert-manager's kinds and of whatever is optional. */
const RULES = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['*'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
];
const SETS = [
  { name: '*.wild.example.com.', type: 'CNAME', ttl: 60, values: ['elsewhere.test.'] },
  { name: '_acme-challenge.taken.example.com.', type: 'CNAME', ttl: 60, values: ['b.example.com.'] },
] as const;

let world: Awaited<ReturnType<typeof openDoctorWorld>>;
beforeAll(async () => {
  world = await openDoctorWorld({
    zones: [{ id: 'Z1', name: 'example.com', sets: SETS }],
    clusters: [
      { name: 'east', certManagerCrds: true, rules: RULES },
      {
        name: 'west',
        rules: [...RULES, { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['list'] }],
      },
    ],
  });
});
afterAll(() => world.close());
afterEach(async () => {
  await world.mend();
  await rm(join(world.home, '.nolapse'), { recursive: true, force: true });
});

const askFor =
  (...dnsNames: readonly string[]) =>
  (documents: Record<string, unknown>[]) => {
    const certificate = documents.find(({ kind }) => kind === 'FleetCertificate') as { spec: { certificate: object } };
    certificate.spec.certificate = { ...certificate.spec.certificate, dnsNames };
  };

describe('nolapse doctor', () => {
  test('names the rights that are missing, and not those for kinds that a cluster does not have', async () => {
    await world.write();
    const { code, checks } = await world.doctor();
    expect(code).toBe(1);
    // without cert-manager's kinds, what is left would tell who else uses a certificate
    const evidence = expect.not.arrayContaining(['may not list certificates']);
    expect(one(checks, 'rights', 'west')).toMatchObject({ state: 'warning', evidence });
    expect(one(checks, 'rights', 'east')).toMatchObject({
      state: 'broken',
      evidence: [
        'may not list ingresses',
        'may not list certificates',
        'may not list issuers',
        'may not list clusterissuers',
      ],
      command: 'nolapse rbac east --bind user:nolapse | kubectl --context east apply -f -',
      who: 'an administrator of the cluster east',
    });
  });

  test('tells a wildcard that answers for everything from a CNAME that stands where the value must be', async () => {
    await world.write(askFor('shop.wild.example.com'));
    expect(one((await world.doctor('shop')).checks, 'challenges')).toMatchObject({ state: 'ok' });
    await world.write(askFor('shop.wild.example.com', 'taken.example.com'));
    expect(one((await world.doctor('shop')).checks, 'challenges')).toMatchObject({
      state: 'broken',
      evidence: [
        '_acme-challenge.taken.example.com is a CNAME to b.example.com, in a zone of the fleet, but not at the name itself',
      ],
    });
  });

  test.each([
    [3_650, 'broken', 'the clock of this machine is 60 minutes behind that of the CA'],
    [-150, 'warning', 'the clock of this machine is 2 minutes ahead of that of the CA'],
  ])('sees a clock that is %i s off', async (seconds, state, evidence) => {
    await world.write();
    const { origin, pathname } = new URL(world.sandbox.directory);
    const body = JSON.stringify({ ...directoryUrls(origin), meta: { caaIdentities: ['sandbox-ca.test'] } });
    const date = new Date(Date.now() + seconds * 1_000).toUTCString();
    await world.faultCa({ kind: 'answer', path: pathname, status: 200, headers: { date }, body });
    expect(one((await world.doctor()).checks, 'clock')).toMatchObject({ state, evidence: [evidence], who: 'you' });
  });

  test('names who has not confirmed a subscription, and a topic that is gone', async () => {
    await world.write();
    const members = (...arns: readonly string[]): string =>
      arns
        .map(
          (arn) =>
            `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>email</Protocol><Endpoint>ops@example.com</Endpoint></member>`,
        )
        .join('');
    const answered = (body: string, status = 200) =>
      world.faultAws({
        kind: 'answer',
        path: '/',
        status,
        headers: { 'content-type': 'text/xml' },
        body,
        method: 'POST',
      });
    const list = (text: string): string =>
      `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions>${text}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;
    await answered(list(members('PendingConfirmation')));
    const waits = 'email ops@example.com has not confirmed its subscription';
    expect(one((await world.doctor()).checks, 'subscription')).toMatchObject({
      ...{ state: 'broken', evidence: [waits], who: 'whoever reads ops@example.com' },
      fix: expect.stringContaining('AWS Notification - Subscription Confirmation'),
    });
    await world.mend();
    await answered(list(''));
    expect(one((await world.doctor()).checks, 'subscription')).toMatchObject({
      ...{
        state: 'broken',
        command: expect.stringContaining(`aws sns subscribe --topic-arn ${TOPIC} --protocol email`),
      },
    });
    await world.mend();
    await answered(list(members('PendingConfirmation', `${TOPIC}:1`)));
    expect(one((await world.doctor()).checks, 'subscription')).toMatchObject({
      ...{ state: 'warning', evidence: ['1 subscription confirmed', waits] },
    });
    await world.mend();
    await answered(
      '<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>',
      404,
    );
    expect(one((await world.doctor()).checks, 'subscription')).toMatchObject({
      ...{ state: 'broken', fix: 'correct spec.notifications.sns.topicArn of the fleet file, or make the topic' },
    });
  });

  test('says what is held back, and of what nothing is known', async () => {
    await world.write((documents) => {
      const fleet = documents.find(({ kind }) => kind === 'Fleet') as { spec: { clusters: { mode: string }[] } };
      for (const cluster of fleet.spec.clusters) cluster.mode = 'audit';
      const metadata = { namespace: 'web', name: 'web', annotations: { 'nolapse.dev/clusters': 'east' } };
      const issuerRef = { name: 'sandbox-ca', kind: 'ClusterIssuer' };
      documents.push({
        ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata },
        spec: { secretName: 'web', dnsNames: ['web.example.com'], issuerRef },
      });
    });
    const { checks } = await world.doctor();
    expect(one(checks, 'wanted', 'east/web/web')).toMatchObject({
      ...{ state: 'warning', who: 'you', fix: expect.stringContaining('set mode: manage for east') },
    });
    expect(one(checks, 'inventory', 'east, west')).toMatchObject({ state: 'warning', command: 'nolapse inventory' });
  });

  test('judges what a look has written down by the fleet file as it is now', async () => {
    await world.plant('west', {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
      metadata: { namespace: 'web', name: 'web', annotations: { 'cert-manager.io/cluster-issuer': 'sandbox-ca' } },
      spec: { tls: [{ hosts: ['web.other.test'], secretName: 'web' }] },
    });
    interface Spec {
      readonly clusters: { mode: string; namePolicy: object[] }[];
      readonly zones: object[];
    }
    const wanted = async (edit: (spec: Spec) => void) => {
      await world.write((documents) => edit((documents.find(({ kind }) => kind === 'Fleet') as { spec: Spec }).spec));
      return one((await world.doctor('west/web/web')).checks, 'wanted', 'west/web/web');
    };
    const inAudit = ({ clusters }: Spec): void => {
      for (const cluster of clusters) cluster.mode = 'audit';
    };
    const allowed = ({ clusters }: Spec): void =>
      clusters.forEach(({ namePolicy }) => void namePolicy.push({ namespaces: ['web'], names: ['**.other.test'] }));
    await world.write((documents) => inAudit((documents.find(({ kind }) => kind === 'Fleet') as { spec: Spec }).spec));
    await world.nolapse('inventory');
    const audit = 'the cluster west is in mode audit: looked at, not renewed';
    expect(await wanted(inAudit)).toMatchObject({
      ...{ state: 'warning', fix: expect.stringContaining('namePolicy') },
      evidence: [audit, 'in manage: the name policy of west does not allow web.other.test in the namespace web'],
    });
    expect(await wanted(() => undefined)).toMatchObject({
      state: 'broken',
      fix: expect.stringContaining('namePolicy'),
    });
    expect(await wanted(allowed)).toMatchObject({ state: 'broken', fix: expect.stringContaining('spec.zones') });
    const mended = await wanted((spec) => {
      allowed(spec);
      spec.zones.push({ name: 'other.test', hostedZoneId: 'Z2OTHERTEST00000001' });
    });
    expect(mended).toBeUndefined();
  });

  test('says of a fleet that was left that nothing is renewed, however well all else is', async () => {
    await world.write();
    await world.nolapse('leave', '--yes');
    const { code, checks } = await world.doctor();
    expect([code, one(checks, 'left', 'sandbox')]).toMatchObject([
      1,
      {
        ...{ state: 'broken', command: 'nolapse run --rejoin', who: 'you' },
        evidence: [expect.stringMatching(/^the fleet was left on 20.* UTC by .+: nothing is renewed$/)],
      },
    ]);
  });

  test('finds a state that cannot be used, and what is asked without it', async () => {
    await world.write();
    await writeFile(join(world.home, '.nolapse'), 'a file');
    const { code, checks } = await world.doctor();
    expect(code).toBe(1);
    expect(one(checks, 'state')).toMatchObject({
      state: 'broken',
      fix: expect.stringContaining('move away what lies at'),
    });
    expect(one(checks, 'account')).toMatchObject({ state: 'waiting', evidence: ['waits for sealing key'] });
    expect(one(checks, 'ca')).toMatchObject({ state: 'ok' });
  });

  test('remembers which cluster it was, and misses the key of this machine', async () => {
    await world.write();
    await world.nolapse('run');
    expect(one((await world.doctor()).checks, 'sealing')).toMatchObject({ state: 'ok' });
    await rm(join(world.home, '.nolapse', 'seal.key'));
    await world.write((documents) => {
      const fleet = documents.find(({ kind }) => kind === 'Fleet') as {
        spec: { clusters: { kubeconfig: { context: string } }[] };
      };
      for (const { kubeconfig } of fleet.spec.clusters) kubeconfig.context = 'west';
    });
    const { checks } = await world.doctor();
    expect(one(checks, 'cluster', 'west')).toMatchObject({ state: 'ok' });
    expect(one(checks, 'cluster', 'east')).toMatchObject({
      ...{ state: 'broken', who: 'you', evidence: [expect.stringContaining('is another cluster than before')] },
    });
    expect(one(checks, 'rights', 'east')).toMatchObject({ state: 'waiting' });
    expect(one(checks, 'sealing')).toMatchObject({ state: 'broken', fix: expect.stringContaining('bring seal.key') });
    expect(await readdir(join(world.home, '.nolapse'))).not.toContain('seal.key');
  });

  test('leaves nothing behind, in a pipe no colour, and lines of 80 columns', async () => {
    await world.write();
    const before = await readdir(world.home);
    const { stdout, stderr } = await world.nolapse('doctor');
    expect(await readdir(world.home)).toEqual(before);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\u001b');
    const long = stdout.split('\n').filter((line) => [...line].length > 80 && !/^ {4}(run:|by:)|^ {9}/.test(line));
    expect(long).toEqual([]);
  });

  test.each([
    ['an id that nobody asks for', ['nobody'], 'there is no certificate "nobody"'],
    ['contexts', ['--context', 'east'], 'doctor needs a fleet file'],
    ['a fleet file that is none', ['--fleet', 'kubeconfig'], 'kubeconfig'],
  ])('ends with 2 for %s', async (_what, args, message) => {
    await world.write();
    const { code, stderr } = await world.nolapse('doctor', ...args);
    expect([code, stderr.includes(message)]).toEqual([2, true]);
  });
});
