/** The world itself, before any product runs in it: each part does the one thing that the other scenarios build on. */
import { Resolver } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { ChangeResourceRecordSetsCommand, GetChangeCommand, Route53Client } from '@aws-sdk/client-route-53';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { probe } from './harness/acme-probe.ts';
import { contextClient } from './harness/context-client.ts';
import { earlyAnswers } from './harness/early-answers.ts';
import { fetchText } from './harness/fetch-text.ts';
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
  const resolver = new Resolver({ timeout: 30_000, tries: 1 });
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
  const directory = JSON.parse(await fetchText(world.acme.directory, world.acme.caPem)) as {
    newOrder: string;
    meta: { profiles: Record<string, string> };
  };
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
  const made = world.recorder.seen().filter(({ server, status }) => server === 'ca' && status === 201);
  const what = ['newAccount', 'newOrder', 'newAccount', 'newOrder'];
  check.deepEqual(
    made.map(({ operation }) => operation),
    what,
    'what was made at the CA, as the recorder saw it',
  );
});

scenario(
  'the CA fails an order while the name servers are silent, and no longer than that',
  {},
  async (world, check) => {
    const { directory, caPem, profile } = world.acme;
    const verdictOn = async (label: string): Promise<string> => {
      const name = `${label}.${world.zone.name}`;
      const one = await probe({ directory, caPem, profile, name });
      await world.zone.addForeign({
        name: `_acme-challenge.${name}`,
        type: 'TXT',
        ttl: 60,
        values: [`"${one.value}"`],
      });
      return one.verdict();
    };
    await world.fault('dns', { kind: 'dns-down' });
    check.equal(await verdictOn('dark'), 'invalid', 'the verdict while they are silent');
    await world.calm('dns');
    check.equal(await verdictOn('light'), 'valid', 'the verdict once they answer');
  },
);

const SECRETS = '/api/v1/namespaces/shop/secrets';
const CERT_MANAGER = '/apis/cert-manager.io/v1';
const ALLOWED = [
  '/api/v1/secrets',
  '/apis/networking.k8s.io/v1/ingresses',
  ...['certificates', 'issuers', 'clusterissuers'].map((plural) => `${CERT_MANAGER}/${plural}`),
  '/api/v1/namespaces/kube-system',
];

const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses';

scenario('the contexts may do what Nolapse asks for, and nothing else', {}, async (world, check) => {
  const ask = await contextClient(world.kubeconfigPath);
  const get = (context: string, path: string) => ask(context, { method: 'GET', path });
  const create = (context: string) => ask(context, { method: 'POST', path: SECRETS, body: tls('made', 'x') });
  const apply = (context: string, name: string) => {
    const path = `${SECRETS}/${name}?fieldManager=nolapse&force=true`;
    return ask(context, { method: 'PATCH', path, type: 'application/apply-patch+yaml', body: tls(name, 'x') });
  };
  for (const { context, contextWithoutCreate, contextWithoutSecrets, contextUnknown, admin } of world.clusters) {
    await admin.namespace('shop');
    for (const path of ALLOWED) check.equal(await get(context, path), 200, `GET ${path}`);
    check.equal(await get(context, '/api/v1/namespaces/shop'), 403, 'another namespace');
    check.equal(await get(context, '/api/v1/configmaps'), 403, 'config maps');
    check.equal(await get(context, `${INGRESSES}/any`), 403, 'an Ingress by its name');
    check.equal(await create(contextWithoutCreate), 403, 'a creation without the right');
    check.equal(await apply(contextWithoutCreate, 'absent'), 403, 'an apply that would create, without the right');
    check.equal(await create(context), 201, 'a creation');
    check.equal(await apply(context, 'absent'), 201, 'an apply that creates');
    check.equal(await apply(contextWithoutCreate, 'absent'), 200, 'an apply to what is there, without create');
    check.equal(await ask(context, { method: 'DELETE', path: `${SECRETS}/made` }), 403, 'a deletion');
    check.equal(await get(contextWithoutSecrets, '/api/v1/secrets'), 403, 'Secrets without rights to them');
    check.equal(await get(contextWithoutSecrets, ALLOWED[1] ?? ''), 200, 'Ingresses beside them');
    check.equal(await get(contextUnknown, '/api/v1/secrets'), 401, 'a token that the server does not know');
  }
});

