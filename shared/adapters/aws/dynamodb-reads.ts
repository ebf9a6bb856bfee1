/**
 * Items by their keys, as they are now. What is asked for while other answers are on their way goes together in one request, as writes to SQLite
 * share a commit: a lane works on a hundred rows at once, and each request costs it time of its processor. Keys in, items out; knows no row.
 */
import { BatchGetItemCommand, type BatchGetItemCommandInput } from '@aws-sdk/client-dynamodb';
import { ProblemError } from '../../contract/problem.ts';
import type { Item } from './dynamodb-row.ts';
import { asked, type Hit, type ItemKey, type Table } from './dynamodb-table.ts';

/** DynamoDB's own limit for one BatchGetItem. */
const MOST_KEYS = 100;
/** Requests under way; what comes beyond waits for the next answer. One that is not answered does not hold up all others. */
const AT_ONCE = 2;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3_200;

const idOf = (pk = '', sk = ''): string => JSON.stringify([pk, sk]);

type Found = ReadonlyMap<string, Item>;
type Requests = BatchGetItemCommandInput['RequestItems'];

interface Waiting {
  readonly key: ItemKey;
  readonly item: PromiseWithResolvers<Item | undefined>;
}

export class Reads {
  readonly #table: Table;
  #waiting = new Map<string, Waiting>();
  #underWay = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  /** What was written before this was called is read. Throws ProblemError `nolapse:state-*`. */
  get({ pk, sk }: Pick<Hit, 'pk' | 'sk'>): Promise<Item | undefined> {
    const id = idOf(pk, sk);
    // a request names each key once
    const known = this.#waiting.get(id);
    if (known) return known.item.promise;
    const waiting = { key: { pk: { S: pk }, sk: { S: sk } }, item: Promise.withResolvers<Item | undefined>() };
    this.#waiting.set(id, waiting);
    if (this.#waiting.size === 1) setImmediate(() => this.#send());
    return waiting.item.promise;
  }

  #send(): void {
    while (this.#waiting.size > 0 && this.#underWay < AT_ONCE) {
      const batch = new Map([...this.#waiting].slice(0, MOST_KEYS));
      for (const id of batch.keys()) this.#waiting.delete(id);
      this.#underWay += 1;
      void this.#answer(batch).finally(() => {
        this.#underWay -= 1;
        this.#send();
      });
    }
  }

  async #answer(batch: ReadonlyMap<string, Waiting>): Promise<void> {
    try {
      const found = await read(
        this.#table,
        [...batch.values()].map(({ key }) => key),
      );
      for (const [id, { item }] of batch) item.resolve(found.get(id));
    } catch (error) {
      for (const { item } of batch.values()) item.reject(error);
    }
  }
}

/** The items behind hits, in the order of the hits, each once. What is gone is left out. */
export async function* itemsAt(reads: Reads, some: AsyncIterable<Hit>, atOnce = MOST_KEYS): AsyncIterable<Item> {
  // an item that moves in the index while it is read is met twice
  const seen = new Set<string>();
  let waiting: Hit[] = [];
  const items = async (): Promise<readonly Item[]> => {
    const read = await Promise.all(waiting.map((hit) => reads.get(hit)));
    waiting = [];
    return read.filter((item) => item !== undefined);
  };
  for await (const hit of some) {
    const id = idOf(hit.pk, hit.sk);
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(hit);
    if (waiting.length >= Math.min(atOnce, MOST_KEYS)) yield* await items();
  }
  yield* await items();
}

/** As many as one answer holds; `left` is what it had no room or no time for. */
async function readSome(table: Table, RequestItems: Requests): Promise<{ items: readonly Item[]; left: Requests }> {
  const { Responses = {}, UnprocessedKeys = {} } = await asked(table, 'reading', () =>
    table.client.send(new BatchGetItemCommand({ RequestItems })),
  );
  const isAll = Object.keys(UnprocessedKeys).length === 0;
  return { items: Object.values(Responses).flat(), left: isAll ? undefined : UnprocessedKeys };
}

async function read(table: Table, Keys: ItemKey[]): Promise<Found> {
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
  return found;
}

const throttled = ({ name }: Table): ProblemError =>
  new ProblemError({
    type: 'nolapse:state-unreachable',
    detail: `reading in table ${name}: DynamoDB answers with no row at all, it is throttled`,
    retry: 'later',
  });
