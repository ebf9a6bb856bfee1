/** Whose a Secret is decides before anything is written: every kind of owner, what is said of it, and what consent can change. */
import { setTimeout as pause } from 'node:timers/promises';
import { adoptIn, findingsAbout, runIn } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { makeSecrets, NAMESPACE, type Owner, owners, REFUSED } from './harness/secret-owners.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const DAY_MS = 86_400_000;
const in_ = (clusters: readonly string[], name: string) => ({
  kubernetesSecret: { clusters, namespace: NAMESPACE, name },
});

const secretOf = (world: World, name: string): Promise<Manifest | undefined> =>
  world.clusters[0].admin.get({ kind: 'Secret', namespace: NAMESPACE, name });

const writesAt = (world: World, server: string, after = 0): readonly string[] =>
  world.recorder
    .seen(after)
    .filter((request) => request.server === server && request.kind === 'write')
    .map(({ operation, status }) => `${operation} ${status}`);

/** Those that the CA took: a nonce may always be refused. */
const ordersAt = (world: World, after = 0): number =>
  world.recorder.seen(after).filter(({ operation, status }) => operation === 'newOrder' && status === 201).length;

scenario('a Secret of somebody else is told of and never written', {}, async (world, check) => {
  await makeSecrets(world);
  const documents = owners.map(({ name }) =>
    fleetCertificate(name, [`${name}.${world.zone.name}`], [in_(['east'], name)]),
  );
  const fleet = await writeFleet(world, { documents });
  const versions = async () =>
    Promise.all(owners.map(async ({ name }) => (await secretOf(world, name))?.metadata.resourceVersion));
  const before = await versions();
  const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
  const { findings, renewed, delivered, failed } = runIn(result);
  check.equal(result.code, 1, 'the exit code');
  check.deepEqual({ renewed, delivered, failed }, { renewed: [], delivered: [], failed: [] }, 'what was done');
  for (const { name, findings: expected, says } of owners) {
    check.deepEqual(findingsAbout(findings, name), expected, `findings about ${name}`);
    const about = findings.filter(({ object }) => object.name === name);
    check.match(about.map(({ message }) => message).join('\n'), says, `what is said of ${name}`);
    check.deepEqual(
      about.map(({ object: { cluster, kind, namespace } }) => [cluster, kind, namespace]),
      expected.map(() => ['east', 'Secret', NAMESPACE]),
      `the object of the findings about ${name}`,
    );
    check.ok(
      about.every(({ fix }) => fix.length > 0),
      `a fix for ${name}`,
    );
  }
  check.deepEqual(await versions(), before, 'resource versions afterwards');
  check.deepEqual(writesAt(world, 'east'), [], 'writes to the cluster');
  check.equal(ordersAt(world), 0, 'orders');
});

