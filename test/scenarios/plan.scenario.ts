/** `run` does exactly what `plan` said a moment before: compared for fleets of six kinds, by what run tells and by what the servers saw. */
import { setTimeout as pause } from 'node:timers/promises';
import { inventoryIn, type PlanAnswer } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { at, inSecret, namespaces, planThenRun, ref } from './harness/plan-then-run.ts';
import type { Recorded } from './harness/recorder.ts';
import { scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const DAY_MS = 86_400_000;
const inStore = (name: string) => ({ secretsManager: { name } });

const reasons = ({ due }: PlanAnswer): readonly string[] => due.map(({ id, reason }) => `${id} ${reason}`).sort();
const ordersIn = (seen: readonly Recorded[]): number =>
  seen.filter(({ operation, status }) => operation === 'newOrder' && status === 201).length;

scenario('run does what plan said: nothing is due, and then a delivery without an order', {}, async (world, check) => {
  await namespaces(world, 'shop');
  const destinations = [inSecret(['east', 'west'], 'shop'), inStore('certs/shop')];
  const fleet = await writeFleet(world, {
    documents: [fleetCertificate('shop', [`shop.${world.zone.name}`], destinations)],
  });
  const first = await planThenRun(world, fleet, check);
  check.deepEqual(reasons(first.plan), ['fleet/shop DoesNotExist'], 'what is due at first');
  const second = await planThenRun(world, fleet, check);
  check.deepEqual(second.plan, { due: [], deferred: [] }, 'the plan after it');
  check.deepEqual(
    second.seen.filter(({ kind }) => kind === 'write'),
    [],
    'writes of the second run',
  );

  await world.clusters[0].admin.delete(ref('shop'));
  const third = await planThenRun(world, fleet, check);
  check.deepEqual(reasons(third.plan), ['fleet/shop Deliver'], 'what is due once a Secret is gone');
  check.deepEqual(third.plan.due[0]?.destinations, ['east/shop/shop'], 'where to');
  check.equal(ordersIn(third.seen), 0, 'orders');
});

/** The Certificates of a cluster, by an issuer that signs each with its own key. */
const certificate = (name: string, world: World, spec = {}): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: at(name),
  spec: {
    secretName: name,
    dnsNames: [`${name}.${world.zone.name}`],
    issuerRef: { name: 'self', kind: 'Issuer' },
    ...spec,
  },
});

scenario('run does what plan said: one of two is due by its renewal time', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  await namespaces(world, 'shop');
  await admin.create({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: at('self'),
    spec: { selfSigned: {} },
  });
  await admin.create(certificate('long', world));
  await admin.create(certificate('short', world, { duration: '1h', renewBefore: '59m40s' }));
  const fleet = await writeFleet(world);
  const first = await planThenRun(world, fleet, check);
  check.deepEqual(reasons(first.plan), ['east/shop/long DoesNotExist', 'east/shop/short DoesNotExist'], 'due at first');
  const { certificates } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
  const renewAt = certificates.find(({ id }) => id === 'east/shop/short')?.renewAt ?? '';
  await pause(Math.max(0, Date.parse(renewAt) - Date.now()));
  const second = await planThenRun(world, fleet, check);
  check.deepEqual(reasons(second.plan), ['east/shop/short Renewing'], 'due by its renewal time');
});

