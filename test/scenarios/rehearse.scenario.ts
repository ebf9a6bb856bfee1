/** A rehearsal proves a renewal from the order to the certificate, at the staging CA and in the real zone, and leaves everything as it was. */
import { inventoryIn, planIn, rehearseIn, theFinding } from './harness/answers.ts';
import { earlyAnswers } from './harness/early-answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { inSecret, namespaces } from './harness/plan-then-run.ts';
import type { Recorded } from './harness/recorder.ts';
import { scenario } from './harness/scenario.ts';
import { everything, of, ofZone, orders, otherWrites, scene } from './harness/to-rehearse.ts';

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
      answer.phases.map(({ phase }) => phase),
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
