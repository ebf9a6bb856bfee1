/** A rehearsal proves a renewal from the order to the certificate, at the staging CA and in the real zone, and leaves everything as it was. */
import { inventoryIn, planIn, type RehearseAnswer, rehearseIn, theFinding } from './harness/answers.ts';
import { UNDELEGATED } from './harness/dns-parts.ts';
import { earlyAnswers } from './harness/early-answers.ts';
import { fleetCertificate, ISSUER, writeFleet } from './harness/fleet-file.ts';
import { at, inSecret, namespaces } from './harness/plan-then-run.ts';
import type { Recorded } from './harness/recorder.ts';
import { scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

const DAY_MS = 86_400_000;

const certificate = (names: readonly string[]): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: at('shop-tls'),
  spec: {
    ...{ secretName: 'shop-tls', dnsNames: names, issuerRef: ISSUER },
    privateKey: { algorithm: 'ECDSA', size: 256 },
  },
});

/** Somebody's own certificate, which runs out, and what asks for another. */
async function scene(world: World, names: readonly string[]): Promise<void> {
  const [{ admin }] = world.clusters;
  await namespaces(world, 'shop');
  const life = { notBefore: new Date(Date.now() - 80 * DAY_MS), notAfter: new Date(Date.now() + 10 * DAY_MS) };
  await admin.create(tlsSecret(at('shop-tls'), await selfSignedPair(names, life)), 'kubectl-create');
  await admin.create(certificate(names));
}

const of =
  (server: string) =>
  (one: Recorded): boolean =>
    one.server === server;
const orders = (seen: readonly Recorded[], server: string): number =>
  seen.filter((one) => of(server)(one) && one.operation === 'newOrder' && one.status === 201).length;
const ofZone = ({ operation }: Recorded): boolean => operation.startsWith('route53 ');
/** What was written but into the zone, at the CA and into the service's own topic. */
const otherWrites = (seen: readonly Recorded[]): readonly string[] =>
  seen.flatMap(({ kind, server, operation }) =>
    kind === 'write' && server !== 'staging' && !operation.startsWith('route53 ') && operation !== 'sns Publish'
      ? [`${server} ${operation}`]
      : [],
  );

const everything = async ({ clusters, zone }: World): Promise<string> =>
  JSON.stringify([
    await zone.snapshot(),
    ...(await Promise.all(
      clusters.flatMap(({ admin }) => [
        admin.list({ kind: 'Secret', namespace: 'shop' }),
        admin.list({ kind: 'Certificate', namespace: 'shop' }),
      ]),
    )),
  ]);

