/** What people are told: once on every channel, whatever a cluster's text would like to do there, and in Slack's own time. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFleet } from './harness/fleet-file.ts';
import { leaksIn, registeredText, tracesOfOutput } from './harness/leaks.ts';
import { scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, QueueMessage, SlackPost, World } from './harness/world.ts';

const DAY_MS = 86_400_000;
const HOSTILE = '<!channel>&*_x_*';

/** An Ingress in the first cluster whose certificate has expired, with a name that no CA would sign. */
async function expiredIn({ clusters: [{ admin }], zone }: World): Promise<void> {
  const host = `shop.${zone.name}`;
  const notAfter = new Date(Date.now() - DAY_MS);
  const notBefore = new Date(notAfter.getTime() - 90 * DAY_MS);
  const backend = { service: { name: 'shop', port: { number: 80 } } };
  const ingress: Manifest = {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { namespace: 'shop', name: 'shop' } },
    spec: {
      tls: [{ hosts: [host], secretName: 'shop-tls' }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
  await admin.namespace('shop');
  const pair = await selfSignedPair([host, HOSTILE], { notBefore, notAfter });
  await admin.create(tlsSecret({ namespace: 'shop', name: 'shop-tls' }, pair));
  await admin.create(ingress);
}

/** One that only looks, and tells on the topic and on Slack. */
async function fleetWithSlack(world: World): Promise<string> {
  await world.secretsManager.put('nolapse/slack', world.slack.webhook);
  return writeFleet(world, { mode: 'audit', notifications: { slack: { webhookSecretId: 'nolapse/slack' } } });
}

const titles = (posts: readonly SlackPost[]): readonly string[] => posts.map(({ text }) => text.split('\n')[0] ?? '');
const subjects = (messages: readonly QueueMessage[]): readonly string[] => messages.map(({ Subject = '' }) => Subject);
const EXPIRED = '[world] critical: expired, Secret east/shop/shop-tls';

scenario(
  'a finding reaches Slack once, its text as it is and no more, and the digest tells it again',
  { isOfService: true },
  async (world, check) => {
    await expiredIn(world);
    const fleet = await fleetWithSlack(world);
    const results = [];
    for (let n = 1; n <= 2; n += 1) results.push(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));
    const posts = await world.slack.messages();
    check.deepEqual(titles(posts), [EXPIRED], 'what Slack was told by two runs');
    check.deepEqual(subjects(await world.queue.receive()), [EXPIRED], 'what the topic was told');
    const sent = JSON.stringify(posts);
    check.match(sent, /&lt;!channel&gt;&amp;\*_x_\*`/, 'the hostile name, escaped and as code');
    check.ok(!/[<>]/.test(sent), 'nothing in it opens a bracket');

    const digest = await world.nolapse(['digest', '--fleet', fleet, '-o', 'json']);
    check.equal(digest.code, 0, 'the exit code of the digest');
    check.deepEqual((digest.json() as { sentOn: string[] }).sentOn, ['sns', 'slack'], 'where the digest went');
    const said = '[world] digest: 1 critical; 0 renewed';
    check.deepEqual(titles(await world.slack.messages()), [EXPIRED, said], 'what Slack was told in the end');
    check.deepEqual(subjects(await world.queue.receive()), [said], 'what the topic was told in the end');

    const token = world.slack.webhook.split('/').at(-1) ?? '';
    const traces = [...results, digest].flatMap((result) => tracesOfOutput('nolapse', result));
    check.deepEqual(
      leaksIn([...traces, ...(await world.traces())], [registeredText('the webhook', token)]),
      [],
      'traces of the webhook',
    );
  },
);

scenario(
  'Slack is left alone until it says, and the topic is told meanwhile',
  { isOfService: true },
  async (world, check) => {
    await expiredIn(world);
    const fleet = await fleetWithSlack(world);
    const slow = { kind: 'answer', path: '/services', status: 429, headers: { 'retry-after': '3600' } };
    await world.slack.fault({ ...slow, body: 'rate_limited' });
    const run = () => world.nolapse(['run', '--fleet', fleet, '-o', 'json']);
    await run();
    await world.slack.calm();
    await run();
    check.equal(await world.slack.asked(), 1, 'how often Slack was asked by two runs');
    check.deepEqual(await world.slack.messages(), [], 'what it took');
    check.deepEqual(
      subjects(await world.queue.receive()),
      [EXPIRED],
      'what the topic was told, which is nothing of Slack',
    );
    await rm(join(world.folder, 'state'), { recursive: true });
    await run();
    check.deepEqual(
      titles(await world.slack.messages()),
      [EXPIRED],
      'what Slack is told by whoever it did not ask to wait',
    );
  },
);
