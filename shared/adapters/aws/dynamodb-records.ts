/** Records in one DynamoDB table: a row is read as it is now, a write is one conditional request. Knows no row's meaning. */
import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Iso, Lane } from '../../contract/ids.ts';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import type { Key, Records, Row } from '../../contract/records.ts';
import { TABLE } from '../../contract/table.ts';
import { systemClock } from '../local/system-clock.ts';
import { awsCode, awsText } from './aws-problem.ts';
import { awsStateProblem } from './aws-state-problem.ts';
import { itemsAt, Reads } from './dynamodb-reads.ts';
import { type Item, itemOf, keyOf, orderText, rowOf, unknownOf } from './dynamodb-row.ts';
import { hits, inOrder, pages, type Query, type Table } from './dynamodb-table.ts';
import { QUICK_TIME_OUTS } from './time-outs.ts';

export interface DynamodbRecordsOptions {
  readonly table: string;
  /** Default: this machine's. */
  readonly clock?: Pick<Clock, 'now' | 'sleep'>;
}

/** What is throttled or unanswered waits inside the SDK, for some seconds in all. */
const TRIES = 5;

const { due, list } = TABLE.indexes;

const epochSeconds = (clock: Pick<Clock, 'now'>): number => Math.floor(clock.now().getTime() / 1_000);

/** A row that is to be forgotten stays for days. */
const isFree = (now: number) => ({
  ConditionExpression: 'attribute_not_exists(pk) OR forgetAt < :now',
  ExpressionAttributeValues: { ':now': { N: String(now) } },
});

const isAsRead = (rev: number) => ({
  ConditionExpression: 'rev = :read',
  ExpressionAttributeValues: { ':read': { N: String(rev) } },
});

const dueQuery = (lane: Lane, now: Iso, limit: number): Query => ({
  IndexName: due.name,
  KeyConditionExpression: 'lane = :lane AND wakeAt <= :now',
  ExpressionAttributeValues: { ':lane': { S: lane }, ':now': { S: now } },
  Limit: limit,
});

/** Up to and with `to`: an index knows no "before". */
const listQuery = (kind: string, from: string, to?: string): Query => ({
  IndexName: list.name,
  KeyConditionExpression: `kind = :kind AND ord ${to === undefined ? '>= :from' : 'BETWEEN :from AND :to'}`,
  ExpressionAttributeValues: {
    ':kind': { S: kind },
    ':from': { S: orderText(from) },
    ...(to === undefined ? {} : { ':to': { S: orderText(to) } }),
  },
});

const bySoonest = (a: Row<unknown>, b: Row<unknown>): number => (a.wakeAt ?? '').localeCompare(b.wakeAt ?? '');

const textOf = ({ pk, sk }: Key<unknown>): string => `${pk} ${sk}`;

const isConflict = (error: unknown): boolean => awsCode(error) === 'ConditionalCheckFailedException';

/** The limit is 400 KB, names of attributes included. */
const isTooLarge = (error: unknown): boolean =>
  awsCode(error) === 'ValidationException' && /Item size/.test(awsText(error));

const tooLarge = ({ pk, sk }: Key<unknown>): ProblemError =>
  new ProblemError({
    type: 'nolapse:state-row-too-large',
    detail: `row ${pk} / ${sk} is over DynamoDB's 400 KB and was not written`,
    retry: 'never',
    fix: 'ask for fewer names in one certificate, or for a shorter chain',
  });

/** Whether the request was sent again after it may have been done. */
const wasRepeated = (error: unknown): boolean =>
  error instanceof Error && Number((error as { $metadata?: { attempts?: number } }).$metadata?.attempts) > 1;

class DynamodbRecords implements Records {
  readonly #table: Table;
  readonly #reads: Reads;
  /** By their keys, what items of the version ahead hold beyond ours: a row is written over only after it was read. */
  readonly #unknown = new Map<string, Item>();

  constructor(table: Table) {
    this.#table = table;
    this.#reads = new Reads(table);
  }

  async get<B>(key: Key<B>): Promise<Row<B> | undefined> {
    const item = await this.#reads.get(key);
    return item && this.#rows<B>([item])[0];
  }

