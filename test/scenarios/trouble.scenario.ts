/** Trouble of one party costs the certificates of that party time, and nobody else anything: clusters, the CA, DNS, the topic. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FindingAnswer, inventoryIn, planIn, type RunAnswer, runIn } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { lateRun } from './harness/late-run.ts';
import { scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { NolapseOptions, NolapseResult, World } from './harness/world.ts';

const at = (name: string) => ({ namespace: 'shop', name });
const place = (cluster: string, name: string): string => `${cluster}/shop/${name}`;

/** A certificate of the world's CA for one Secret. */
const asked = (world: World, name: string, cluster: string) =>
  fleetCertificate(name, [`${name}.${world.zone.name}`], [{ kubernetesSecret: { clusters: [cluster], ...at(name) } }]);

async function scene(world: World): Promise<void> {
  for (const { admin } of world.clusters) await admin.namespace('shop');
}

/** What a run did, in few words; and its exit code. */
const ran = async (world: World, args: readonly string[], options: NolapseOptions = {}) =>
  doneIn(await world.nolapse(['run', ...args, '-o', 'json'], options));

function doneIn(result: NolapseResult) {
  const answer: RunAnswer = runIn(result);
  return {
    answer,
    stderr: result.stderr,
    did: {
      code: result.code,
      renewed: answer.renewed.map(({ id }) => id).sort(),
      delivered: answer.delivered.map((one) => `${one.place} ${one.outcome}`).sort(),
      failed: answer.failed.map(({ id, stage }) => `${id} ${stage}`).sort(),
      findings: inShort(answer.findings),
    },
  };
}

const inShort = (findings: readonly FindingAnswer[]): readonly string[] =>
  findings.map(({ severity, code, object }) => `${severity} ${code} ${object.name}`).sort();

const DOWN = ['high source-down east'];
const renewed = (code: number, name: string, findings: readonly string[] = []) => ({
  code,
  renewed: [`fleet/${name}`],
  delivered: [`${place('west', name)} written`],
  failed: [],
  findings,
});

scenario('a cluster that cannot be read is one finding, and the others are served', {}, async (world, check) => {
  await scene(world);
  const [east] = world.clusters;
  const run = async (name: string, context: string) => {
    const documents = [asked(world, name, 'west'), asked(world, `${name}-there`, 'east')];
    return ran(world, ['--fleet', await writeFleet(world, { documents, contexts: { east: context } })]);
  };
  const unknown = await run('unknown', east.contextUnknown);
  check.deepEqual(unknown.did, renewed(1, 'unknown', DOWN), 'a token that the server refuses');
  check.match(unknown.answer.findings[0]?.fix ?? '', /renew the credentials of the context of east/, 'its fix');
  await rm(join(world.folder, 'state'), { recursive: true });
  const forbidden = await run('forbidden', east.contextWithoutSecrets);
  check.deepEqual(forbidden.did, renewed(1, 'forbidden', DOWN), 'Secrets that may not be listed');
  const rule = /\{ apiGroups: \[""\], resources: \["secrets"\], verbs: \["list"\] \} in the whole cluster/;
  check.match(forbidden.answer.findings[0]?.fix ?? '', rule, 'its fix: the rule that is missing');
});

scenario('a cluster that goes away is stale and not empty, and is served once it is back', {}, async (world, check) => {
  await scene(world);
  const before = await writeFleet(world, { documents: [asked(world, 'kept', 'east')] });
  check.equal((await world.nolapse(['run', '--fleet', before])).code, 0, 'the exit code while all is well');
  await world.recorder.cut('east', 'refused');
  const fleet = await writeFleet(world, { documents: [asked(world, 'kept', 'east'), asked(world, 'new', 'west')] });
  const away = await ran(world, ['--fleet', fleet]);
  check.deepEqual(away.did, renewed(0, 'new', ['warning source-down east']), 'the run while it is away');
  const [finding] = away.answer.findings;
  check.match(
    finding?.message ?? '',
    /what is known of it is \d+ (second|minute)s? old.*the connection was refused/,
    'what is said',
  );
  check.match(finding?.fix ?? '', /check that this machine may reach it/, 'its fix');
  const { stdout } = await world.nolapse(['explain', 'fleet/kept', '--fleet', fleet]);
  check.match(stdout, /holds: serial [0-9a-f]+/, 'what is known of it is kept');
  await world.recorder.mend('east');
  const mark = world.recorder.mark();
  const back = await ran(world, ['--fleet', fleet]);
  check.deepEqual(
    back.did,
    { code: 0, renewed: [], delivered: [], failed: [], findings: [] },
    'the run once it is back',
  );
  check.equal(ordersSince(world, mark), 0, 'orders of that run');
});

