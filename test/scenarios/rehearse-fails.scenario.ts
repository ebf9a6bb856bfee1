/** A rehearsal fails where a renewal would, or is refused before anybody is asked; either way everything is as it was. */
import { UNDELEGATED } from './harness/dns-parts.ts';
import { ISSUER, writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { failing, of, ofZone, orders, scene } from './harness/to-rehearse.ts';

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
