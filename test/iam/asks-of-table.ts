/** What a request to DynamoDB asks for: which tables and indexes, and the partition keys it names. */
import type { Ask } from './policy.ts';
import type { Json } from './wire.ts';

const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record) : []);

function stringIn(attribute: unknown, what: string): string {
  const { S } = record(attribute);
  if (typeof S !== 'string') throw new TypeError(`${what} is no string`);
  return S;
}

const keyIn = (item: unknown): string => stringIn(record(item).pk, 'pk');

/** The value that the condition `pk = :value` names. */
function keyOfQuery(body: Json): string {
  const names = record(body.ExpressionAttributeNames);
  for (const [, name = '', value = ''] of String(body.KeyConditionExpression ?? '').matchAll(/(#?\w+)\s*=\s*(:\w+)/g))
    if ((names[name] ?? name) === 'pk')
      return stringIn(record(body.ExpressionAttributeValues)[value], `the value ${value}`);
  throw new TypeError('a query of the table names no pk');
}

const SINGLE: Readonly<Record<string, (body: Json) => unknown>> = {
  GetItem: ({ Key }) => Key,
  PutItem: ({ Item }) => Item,
  UpdateItem: ({ Key }) => Key,
  DeleteItem: ({ Key }) => Key,
};

const BATCHES: Readonly<Record<string, (request: Json) => readonly unknown[]>> = {
  BatchGetItem: ({ Keys }) => list(Keys),
};

/** `arnOf` makes the ARN of a table from its name, or leaves one as it is. */
export function asksOfTable(operation: string, body: Json, arnOf: (table: string) => string): readonly Ask[] {
  const action = `dynamodb:${operation}`;
  const ask = (resource: string, leading: readonly string[]): Ask => ({
    action,
    resource,
    context: { 'dynamodb:LeadingKeys': [...new Set(leading)] },
  });
  const single = SINGLE[operation];
  if (single) return [ask(arnOf(String(body.TableName)), [keyIn(single(body))])];
  if (operation === 'Query') {
    const resource = arnOf(String(body.TableName));
    if (body.IndexName === undefined) return [ask(resource, [keyOfQuery(body)])];
    // the documentation speaks of the keys of tables: no policy may count on those of an index
    return [{ action, resource: `${resource}/index/${body.IndexName}`, context: {} }];
  }
  const batch = BATCHES[operation];
  if (!batch) throw new TypeError(`${action}: nobody has said what this asks for`);
  return Object.entries(record(body.RequestItems)).map(([table, request]) =>
    ask(arnOf(table), batch(record(request)).map(keyIn)),
  );
}