scenario('a Secret is taken over by consent alone, and never from an owner', {}, async (world, check) => {
  await makeSecrets(world);
  const everywhere = owners.map(({ name }) => in_(['east'], name));
  const documents = [fleetCertificate('all', [`all.${world.zone.name}`], everywhere)];
  const fleet = await writeFleet(world, { documents });
  const isOpen = ({ ownership }: Owner): boolean => ownership === 'adoptable' || ownership === 'other-installation';
  const taken = owners.filter(isOpen);
  const placesOf = (some: readonly Owner[]) => some.map(({ name }) => `east/${NAMESPACE}/${name}`).sort();

  const look = adoptIn(await world.nolapse(['adopt', 'all', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(
    Object.fromEntries(look.places.map(({ place, ownership }) => [place, ownership.is])),
    Object.fromEntries(owners.map(({ name, ownership }) => [`east/${NAMESPACE}/${name}`, ownership])),
    'whose each place is',
  );
  check.deepEqual([...new Set(look.places.map(({ want }) => want))], ['a new certificate'], 'what would replace them');
  check.deepEqual(look.adopted, [], 'what is adopted without a yes');
  const agreed = adoptIn(await world.nolapse(['adopt', 'all', '--yes', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(agreed.adopted.toSorted(), placesOf(taken), 'what is adopted with a yes');
  check.deepEqual(writesAt(world, 'east'), [], 'writes before the run');

  const result = runIn(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(
    result.delivered.map(({ place, outcome }) => `${place} ${outcome}`).sort(),
    placesOf(taken).map((place) => `${place} written`),
    'what was delivered',
  );
  check.deepEqual(
    writesAt(world, 'east').toSorted(),
    taken.map(({ name }) => `PATCH /api/v1/namespaces/${NAMESPACE}/secrets/${name} 200`).sort(),
    'writes to the cluster',
  );
  check.equal(ordersAt(world), 1, 'orders');
  for (const { name } of taken) {
    const { annotations, managedFields = [] } = (await secretOf(world, name))?.metadata ?? {};
    check.equal(annotations?.['nolapse.dev/fleet'], 'world', `the mark on ${name}`);
    check.equal(annotations?.['nolapse.dev/serial'], result.renewed[0]?.serial, `the serial on ${name}`);
    const ours = managedFields.filter(({ manager }) => manager === 'nolapse-world');
    check.ok(ours.length > 0, `our field manager on ${name}`);
  }
  for (const owner of owners.filter((one) => !isOpen(one)))
    check.deepEqual(findingsAbout(result.findings, owner.name), REFUSED, `findings about ${owner.name} at the end`);
});

scenario('adopt shows a person what is there, and the certificate that would replace it', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  const host = `shop.${world.zone.name}`;
  for (const cluster of world.clusters) await cluster.admin.namespace(NAMESPACE);
  const pair = await selfSignedPair([host]);
  await admin.create(tlsSecret({ namespace: NAMESPACE, name: 'shop' }, pair));
  const fleet = await writeFleet(world, {
    documents: [fleetCertificate('shop', [host], [in_(['east', 'west'], 'shop')])],
  });
  const first = runIn(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(
    first.delivered.map(({ place, outcome }) => `${place} ${outcome}`),
    [`west/${NAMESPACE}/shop written`],
    'what is delivered without consent',
  );
  const { stdout, code } = await world.nolapse(['adopt', 'fleet/shop', '--yes', '--fleet', fleet]);
  check.equal(code, 0, 'the exit code of adopt');
  check.match(stdout, /east\/shop\/shop\n\s+made by kubectl-create: can be taken over/, 'whose it is');
  check.match(stdout, /NOW\s+THEN/, 'both sides');
  const serial = first.renewed[0]?.serial ?? 'none';
  check.match(stdout, new RegExp(`serial\\s+[0-9a-f]+\\s+${serial}`), 'both serials');
  const second = runIn(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(
    second.delivered.map(({ place, outcome }) => `${place} ${outcome}`),
    [`east/${NAMESPACE}/shop written`],
    'what is delivered with it',
  );
  check.equal(ordersAt(world), 1, 'orders of both runs');
});

scenario('a Secret that may not be created is told of, and ordered once', {}, async (world, check) => {
  const [, west] = world.clusters;
  for (const { admin } of world.clusters) await admin.namespace(NAMESPACE);
  const host = `absent.${world.zone.name}`;
  const fleet = await writeFleet(world, {
    contexts: { west: west.contextWithoutCreate },
    documents: [fleetCertificate('absent', [host], [in_(['west'], 'absent')])],
  });
  const path = `POST /api/v1/namespaces/${NAMESPACE}/secrets`;
  for (const round of ['first', 'second']) {
    const mark = world.recorder.mark();
    const result = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    const { findings, renewed, failed } = runIn(result);
    const isFirst = round === 'first';
    check.deepEqual(
      renewed.map(({ id }) => id),
      isFirst ? ['fleet/absent'] : [],
      `what the ${round} run renewed`,
    );
    check.equal(ordersAt(world, mark), isFirst ? 1 : 0, `orders of the ${round} run`);
    const [finding] = findings.filter(({ code }) => code === 'renewal-failing');
    check.equal(finding?.severity, 'warning', `the severity in the ${round} run`);
    check.match(finding?.message ?? '', /^Delivery of fleet\/absent failed .*(403|forbidden|may not)/i, 'what is said');
    check.match(finding?.fix ?? '', /create/, 'the right that is missing');
    if (!isFirst) continue;
    check.deepEqual(writesAt(world, 'west', mark), [`${path} 403`], 'writes to the cluster');
    check.equal(result.code, 3, 'the exit code');
    const failures = failed.map(({ id, stage, problem }) => `${id} ${stage} ${problem.type}`);
    check.deepEqual(failures, ['fleet/absent deliver kubernetes:Forbidden'], 'what failed');
  }
  check.equal(
    await west.admin.get({ kind: 'Secret', namespace: NAMESPACE, name: 'absent' }),
    undefined,
    'the Secret afterwards',
  );
});

scenario(
  'a Secret that changes between the look and the write is not overwritten',
  { needs: ['kubernetes-faults'] },
  async (world, check) => {
    const [{ admin }] = world.clusters;
    await admin.namespace(NAMESPACE);
    const host = `shop.${world.zone.name}`;
    const at = { namespace: NAMESPACE, name: 'shop' };
    const nearlyOver = { notBefore: new Date(Date.now() - 80 * DAY_MS), notAfter: new Date(Date.now() + 10 * DAY_MS) };
    await admin.create(tlsSecret(at, await selfSignedPair([host], nearlyOver)));
    const destination = { kubernetesSecret: { clusters: ['east'], ...at, adopt: true } };
    const fleet = await writeFleet(world, { documents: [fleetCertificate('shop', [host], [destination])] });
    const path = `/api/v1/namespaces/${NAMESPACE}/secrets/shop`;
    // two looks, and the apply that takes long enough for the administrator to come first
    await world.fault('east', { kind: 'slow', path, ms: 0, count: 2 });
    await world.fault('east', { kind: 'slow', path, ms: 5_000, count: 1 });
    const theirs = tlsSecret(at, await selfSignedPair([host]));
    const running = world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    const isApplied = () => world.recorder.seen().some((one) => one.method === 'PATCH' && one.path === path);
    while (!isApplied()) await pause(10);
    await admin.apply(theirs, { manager: 'somebody' });
    const result = await running;
    check.equal(result.code, 3, 'the exit code');
    check.deepEqual(writesAt(world, 'east'), [`PATCH ${path} 409`], 'writes to the cluster');
    check.deepEqual((await admin.get({ kind: 'Secret', ...at }))?.data, theirs.data, 'what the Secret holds');
    const [failure] = runIn(result).failed;
    check.equal(failure?.problem.type, 'kubernetes:Conflict', 'the problem');
  },
);
