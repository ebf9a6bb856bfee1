/** The head of the work on one issuance: planned again, limits spent, the attempt counted, then begun or gone on with. */
import { randomUUID } from 'node:crypto';
import type { Authority } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import { type Key, keys, type Records, type Row, rows } from '../../contract/records.ts';
import { withUnknown } from '../../contract/row-fields.ts';
import type { Issuance, Limit } from '../../contract/rows.ts';
import { begun, ended, pickedUp } from './attempt.ts';

/** What the plan decided on this issuance, by the lane's own word; `before`: the limit that it was decided by. */
export type Planned =
  | {
      readonly is: 'go';
      readonly spent: ReadonlyMap<string, { readonly limit: Limit; readonly before: Limit | undefined }>;
    }
  | { readonly is: 'deferred'; readonly at?: string }
  | { readonly is: 'refused'; readonly problem: Problem };

interface From {
  readonly records: Records;
  readonly now: Date;
  readonly scope: Authority['scope'];
}

type Spent = Extract<Planned, { readonly is: 'go' }>['spent'];

/** Writes what was spent, each over what it was decided by; false when anybody else was there meanwhile, and it must be planned again. */
async function spendLimits(spent: Spent, { records, scope }: From): Promise<boolean> {
  if (!scope) return true;
  for (const [name, { limit, before }] of spent) {
    const key: Key<Limit> = keys.limit(scope.directoryHost, scope.account, name);
    const row = await records.get(key);
    if (row?.body.tat !== before?.tat || row?.body.blockedUntil !== before?.blockedUntil) return false;
    const next = withUnknown(rows.limit(key, limit, row?.rev ?? 0), row);
    if ((await records.put(next)) === 'conflict') return false;
  }
  return true;
}

/** The row of the attempt to work on; undefined = not now, and the row says when. */
export async function pickUp(
  row: Row<Issuance>,
  planned: Planned,
  from: From,
): Promise<Row<Issuance> | 'again' | undefined> {
  const { records, now } = from;
  const put = async (next: Row<Issuance>) =>
    (await records.put(next)) === 'written' ? { ...next, rev: next.rev + 1 } : 'again';
  if (planned.is === 'refused') {
    const written = await put(ended(row, { problem: planned.problem, now, stage: 'plan' }));
    return written === 'again' ? written : undefined;
  }
  if (planned.is === 'deferred') {
    const written = await put(rows.issuance(row.body, row.rev, planned.at));
    return written === 'again' ? written : undefined;
  }
  const { attempt } = row.body;
  if (attempt) return put(pickedUp(row, attempt, now));
  if (!(await spendLimits(planned.spent, from))) return 'again';
  return put(begun(row, randomUUID(), now));
}