const certManager = (kind: 'Certificate' | 'Issuer' | 'ClusterIssuer', spec: object) => ({
  apiVersion: 'cert-manager.io/v1',
  kind,
  metadata: { name: 'shop', ...(kind === 'ClusterIssuer' ? {} : { namespace: 'shop' }) },
  spec,
});

scenario('an administrator makes everything that certificates are asked for with', {}, async (world, check) => {
  const backend = { service: { name: 'shop', port: { number: 80 } } };
  const host = `shop.${world.zone.name}`;
  const objects = [
    certManager('Issuer', { selfSigned: {} }),
    certManager('ClusterIssuer', { ca: { secretName: 'root' } }),
    certManager('Certificate', { secretName: 'shop-tls', dnsNames: [host], issuerRef: { name: 'shop' } }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop', namespace: 'shop', annotations: { 'cert-manager.io/issuer': 'shop' } },
      spec: {
        tls: [{ hosts: [host], secretName: 'shop-tls' }],
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
    },
  ];
  for (const { admin, name } of world.clusters) {
    await admin.namespace('shop');
    for (const object of objects) {
      await admin.create(object);
      const { kind, metadata } = object;
      const found = (await admin.list({ kind: kind as 'Issuer' })).map((one) => one.metadata.name);
      check.deepEqual(found, [metadata.name], `${kind} in ${name}`);
    }
  }
});

scenario('a server that is cut off is out of reach of the contexts, and back once mended', {}, async (world, check) => {
  const ask = await contextClient(world.kubeconfigPath);
  const [{ context, name }] = world.clusters;
  const get = () =>
    ask(context, { method: 'GET', path: '/api/v1/secrets' }).catch((error: Error & { code?: string }) => error.code);
  await world.recorder.cut(name, 'refused');
  check.equal(await get(), 'ECONNREFUSED', 'a request while it refuses');
  await world.recorder.mend(name);
  check.equal(await get(), 200, 'a request once it is mended');
});

/** Long enough for a busy machine to be early. */
const SLOW = { inSync: { minMs: 6_000, maxMs: 6_500 } };

scenario(
  'a challenge answered before INSYNC fails and is found, one answered after it is neither',
  SLOW,
  async (world, check) => {
    const route53 = new Route53Client({
      endpoint: world.awsEnv.AWS_ENDPOINT_URL ?? '',
      region: world.awsEnv.AWS_REGION ?? '',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const write = async (name: string, value: string): Promise<string> => {
      const ResourceRecordSet = {
        Name: `_acme-challenge.${name}.`,
        Type: 'TXT' as const,
        TTL: 60,
        ResourceRecords: [{ Value: `"${value}"` }],
      };
      const ChangeBatch = { Changes: [{ Action: 'CREATE' as const, ResourceRecordSet }] };
      const { ChangeInfo } = await route53.send(
        new ChangeResourceRecordSetsCommand({ HostedZoneId: world.zone.id, ChangeBatch }),
      );
      return ChangeInfo?.Id ?? '';
    };
    const status = async (Id: string) => (await route53.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status;
    const { directory, caPem, profile } = world.acme;
    const challenge = (label: string) => probe({ directory, caPem, profile, name: `${label}.${world.zone.name}` });

    const early = await challenge('early');
    const earlyChange = await write(`early.${world.zone.name}`, early.value);
    check.equal(await status(earlyChange), 'PENDING', 'the change at first');
    check.equal(await early.verdict(), 'invalid', 'the verdict before INSYNC');

    const patient = await challenge('patient');
    const change = await write(`patient.${world.zone.name}`, patient.value);
    while ((await status(change)) !== 'INSYNC') await pause(100);
    check.equal(await patient.verdict(), 'valid', 'the verdict after INSYNC');

    const found = earlyAnswers(world.recorder.seen());
    check.equal(found.length, 1, 'early answers found');
    check.match(found[0] ?? '', /^request \d+: answers the challenge for _acme-challenge\.early\./, 'the early answer');
  },
);
