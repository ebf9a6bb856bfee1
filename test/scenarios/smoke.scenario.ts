/** The world itself, before any product runs in it: each part does the one thing that the other scenarios build on. */
import { Resolver } from 'node:dns/promises';
import { get } from 'node:https';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { probe } from './harness/acme-probe.ts';
import { scenario } from './harness/scenario.ts';

const tls = (name: string, text: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop' },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': Buffer.from(text).toString('base64'), 'tls.key': Buffer.from('not a key').toString('base64') },
});

scenario('a Secret put into each cluster by an administrator is in that cluster', {}, async (world, check) => {
  for (const cluster of world.clusters) {
    await cluster.admin.namespace('shop');
    const made = await cluster.admin.create(tls('shop-tls', cluster.name));
    check.equal(made.metadata.managedFields?.[0]?.manager, 'kubectl-create', 'the manager who made it');
    const read = await cluster.admin.get({ kind: 'Secret', namespace: 'shop', name: 'shop-tls' });
    check.equal(read?.data?.['tls.crt'], Buffer.from(cluster.name).toString('base64'), `tls.crt in ${cluster.name}`);
    await cluster.admin.delete({ kind: 'Secret', namespace: 'shop', name: 'shop-tls' });
    const after = await cluster.admin.get({ kind: 'Secret', namespace: 'shop', name: 'shop-tls' });
    check.equal(after, undefined, 'the Secret after its deletion');
  }
});

scenario('a record set that Route 53 accepted is served by the name server', {}, async (world, check) => {
  const before = await world.zone.snapshot();
  const name = `_acme-challenge.shop.${world.zone.name}`;
  await world.zone.addForeign({ name, type: 'TXT', ttl: 77, values: ['"one"', '"two"'] });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  for (const server of world.dns.resolvers) {
    resolver.setServers([server]);
    const answer = await resolver.resolveTxt(name);
    check.deepEqual(answer.flat().sort(), ['one', 'two'], 'TXT values served');
  }
  const sets = await world.zone.recordSets();
  check.deepEqual(
    sets.filter((set) => set.name === name),
    [{ name, type: 'TXT', ttl: 77, values: ['"one"', '"two"'] }],
    'the record set as the API tells it',
  );
  check.ok((await world.zone.snapshot()) !== before, 'the snapshot differs once a record set was added');
});

scenario('a message to the topic reaches the queue with its attributes', {}, async (world, check) => {
  const sns = new SNSClient({
    endpoint: world.awsEnv.AWS_ENDPOINT_URL ?? '',
    region: world.awsEnv.AWS_REGION ?? '',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const mark = world.recorder.mark();
  await sns.send(
    new PublishCommand({
      TopicArn: world.queue.topicArn,
      Subject: 'hello',
      Message: 'world',
      MessageAttributes: { severity: { DataType: 'String', StringValue: 'high' } },
    }),
  );
  const [message, ...more] = await world.queue.receive();
  check.equal(message?.Message, 'world', 'the text');
  check.equal(message?.Subject, 'hello', 'the subject');
  check.equal(message?.MessageAttributes?.severity?.Value, 'high', 'the attribute');
  check.equal(more.length, 0, 'further messages');
  const seen = world.recorder
    .seen(mark)
    .map(({ server, kind, operation, status }) => [server, kind, operation, status]);
  check.deepEqual(seen, [['aws', 'write', 'sns Publish', 200]], 'what the recorder saw');
});

scenario('a value put into Secrets Manager is read back, and gone once removed', {}, async (world, check) => {
  await world.secretsManager.put('certs/shop', '{"a":1}');
  check.equal(await world.secretsManager.value('certs/shop'), '{"a":1}', 'the value');
  const stages = Object.values(await world.secretsManager.versions('certs/shop'));
  check.deepEqual(stages, [['AWSCURRENT']], 'the stages of its only version');
  await world.secretsManager.remove('certs/shop');
  check.equal(await world.secretsManager.value('certs/shop'), undefined, 'the value after its removal');
});

scenario('the directory of the CA is reached through the recorder and names it', {}, async (world, check) => {
  const body = await new Promise<string>((resolve, reject) => {
    const options = { ca: world.acme.caPem, headers: { 'user-agent': 'smoke' } };
    get(world.acme.directory, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
    }).on('error', reject);
  });
  const directory = JSON.parse(body) as { newOrder: string; meta: { profiles: Record<string, string> } };
  check.equal(new URL(directory.newOrder).origin, new URL(world.acme.directory).origin, 'the origin of newOrder');
  check.ok(world.acme.profile in directory.meta.profiles, `profile ${world.acme.profile} is offered`);
  check.equal((await world.acme.rootPems()).length, 1, 'issuing roots');
});

scenario('the CA finds the TXT value that the name server serves, and no other', {}, async (world, check) => {
  const { directory, caPem, profile } = world.acme;
  const name = `shop.${world.zone.name}`;
  const right = await probe({ directory, caPem, profile, name });
  const txt = { name: `_acme-challenge.${name}`, type: 'TXT', ttl: 60 };
  await world.zone.addForeign({ ...txt, values: ['"somebody else\'s"', `"${right.value}"`] });
  check.equal(await right.verdict(), 'valid', 'the verdict on the value that is there');
  const wrong = await probe({ directory, caPem, profile, name });
  check.equal(await wrong.verdict(), 'invalid', 'the verdict on a value that is not');
  const orders = world.recorder.seen().filter((r) => r.server === 'ca' && r.status === 201 && r.kind === 'write');
  check.equal(orders.length, 4, 'accounts and orders made, as the recorder saw them');
});