  async put(row: Row<unknown>): Promise<'written' | 'conflict'> {
    const { client, name } = this.#table;
    const writeId = randomBytes(9).toString('base64url');
    const condition = row.rev === 0 ? isFree(epochSeconds(this.#table.clock)) : isAsRead(row.rev);
    const unknown = row.rev === 0 ? {} : this.#unknown.get(textOf(row));
    const item = { ...itemOf(row, writeId), ...unknown };
    try {
      await client.send(new PutItemCommand({ TableName: name, Item: item, ...condition }));
      return 'written';
    } catch (error) {
      if (!isConflict(error))
        throw isTooLarge(error) ? tooLarge(row) : awsStateProblem(error, `table ${name}`, 'writing');
      const isOurs = wasRepeated(error) && (await this.#reads.get(row))?.writeId?.S === writeId;
      return isOurs ? 'written' : 'conflict';
    }
  }

  async remove(key: Key<unknown>, rev: number): Promise<'removed' | 'conflict'> {
    const { client, name } = this.#table;
    try {
      await client.send(new DeleteItemCommand({ TableName: name, Key: keyOf(key), ...isAsRead(rev) }));
      return 'removed';
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw awsStateProblem(error, `table ${name}`, 'removing');
    }
  }

  async *children<B>(pk: string): AsyncIterable<Row<B>> {
    const query: Query = {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    };
    for await (const page of pages(this.#table, query)) yield* this.#rows<B>(page);
  }

  async due(lane: Lane, now: Iso, limit: number): Promise<Row<unknown>[]> {
    const rows: Row<unknown>[] = [];
    const some = hits(this.#table, dueQuery(lane, now, limit), due.sortKey);
    for await (const item of itemsAt(this.#reads, some, limit)) {
      rows.push(...this.#rows([item]).filter((row) => row.lane === lane && row.wakeAt && row.wakeAt <= now));
      if (rows.length === limit) break;
    }
    return rows.sort(bySoonest);
  }

  async dueSince(lane: Lane, now: Iso): Promise<Iso | undefined> {
    const query = { ...dueQuery(lane, now, 1), ProjectionExpression: due.sortKey };
    for await (const [soonest] of pages(this.#table, query)) if (soonest) return soonest[due.sortKey]?.S;
    return undefined;
  }

  async *list<B>(
    kind: string,
    { from = '', to }: { readonly from?: string; readonly to?: string } = {},
  ): AsyncIterable<Row<B>> {
    if (to !== undefined && to <= from) return;
    const isIn = (order: string): boolean => order >= from && (to === undefined || order < to);
    const some = inOrder(hits(this.#table, listQuery(kind, from, to), list.sortKey));
    for await (const item of itemsAt(this.#reads, some))
      yield* this.#rows<B>([item]).filter((row) => row.kind === kind && row.order !== undefined && isIn(row.order));
  }

  close(): void {
    this.#table.client.destroy();
  }

  #rows<B>(items: readonly Item[]): readonly Row<B>[] {
    const now = epochSeconds(this.#table.clock);
    const rows = items.map((item) => {
      const row = rowOf<B>(this.#table.name, item);
      const unknown = unknownOf(item);
      if (unknown) this.#unknown.set(textOf(row), unknown);
      else this.#unknown.delete(textOf(row));
      return row;
    });
    return rows.filter(({ forgetAt }) => forgetAt === undefined || forgetAt >= now);
  }
}

/**
 * Rows of `table`, which is as `contract/table.ts` says. `due` and `list` ask an index, which lags, and then the rows themselves: a hit whose
 * row matches no more is passed over. A row past `forgetAt` is not there, although DynamoDB removes it days later.
 * Throws ProblemError: `nolapse:state-corrupt`, `nolapse:state-newer`, `nolapse:state-row-too-large`, `nolapse:state-unwritable` (retry never),
 * `nolapse:state-unreachable` (retry later).
 */
export function dynamodbRecords({ table: name, clock = systemClock() }: DynamodbRecordsOptions): Records & {
  close(): void;
} {
  const client = new DynamoDBClient({ requestHandler: QUICK_TIME_OUTS, maxAttempts: TRIES });
  return new DynamodbRecords({ client, name, clock });
}