scenario('run does what plan said: missing, damaged and expired ones', {}, async (world, check) => {
  const [east, west] = world.clusters;
  await namespaces(world, 'shop');
  const host = (name: string): readonly string[] => [`${name}.${world.zone.name}`];
  const life = { notBefore: new Date(Date.now() - 90 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
  await west.admin.create(tlsSecret(at('expired'), await selfSignedPair(host('expired'), life)));
  const sound = ['damaged', 'fine'].map((name) => fleetCertificate(name, host(name), [inSecret(['east'], name)]));
  await world.nolapse(['run', '--fleet', await writeFleet(world, { documents: sound })]);
  const { 'tls.key': key = '' } = tlsSecret(at('damaged'), await selfSignedPair(host('damaged'))).data ?? {};
  const found = await east.admin.get(ref('damaged'));
  const data = { ...found?.data, 'tls.key': key };
  const damage = { apiVersion: 'v1', kind: 'Secret', metadata: at('damaged'), type: 'kubernetes.io/tls', data };
  await east.admin.apply(damage, { manager: 'somebody' });
  const documents = [
    ...sound,
    fleetCertificate('missing', host('missing'), [inSecret(['east', 'west'], 'missing'), inStore('missing')]),
    fleetCertificate('expired', host('expired'), [inSecret(['west'], 'expired', { adopt: true })]),
  ];
  const { plan, seen } = await planThenRun(world, await writeFleet(world, { documents }), check);
  check.deepEqual(
    plan.due.map(({ id }) => id).sort(),
    ['fleet/damaged', 'fleet/expired', 'fleet/missing'],
    'what is due',
  );
  check.match(reasons(plan).join(), /fleet\/damaged InvalidKeyPair/, 'why the damaged one is due');
  check.match(reasons(plan).join(), /fleet\/missing DoesNotExist/, 'why the missing one is due');
  check.equal(ordersIn(seen), 3, 'orders');
});

scenario('run does what plan said: what failed before waits, the rest is done', {}, async (world, check) => {
  await namespaces(world, 'shop');
  const failing = fleetCertificate('failing', [`failing.${world.zone.name}`], [inSecret(['east'], 'failing')]);
  const other = fleetCertificate('other', [`other.${world.zone.name}`], [inSecret(['west'], 'other')]);
  await world.fault('dns', { kind: 'access-denied', operation: 'ChangeResourceRecordSets' });
  const failed = await world.nolapse(['run', '--fleet', await writeFleet(world, { documents: [failing] })]);
  check.equal(failed.code, 3, 'the exit code of the run that fails');
  await world.calm('dns');
  const { plan } = await planThenRun(world, await writeFleet(world, { documents: [failing, other] }), check);
  check.deepEqual(reasons(plan), ['fleet/other DoesNotExist'], 'what is due');
  check.deepEqual(
    plan.deferred.map(({ id, reason }) => `${id} ${reason}`),
    ['fleet/failing Backoff'],
    'what waits',
  );
  check.ok(Date.parse(plan.deferred[0]?.at ?? '') > Date.now(), 'until when it waits');
});

scenario(
  'run does what plan said: what the CA refused for a while waits',
  { needs: ['ca-faults'] },
  async (world, check) => {
    await namespaces(world, 'shop');
    const limited = fleetCertificate('limited', [`limited.${world.zone.name}`], [inSecret(['east'], 'limited')]);
    await world.fault('ca', { kind: 'rate-limited', name: `limited.${world.zone.name}`, retryAfter: 3600, count: 1 });
    await world.nolapse(['run', '--fleet', await writeFleet(world, { documents: [limited] })]);
    const other = fleetCertificate('other', [`other.${world.zone.name}`], [inSecret(['west'], 'other')]);
    const { plan } = await planThenRun(world, await writeFleet(world, { documents: [limited, other] }), check);
    check.deepEqual(
      [...plan.due, ...plan.deferred].map(({ id }) => id).sort(),
      ['fleet/limited', 'fleet/other'],
      'what is planned',
    );
    check.ok(
      plan.deferred.some(({ id }) => id === 'fleet/limited'),
      'the one that was refused waits',
    );
  },
);

scenario('run does what plan said: nothing may be done', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  await namespaces(world, 'shop', 'watched', 'foreign');
  const { name: zone } = world.zone;
  for (const namespace of ['watched', 'foreign']) {
    await admin.create({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: at('self', namespace),
      spec: { selfSigned: {} },
    });
    await admin.create({ ...certificate(namespace, world), metadata: at(namespace, namespace) });
  }
  await admin.create(tlsSecret(at('theirs'), await selfSignedPair([`theirs.${zone}`])));
  const documents = [fleetCertificate('theirs', [`theirs.${zone}`], [inSecret(['east'], 'theirs')])];
  const namePolicy = [
    { namespaces: ['shop'], names: [`**.${zone}`] },
    { namespaces: ['watched'], names: [`**.${zone}`], mode: 'audit' },
  ];
  const managed = await planThenRun(world, await writeFleet(world, { documents, namePolicy }), check);
  check.deepEqual(managed.plan.due, [], 'what is due');
  check.deepEqual(managed.run.delivered, [], 'what is delivered');
  const said = managed.run.findings.map(({ code, object }) => `${code} ${object.namespace}/${object.name}`).sort();
  check.deepEqual(
    said,
    ['adoptable shop/theirs', 'name-not-allowed foreign/foreign', 'secret-missing watched/watched'],
    'why',
  );
  const everywhere = fleetCertificate('all', [`all.${zone}`], [inSecret(['east', 'west'], 'all')]);
  const audited = await planThenRun(world, await writeFleet(world, { documents: [everywhere], mode: 'audit' }), check);
  check.deepEqual(audited.plan.due, [], 'what is due where all clusters are only looked at');
  check.deepEqual(
    audited.seen.filter(({ kind, operation }) => kind === 'write' && operation !== 'sns Publish'),
    [],
    'writes',
  );
});
