/** Time that has passed for the rows of endpoints: every instant in them is moved back, whatever store they are in. Nobody waits for 30 minutes. */
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { ServiceWorld } from './service-world.ts';
import type { World } from './world.ts';

const ENDPOINTS = 'PROBE#';
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
/** What a certificate says of itself stays. */
const DATES = /"(notBefore|notAfter)":"[^"]*"/g;

/** The text with every instant of it so much earlier, but for the dates of certificates. */
const earlier = (text: string, ms: number): string => {
  const kept: string[] = [];
  const bare = text.replace(DATES, (dates) => `<${kept.push(dates) - 1}>`);
  const moved = bare.replace(INSTANT, (at) => new Date(Date.parse(at) - ms).toISOString());
  return moved.replace(/<(\d+)>/g, (_, n: string) => kept[Number(n)] ?? '');
};

function inFolder(folder: string, ms: number): void {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(join(folder, 'records.sqlite'));
  try {
    const rows = database.prepare('SELECT pk, sk, body, wake_at FROM rows WHERE pk LIKE ?').all(`${ENDPOINTS}%`);
    const update = database.prepare('UPDATE rows SET body = ?, wake_at = ?, rev = rev + 1 WHERE pk = ? AND sk = ?');
    for (const { pk, sk, body, wake_at: wakeAt } of rows)
      update.run(
        earlier(String(body), ms),
        wakeAt === null ? null : earlier(String(wakeAt), ms),
        String(pk),
        String(sk),
      );
  } finally {
    database.close();
  }
}

async function inTable({ service, awsEnv }: ServiceWorld, ms: number): Promise<void> {
  const credentials = { accessKeyId: 'nolapse', secretAccessKey: 'nolapse' };
  const client = new DynamoDBClient({ endpoint: service.url, region: awsEnv.AWS_REGION ?? '', credentials });
  const { table: TableName } = service.deployed();
  const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  for (const item of Items.filter(({ pk }) => pk?.S?.startsWith(ENDPOINTS))) {
    const wakeAt = item.wakeAt?.S === undefined ? {} : { wakeAt: { S: earlier(item.wakeAt.S, ms) } };
    const rev = { N: String(Number(item.rev?.N) + 1) };
    const Item = { ...item, ...wakeAt, rev, body: { S: earlier(item.body?.S ?? '', ms) } };
    await client.send(new PutItemCommand({ TableName, Item }));
  }
  client.destroy();
}

const isService = (world: World): world is ServiceWorld => 'service' in world;

/** To be called while nobody works. */
export async function timePasses(world: World, ms: number): Promise<void> {
  if (isService(world)) await inTable(world, ms);
  else inFolder(join(world.folder, 'state'), ms);
}