scenario(
  'a rehearsal in audit: the staging CA issues, and nothing else is as if it had been',
  { staging: true, inSync: { minMs: 300, maxMs: 900 } },
  async (world, check) => {
    const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`];
    await scene(world, names);
    const fleet = await writeFleet(world, { mode: 'audit' });
    const found = async () => {
      const { certificates, findings } = inventoryIn(
        await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']),
      );
      return [certificates.map(({ id, state, serial }) => [id, state, serial]), findings.map(({ code }) => code)];
    };
    const foundBefore = await found();
    const before = await everything(world);
    const mark = world.recorder.mark();
    const said = await world.nolapse(['rehearse', 'shop-tls', '--fleet', fleet, '-o', 'json']);
    const seen = world.recorder.seen(mark);
    check.equal(said.code, 0, `the exit code: ${said.stdout}${said.stderr}`);
    const answer = rehearseIn(said);
    check.equal(answer.end.is, 'obtained', 'how it ended');
    check.equal(answer.directory, world.staging?.directory ?? '', 'whose directory');
    check.deepEqual(answer.names.toSorted(), names.toSorted(), 'names');
    check.equal(answer.next, 'manage', 'what is next');
    check.equal(orders(seen, 'staging'), 1, 'orders at the staging CA');
    check.equal(seen.filter(of('ca')).length, 0, 'requests to the CA itself');
    check.equal(answer.requests.ca, seen.filter(of('staging')).length, 'requests that were counted, to the CA');
    check.equal(answer.requests.route53, seen.filter(ofZone).length, 'requests that were counted, to Route 53');
    check.deepEqual(
      Object.keys(answer.seconds),
      ['order', 'dns', 'in-sync', 'validation', 'issuance', 'clean-up'],
      'phases',
    );
    check.deepEqual(
      answer.txt.map(({ name }) => name),
      Array(2).fill(`_acme-challenge.shop.${world.zone.name}`),
      'TXT names',
    );
    check.ok(
      answer.txt.every(({ isThere }) => !isThere),
      'no value is left',
    );
    check.deepEqual(earlyAnswers(seen), [], 'challenges answered too early');
    check.deepEqual(otherWrites(seen), [], 'writes to anybody else');
    check.equal(await everything(world), before, 'the zone and the clusters');

    const again = rehearseIn(await world.nolapse(['rehearse', 'shop-tls', '--fleet', fleet, '-o', 'json']));
    check.equal(again.txt.length, 2, 'TXT values of the next rehearsal, for which everything is proved anew');
    check.deepEqual(await found(), foundBefore, 'what an inventory says of it after');
    const plan = await world.nolapse(['plan', '--fleet', fleet, '-o', 'json']);
    check.deepEqual(plan.json(), { due: [], deferred: [] }, 'the plan after it');
  },
);

scenario(
  'a rehearsal in manage leaves the order that is due to the next run',
  { staging: true },
  async (world, check) => {
    await namespaces(world, 'shop');
    const documents = [fleetCertificate('shop', [`shop.${world.zone.name}`], [inSecret(['east'], 'shop')])];
    const fleet = await writeFleet(world, { documents });
    const said = await world.nolapse(['rehearse', 'fleet/shop', '--fleet', fleet]);
    check.equal(said.code, 0, `the exit code: ${said.stdout}${said.stderr}`);
    check.match(said.stdout, /rehearsed, and all of it works/, 'what is said');
    check.ok(
      said.stdout.split('\n').every((line) => line.length <= 80),
      'lines that fit',
    );
    const mark = world.recorder.mark();
    const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal(run.code, 0, 'the exit code of the run');
    check.equal(orders(world.recorder.seen(mark), 'ca'), 1, 'orders at the CA itself');
    check.equal(orders(world.recorder.seen(mark), 'staging'), 0, 'orders of the run at the staging CA');
  },
);

interface Failing {
  readonly answer: RehearseAnswer;
  readonly code: number | null;
  readonly seen: readonly Recorded[];
  readonly isAsBefore: boolean;
}

async function failing(world: World, fleet: string, id = 'shop-tls'): Promise<Failing> {
  const before = await everything(world);
  const mark = world.recorder.mark();
  const said = await world.nolapse(['rehearse', id, '--fleet', fleet, '-o', 'json']);
  const seen = world.recorder.seen(mark);
  return { answer: rehearseIn(said), code: said.code, seen, isAsBefore: (await everything(world)) === before };
}

scenario(
  'a rehearsal fails where a renewal would: Route 53 lets nothing be written',
  { staging: true },
  async (world, check) => {
    await scene(world, [`shop.${world.zone.name}`]);
    const fleet = await writeFleet(world, { mode: 'audit' });
    await world.fault('dns', { kind: 'access-denied', operation: 'ChangeResourceRecordSets' });
    const { answer, code, seen, isAsBefore } = await failing(world, fleet);
    check.equal(code, 3, 'the exit code');
    check.equal(answer.end.at, 'dns', 'at what step');
    check.match(answer.end.problem?.type ?? '', /AccessDenied/, 'the problem');
    check.ok(answer.end.problem?.fix, 'that there is a fix');
    check.equal(orders(seen, 'ca'), 0, 'orders at the CA itself');
    check.ok(isAsBefore, 'the zone and the clusters are as before');
    await world.calm('dns');
    const after = await failing(world, fleet);
    check.equal(after.code, 0, 'the exit code once it may');
  },
);

scenario(
  'a rehearsal fails where a renewal would: nobody is sent to the zone',
  { staging: true },
  async (world, check) => {
    await scene(world, [`shop.${UNDELEGATED.name}`]);
    const fleet = await writeFleet(world, {
      mode: 'audit',
      zones: [{ name: UNDELEGATED.name, hostedZoneId: UNDELEGATED.id }],
      namePolicy: [{ namespaces: ['shop'], names: [`**.${UNDELEGATED.name}`] }],
    });
    const { answer, code, seen, isAsBefore } = await failing(world, fleet);
    check.equal(code, 3, 'the exit code');
    check.equal(answer.end.at, 'validation', 'at what step');
    check.match(answer.end.problem?.detail ?? '', /undelegated\.example/, 'the problem names the name');
    check.ok(
      answer.txt.every(({ isThere }) => !isThere),
      'no value is left',
    );
    check.equal(
      seen.filter(ofZone).filter(({ kind }) => kind === 'write').length,
      2,
      'changes of the zone: there and back',
    );
    check.ok(isAsBefore, 'the zone and the clusters are as before');
  },
);

scenario(
  'a rehearsal fails where a renewal would: the CA takes no such name',
  { staging: true },
  async (world, check) => {
    const refused = 'shop.blocked-domain.example';
    await scene(world, [refused]);
    const fleet = await writeFleet(world, {
      mode: 'audit',
      zones: [{ name: 'blocked-domain.example', hostedZoneId: UNDELEGATED.id }],
      namePolicy: [{ namespaces: ['shop'], names: [refused] }],
    });
    const { answer, code, seen, isAsBefore } = await failing(world, fleet);
    check.equal(code, 3, 'the exit code');
    check.equal(answer.end.at, 'order', 'at what step');
    check.match(answer.end.problem?.type ?? '', /rejectedIdentifier/, 'the problem');
    check.equal(seen.filter(ofZone).length, 0, 'requests to Route 53');
    check.ok(isAsBefore, 'the zone and the clusters are as before');
  },
);

scenario(
  'a rehearsal is refused where nothing would be ordered, and where nobody says with whom',
  { staging: true },
  async (world, check) => {
    await scene(world, [`shop.${world.zone.name}`]);
    const narrow = await writeFleet(world, {
      mode: 'audit',
      namePolicy: [{ namespaces: ['shop'], names: ['other.example.com'] }],
    });
    const mark = world.recorder.mark();
    const outside = await world.nolapse(['rehearse', 'shop-tls', '--fleet', narrow]);
    check.equal(outside.code, 2, 'the exit code outside the policy');
    check.match(outside.stderr, /name policy of east does not allow shop\.example\.com/, 'why');
    const silent = await writeFleet(world, { mode: 'audit', stagingServer: 'none' });
    const unknown = await world.nolapse(['rehearse', 'shop-tls', '--fleet', silent]);
    check.equal(unknown.code, 2, 'the exit code where no staging server is known');
    check.match(unknown.stderr, /nolapse\.dev\/staging-server/, 'what to write');
    const nobody = await world.nolapse(['rehearse', 'nothing-like-it', '--fleet', silent]);
    check.equal(nobody.code, 2, 'the exit code of an id that is none');
    const seen = world.recorder.seen(mark);
    check.deepEqual(
      seen.filter((one) => of('ca')(one) || of('staging')(one) || ofZone(one)),
      [],
      'requests to CAs and Route 53',
    );
  },
);

scenario('a rehearsal waits for nobody in a lane that is paused', { staging: true }, async (world, check) => {
  await scene(world, [`shop.${world.zone.name}`]);
  const fleet = await writeFleet(world, { mode: 'audit' });
  await world.nolapse(['pause', `issue:fleet/${ISSUER.name}`, '--for', '1h', '--because', 'moving', '--fleet', fleet]);
  const { answer, code, seen } = await failing(world, fleet);
  check.equal(code, 4, 'the exit code');
  check.match(answer.end.why ?? '', /paused until .*: moving/, 'why');
  check.equal(seen.filter(of('staging')).length, 0, 'requests to the staging CA');
});

scenario(
  'a rehearsal that is killed leaves its TXT values to the next run, which takes them away',
  { staging: true, needs: ['one-process'], because: 'what is ended is the process of the command' },
  async (world, check) => {
    await scene(world, [`shop.${world.zone.name}`]);
    const fleet = await writeFleet(world, { mode: 'audit' });
    const before = await world.zone.snapshot();
    const killed = world.spawnNolapse(['rehearse', 'shop-tls', '--fleet', fleet]);
    const isChange = ({ path, method }: Recorded): boolean => method === 'POST' && path.endsWith('/rrset');
    const order = world.recorder.killAt({ n: 1, of: isChange, pid: killed.pid, when: 'answered' });
    await killed.done;
    check.ok(order.killed(), 'it was killed when its value was written');
    check.ok((await world.zone.snapshot()) !== before, 'the value stands');
    const run = await world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    check.equal(theFinding(inventoryIn(run).findings ?? [], 'renewal-failing'), undefined, 'what is failing');
    check.equal(await world.zone.snapshot(), before, 'the zone after the next run');
  },
);

scenario(
  'a rehearsal that is interrupted says so, and the next one takes its values away',
  { staging: true, needs: ['one-process'], because: 'what is interrupted is the process of the command' },
  async (world, check) => {
    await scene(world, [`shop.${world.zone.name}`]);
    const fleet = await writeFleet(world, { mode: 'audit' });
    const before = await world.zone.snapshot();
    await world.fault('dns', { kind: 'never-insync' });
    const started = world.spawnNolapse(['rehearse', 'shop-tls', '--fleet', fleet]);
    const mark = world.recorder.mark();
    while (!world.recorder.seen(mark).some(({ operation, status }) => operation.includes('/change/') && status === 200))
      await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(started.pid, 'SIGINT');
    const stopped = await started.done;
    check.equal(stopped.code, 130, `the exit code: ${stopped.stdout}${stopped.stderr}`);
    await world.calm('dns');
    const again = await world.nolapse(['rehearse', 'shop-tls', '--fleet', fleet, '-o', 'json']);
    check.equal(again.code, 0, 'the exit code of the next one');
    check.equal(await world.zone.snapshot(), before, 'the zone after the next one');
  },
);

scenario('plan says of a certificate in audit what it says of it in manage', {}, async (world, check) => {
  const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`];
  await scene(world, names);
  const mark = world.recorder.mark();
  const audit = await writeFleet(world, { mode: 'audit' });
  const all = await world.nolapse(['plan', '--fleet', audit]);
  check.match(
    all.stdout.replaceAll(/\s+/g, ' '),
    /1 certificate in audit, .* nolapse rehearse <id> tries it/,
    'of all',
  );
  const audited = planIn(await world.nolapse(['plan', 'shop-tls', '--fleet', audit, '-o', 'json']));
  check.deepEqual(audited.due, [], 'what is due in audit');
  const [entry, ...more] = audited.deferred;
  check.equal(more.length, 0, 'other entries');
  check.equal(entry?.reason, 'Audit', 'why nothing is done');
  check.match(entry?.message ?? '', /mode audit: .*; in manage, /, 'what manage would do');
  check.deepEqual(otherWrites(world.recorder.seen(mark)), [], 'writes');
  const managed = planIn(await world.nolapse(['plan', 'shop-tls', '--fleet', await writeFleet(world), '-o', 'json']));
  const [same] = [...managed.due, ...managed.deferred];
  const timeless = (one: typeof entry) => ({
    ...{ id: one?.id, txt: one?.txt, limits: one?.limits, destinations: one?.destinations },
    places: one?.places.map(({ place, ownership, delivery, refusal, have, want, adopting }) => ({
      ...{ place, ownership, delivery, refusal, have, want, adopting },
    })),
  });
  check.equal(same?.places[0]?.delivery, 'adopt-first', 'what is foreseen in manage');
  check.deepEqual(timeless(entry), timeless(same), 'all else');
});
