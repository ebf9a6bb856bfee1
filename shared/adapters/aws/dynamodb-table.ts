/** What is asked of the table: pages of a query, hits of an index, and the rows behind them. Items in, items out; knows no row. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { awsStateProblem } from './aws-state-problem.ts';
import type { Item } from './dynamodb-row.ts';

export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

export type ItemKey = Record<string, AttributeValue>;

/** One key of an index and the place in its order. */
export interface Hit {
  readonly pk: string;
  readonly sk: string;
  readonly at: string;
}

/** DynamoDB's own limit for one BatchGetItem. */
const MOST_KEYS = 100;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3_200;

/** The error of a failed request as a problem of the state. */
export async function asked<T>({ name }: Table, doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw awsStateProblem(error, `table ${name}`, doing);
  }
}

export type Query = Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>;

/** The next page is asked for when the one before was used up. */
export async function* pages(table: Table, query: Query): AsyncIterable<readonly Item[]> {
  let start: ItemKey | undefined;
  do {
    const from = start === undefined ? {} : { ExclusiveStartKey: start };
    const { Items = [], LastEvaluatedKey } = await asked(table, 'querying', () =>
      table.client.send(new QueryCommand({ TableName: table.name, ...query, ...from })),
    );
    yield Items;
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

/** Keys in the order of the index's sort key `by`; among those of one sort key there is none. */
export async function* hits(table: Table, query: Query, by: string): AsyncIterable<Hit> {
  for await (const page of pages(table, query))
    for (const item of page) yield { pk: item.pk?.S ?? '', sk: item.sk?.S ?? '', at: item[by]?.S ?? '' };
}

const byKey = (a: Hit, b: Hit): number => (a.pk === b.pk ? (a.sk < b.sk ? -1 : 1) : a.pk < b.pk ? -1 : 1);

/** Each run of hits at one place in the order of their keys. */
export async function* inOrder(some: AsyncIterable<Hit>): AsyncIterable<Hit> {
  let run: Hit[] = [];
  for await (const hit of some) {
    if (run[0] && run[0].at !== hit.at) {
      yield* run.sort(byKey);
      run = [];
    }
    run.push(hit);
  }
  yield* run.sort(byKey);
}

/** The items behind hits as they are now, in the order of the hits, each once. What is gone is left out. */
export async function* itemsAt(table: Table, some: AsyncIterable<Hit>, atOnce = MOST_KEYS): AsyncIterable<Item> {
  // an item that moves in the index while it is read is met twice
  const seen = new Set<string>();
  let waiting: Hit[] = [];
  for await (const hit of some) {
    const id = idOf(hit.pk, hit.sk);
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(hit);
    if (waiting.length < Math.min(atOnce, MOST_KEYS)) continue;
    yield* await read(table, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield* await read(table, waiting);
}

const idOf = (pk = '', sk = ''): string => JSON.stringify([pk, sk]);

type Requests = BatchGetItemCommandInput['RequestItems'];

/** As many as one answer holds; `left` is what it had no room or no time for. */
async function readSome(table: Table, RequestItems: Requests): Promise<{ items: readonly Item[]; left: Requests }> {
  const { Responses = {}, UnprocessedKeys = {} } = await asked(table, 'reading', () =>
    table.client.send(new BatchGetItemCommand({ RequestItems })),
  );
  const isAll = Object.keys(UnprocessedKeys).length === 0;
  return { items: Object.values(Responses).flat(), left: isAll ? undefined : UnprocessedKeys };
}

async function read(table: Table, some: readonly Hit[]): Promise<readonly Item[]> {
  const Keys = some.map(({ pk, sk }): ItemKey => ({ pk: { S: pk }, sk: { S: sk } }));
  const found = new Map<string, Item>();
  let left: Requests = { [table.name]: { Keys, ConsistentRead: true } };
  for (let waitMs = FIRST_WAIT_MS; left; ) {
    const answer = await readSome(table, left);
    for (const item of answer.items) found.set(idOf(item.pk?.S, item.sk?.S), item);
    left = answer.left;
    if (!left || answer.items.length > 0) continue;
    if (waitMs > LONGEST_WAIT_MS) throw throttled(table);
    await table.clock.sleep(waitMs);
    waitMs *= 2;
  }
  return some.map(({ pk, sk }) => found.get(idOf(pk, sk))).filter((item) => item !== undefined);
}

const throttled = ({ name }: Table): ProblemError =>
  new ProblemError({
    type: 'nolapse:state-unreachable',
    detail: `reading in table ${name}: DynamoDB answers with no row at all, it is throttled`,
    retry: 'later',
  });
