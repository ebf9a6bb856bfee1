/** Queries of the table: pages of items, hits of an index. Knows no row. */
import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../contract/ports.ts';
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