const CROWD = 520;

scenario('an API server that is busy is read all the same', { needs: ['kubernetes-faults'] }, async (world, check) => {
  await scene(world);
  const [{ admin }] = world.clusters;
  const pair = await selfSignedPair(['crowd.example.com']);
  const names = Array.from({ length: CROWD }, (_, n) => `crowd-${n}`);
  for (let from = 0; from < CROWD; from += 40)
    await Promise.all(names.slice(from, from + 40).map((name) => admin.create(tlsSecret(at(name), pair))));
  await world.fault('east', { kind: '410', path: '/api/v1/secrets', count: 1 });
  await world.fault('east', { kind: '429', path: '/ingresses', retryAfter: 1, count: 1 });
  const fleet = await writeFleet(world, { documents: [asked(world, 'shop', 'east')] });
  const { did } = await ran(world, ['--fleet', fleet]);
  const written = [`${place('east', 'shop')} written`];
  check.deepEqual(did, { code: 0, renewed: ['fleet/shop'], delivered: written, failed: [], findings: [] }, 'the run');
  const statuses = world.recorder.seen().map(({ server, status }) => `${server} ${status}`);
  check.deepEqual(
    ['east 410', 'east 429'].map((status) => statuses.filter((one) => one === status).length),
    [1, 1],
    'how often the server said 410 and 429',
  );
  const { certificates } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
  check.equal(certificates.filter(({ id }) => id.startsWith('east/shop/crowd-')).length, CROWD, 'what was found');
});

scenario('a CA that is down for one order costs that order time', { needs: ['ca-faults'] }, async (world, check) => {
  await scene(world);
  const fleet = await writeFleet(world, { documents: [asked(world, 'a', 'west'), asked(world, 'b', 'west')] });
  await world.fault('ca', { kind: 'unavailable', request: 'newOrder', count: 1 });
  const { did, answer } = await ran(world, ['--fleet', fleet]);
  const [lost] = answer.failed;
  check.equal(did.code, 3, 'the exit code');
  check.equal(did.renewed.length, 1, 'renewed');
  check.deepEqual(did.failed, [`${lost?.id} issue`], 'failed');
  check.equal(lost?.problem.type, 'urn:ietf:params:acme:error:serverInternal', 'the problem');
  check.deepEqual(did.findings, [`warning renewal-failing ${lost?.id.slice('fleet/'.length)}`], 'findings');
  check.match(answer.findings[0]?.fix ?? '', /^Nothing yet: it is tried again at .* UTC/, 'the fix');
  check.ok(Date.parse(lost?.nextAttemptAt ?? '') > Date.now(), 'when it is tried again');
});

scenario(
  'a 429 of the CA stops its scope until Retry-After, and nothing else',
  { needs: ['ca-faults'] },
  async (world, check) => {
    await scene(world);
    await world.fault('ca', { kind: 'rate-limited', name: `limited.${world.zone.name}`, retryAfter: 7200, count: 1 });
    const documents = [asked(world, 'limited', 'west'), asked(world, 'other', 'west')];
    const first = await ran(world, ['--fleet', await writeFleet(world, { documents })]);
    const expected = { ...renewed(3, 'other', ['warning renewal-failing limited']), failed: ['fleet/limited issue'] };
    check.deepEqual(first.did, expected, 'the run that is refused');
    const until = Date.parse(first.answer.failed[0]?.nextAttemptAt ?? '');
    check.ok(Math.abs(until - Date.now() - 7_200_000) < 60_000, 'the next attempt is when the CA said');
    check.match(first.answer.findings[0]?.message ?? '', /exact set of identifiers/, 'what is said');
    check.match(first.answer.findings[0]?.fix ?? '', /^Nothing yet: it is tried again at .* UTC/, 'the fix');
    const mark = world.recorder.mark();
    const later = await writeFleet(world, { documents: [...documents, asked(world, 'later', 'west')] });
    const { deferred } = planIn(await world.nolapse(['plan', '--fleet', later, '-o', 'json']));
    check.deepEqual(
      deferred.map(({ id }) => id),
      ['fleet/limited'],
      'what waits',
    );
    const second = await ran(world, ['--fleet', later]);
    check.deepEqual(second.did, renewed(0, 'later', ['warning renewal-failing limited']), 'the run after it');
    check.equal(ordersSince(world, mark), 1, 'orders of the run after it');
  },
);

