/** A row as an item of DynamoDB, there and back: its body as JSON text, its keys and indexes as attributes of their own. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Iso, Lane } from '../../contract/ids.ts';
import { ProblemError } from '../../contract/problem.ts';
import { isTooNew, type Row, SCHEMA_VERSION } from '../../contract/records.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** Before the order in the index `list`, which takes no empty key; what sorts as text still does. */
const ORDER_MARK = '#';

const text = (value: string): AttributeValue => ({ S: value });
const number = (value: number): AttributeValue => ({ N: String(value) });

export const keyOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }): Record<string, AttributeValue> => ({
  pk: text(pk),
  sk: text(sk),
});

export const orderText = (order: string): string => ORDER_MARK + order;

/** The item after the write; `writeId` tells it from what another writer made of the same row. */
export function itemOf(row: Row<unknown>, writeId: string): Record<string, AttributeValue> {
  const { rev, body, lane, wakeAt, kind, order, forgetAt } = row;
  return {
    ...keyOf(row),
    rev: number(rev + 1),
    v: number(SCHEMA_VERSION),
    body: text(JSON.stringify(body)),
    writeId: text(writeId),
    ...(lane === undefined ? {} : { lane: text(lane) }),
    ...(wakeAt === undefined ? {} : { wakeAt: text(wakeAt) }),
    ...(kind === undefined ? {} : { kind: text(kind) }),
    ...(order === undefined ? {} : { ord: text(orderText(order)) }),
    ...(forgetAt === undefined ? {} : { forgetAt: number(forgetAt) }),
  };
}

/** Of an item that is one version ahead: that version, and the attributes that we do not know. They stay when the row is written. */
export function unknownOf(item: Item): Item | undefined {
  if (!(Number(item.v?.N) > SCHEMA_VERSION)) return undefined;
  const { pk, sk, rev, body, writeId, lane, wakeAt, kind, ord, forgetAt, ...unknown } = item;
  return unknown;
}

/** Throws ProblemError `nolapse:state-newer` or `nolapse:state-corrupt` (retry never); `table` is for their texts. */
export function rowOf<B>(table: string, item: Item): Row<B> {
  const [pk, sk] = [item.pk?.S ?? '', item.sk?.S ?? ''];
  const where = `row ${pk} / ${sk} of table ${table}`;
  const version = Number(item.v?.N);
  if (isTooNew(version)) throw newer(where, version);
  const rev = Number(item.rev?.N);
  if (!(version >= 1 && rev >= 1)) throw corrupt(where, 'it has no version or no revision');
  return {
    pk,
    sk,
    rev,
    body: bodyOf(where, item) as B,
    ...(item.lane?.S === undefined ? {} : { lane: item.lane.S as Lane }),
    ...(item.wakeAt?.S === undefined ? {} : { wakeAt: item.wakeAt.S as Iso }),
    ...(item.kind?.S === undefined ? {} : { kind: item.kind.S }),
    ...(item.ord?.S === undefined ? {} : { order: item.ord.S.slice(ORDER_MARK.length) }),
    ...(item.forgetAt?.N === undefined ? {} : { forgetAt: Number(item.forgetAt.N) }),
  };
}

function bodyOf(where: string, { body }: Item): unknown {
  try {
    return JSON.parse(body?.S ?? '');
  } catch (error) {
    throw corrupt(where, 'its body is not JSON', error);
  }
}

const corrupt = (where: string, what: string, cause?: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:state-corrupt',
      detail: `${where} is not whole: ${what}`,
      retry: 'never',
      fix: 'delete the row: but for kept keys, the next runs find again what it held; or restore the table to a point in time before',
    },
    { cause },
  );

const newer = (where: string, version: number): ProblemError =>
  new ProblemError({
    type: 'nolapse:state-newer',
    detail: `${where} was written by a newer nolapse: it has schema version ${version}, this one takes up to ${SCHEMA_VERSION + 1}`,
    retry: 'never',
    fix: 'deploy the newer nolapse again',
  });
