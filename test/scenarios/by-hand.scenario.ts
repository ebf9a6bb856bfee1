/** What people say to the functions of a service by hand, as docs/service.md has it; and that what is over is forgotten. */
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { type ServiceWorld, serviceOf } from './harness/service-world.ts';

const LANES = {
  inventory: 'inventory:east',
  issue: 'issue:fleet/world-ca',
  deliver: 'deliver:east',
  notify: 'notify',
} as const;
type Paused = keyof typeof LANES;
const PAUSED = Object.keys(LANES) as readonly Paused[];
const TWO_DAYS_MS = 2 * 86_400_000;

/** The rows of a service as its owner sees them. */
function table({ service, awsEnv }: ServiceWorld) {
  const credentials = { accessKeyId: 'nolapse', secretAccessKey: 'nolapse' };
  const client = new DynamoDBClient({ endpoint: service.url, region: awsEnv.AWS_REGION ?? '', credentials });
  const { table: TableName } = service.deployed();
  const rowsOf = async (partition: string) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items.filter(({ pk }) => pk?.S?.startsWith(partition));
  };
  return {
    namesOf: async (partition: string) => (await rowsOf(partition)).map(({ pk }) => pk?.S ?? '').sort(),
    /** What was resolved was so for two days. */
    age: async (): Promise<void> => {
      for (const item of await rowsOf('FIND#')) {
        const body = JSON.parse(item.body?.S ?? '{}') as { resolvedAt?: string };
        if (body.resolvedAt === undefined) continue;
        const resolvedAt = new Date(Date.parse(body.resolvedAt) - TWO_DAYS_MS).toISOString();
        const Item = { ...item, body: { S: JSON.stringify({ ...body, resolvedAt }) } };
        await client.send(new PutItemCommand({ TableName, Item }));
      }
    },
  };
}

scenario('what is said to functions by hand is done and answered', { needs: ['schedule'] }, async (opened, check) => {
  const world = serviceOf(opened);
  for (const { admin } of world.clusters) await admin.namespace('shop');
  const place = { kubernetesSecret: { clusters: ['east'], namespace: 'shop', name: 'shop' } };
  await world.deploy(
    await writeFleet(world, { documents: [fleetCertificate('shop', [`shop.${world.zone.name}`], [place])] }),
  );
  const { host, functions, schedule } = world.service;
  const say = async (name: Paused, payload: object): Promise<unknown> => {
    const invoked = await host.invoke(functions()[name], payload);
    check.equal(invoked.is, 'answered', `${name} ${JSON.stringify(payload)}: ${JSON.stringify(invoked)}`);
    return invoked.is === 'answered' ? invoked.payload : undefined;
  };
  for (const cluster of ['east', 'west', 'fleet']) await say('inventory', { cluster });
  const plan = (await say('issue', { dryRun: true })) as { due: readonly { id: string }[] };
  check.deepEqual(
    plan.due.map(({ id }) => id),
    ['fleet/shop'],
    'what is due',
  );
  world.service.arm(true);
  await schedule({ wake: 'due' });
  const standing = (await say('issue', { certificate: 'shop', wait: true })) as { state: string };
  check.equal(standing.state, 'valid', 'where the certificate stands once it was waited for');
  check.equal(((await say('notify', { test: 'sns' })) as { was: string }).was, 'taken', 'the test message');
  world.service.arm(false);

  const { namesOf, age } = table(world);
  const owners = PAUSED.map((name) => `OWNER#LANE#${LANES[name]}`);
  const pauseAll = async (time: string): Promise<void> => {
    for (const name of PAUSED) await say(name, { pause: LANES[name], for: time, because: 'a test' });
  };
  await pauseAll('1h');
  check.deepEqual(await namesOf('OWNER#LANE#'), owners.toSorted(), 'who says that a lane is paused');
  await pauseAll('0');
  await age();
  await pauseAll('0');
  check.deepEqual(await namesOf('OWNER#LANE#'), [], 'who says so two days after it went on');
});