scenario(
  'an order that stays processing past the deadline is gone on with',
  { needs: ['ca-faults'] },
  async (world, check) => {
    await scene(world);
    const fleet = await writeFleet(world, { documents: [asked(world, 'slow', 'west')] });
    await world.fault('ca', { kind: 'stay-processing', count: 1 });
    const isFinalized = () => world.recorder.seen().some(({ operation }) => operation === 'finalize');
    const first = doneIn(await lateRun(world, ['run', '--fleet', fleet, '-o', 'json'], isFinalized));
    const nothing = { renewed: [], delivered: [], failed: [], findings: [] };
    check.deepEqual(first.did, { code: 4, ...nothing }, 'the run that the deadline ends');
    check.ok(isFinalized(), 'the order was finalized in it');
    await world.calm('ca');
    // a service has gone on meanwhile
    check.equal((await world.nolapse(['run', '--fleet', fleet])).code, 0, 'the exit code of the run after it');
    check.ok((await servedAt(world.clusters[1], secretAt('shop', 'slow')))?.keyFits, 'the certificate is in its place');
    check.equal(ordersSince(world, 0), 1, 'orders of both');
  },
);

scenario('a topic that is gone is told of on the other channel, and costs no renewal', {}, async (world, check) => {
  await scene(world);
  await world.secretsManager.put('nolapse/slack', world.slack.webhook);
  const notifications = { slack: { webhookSecretId: 'nolapse/slack' } };
  const fleet = await writeFleet(world, { documents: [asked(world, 'shop', 'west')], notifications });
  await world.queue.removeTopic();
  check.deepEqual((await ran(world, ['--fleet', fleet])).did, renewed(0, 'shop'), 'the run');
  const told = (await world.slack.messages()).map(({ text }) => text).sort();
  check.match(told.join('\n'), /channel sns fails[\s\S]*: \w+ does not exist/i, 'what Slack is told of the topic');
  check.match(told.join('\n'), /first renewal by Nolapse/, 'what both were to be told');
  check.deepEqual(await world.queue.receive(), [], 'messages on the topic');
});

/** A certificate that needs neither the zone nor the CA. */
function withoutZone(world: World, name: string): readonly object[] {
  const issuer = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name: 'self' },
    spec: { selfSigned: {} },
  };
  const { spec, ...rest } = asked(world, name, 'west');
  const issuerRef = { name: 'self', kind: 'ClusterIssuer' };
  return [issuer, { ...rest, spec: { ...spec, certificate: { ...spec.certificate, issuerRef } } }];
}

scenario(
  'a zone that may not be changed stops its names, and one that is throttled costs time only',
  {},
  async (world, check) => {
    await scene(world);
    const before = await world.zone.snapshot();
    await world.fault('dns', { kind: 'access-denied', operation: 'ChangeResourceRecordSets' });
    const documents = [asked(world, 'denied', 'east'), ...withoutZone(world, 'own')];
    const { did, answer } = await ran(world, ['--fleet', await writeFleet(world, { documents })]);
    const expected = { ...renewed(3, 'own', ['warning renewal-failing denied']), failed: ['fleet/denied issue'] };
    check.deepEqual(did, expected, 'the run');
    check.equal(answer.failed[0]?.problem.type, 'aws:AccessDenied', 'the problem');
    check.match(answer.findings[0]?.fix ?? '', /^allow route53:ChangeResourceRecordSets in the IAM policy/, 'its fix');
    await world.calm('dns');
    await world.fault('dns', { kind: 'throttle', count: 2 });
    const mark = world.recorder.mark();
    const fleet = await writeFleet(world, { documents: [...documents, asked(world, 'shop', 'west')] });
    const throttled = await ran(world, ['--fleet', fleet]);
    check.deepEqual(throttled.did, renewed(0, 'shop', ['warning renewal-failing denied']), 'the run that is throttled');
    const refused = world.recorder
      .seen(mark)
      .filter(({ operation, status }) => operation.startsWith('route53') && status === 400);
    check.equal(refused.length, 2, 'requests that were throttled');
    check.equal(await world.zone.snapshot(), before, 'the zone afterwards');
  },
);
