/** The head of the work on one issuance: planned again, limits spent, the attempt counted, then begun or gone on with. */
import { randomUUID } from 'node:crypto';
import type { Authority } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import { type Key, keys, type Records, type Row, rows } from '../../contract/records.ts';
import type { Issuance, Limit } from '../../contract/rows.ts';
import { begun, ended, pickedUp } from './attempt.ts';

/** What the plan decided on this issuance, by the lane's own word. */
export type Planned =
  | { readonly is: 'go'; readonly spent: ReadonlyMap<string, Limit> }
  | { readonly is: 'deferred'; readonly at?: string }
  | { readonly is: 'refused'; readonly problem: Problem };

interface From {
  readonly records: Records;
  readonly now: Date;
  readonly scope: Authority['scope'];
}

/** Writes what was spent, each by compare-and-set; false when somebody else spent meanwhile, and it must be planned again. */
async function spendLimits(spent: ReadonlyMap<string, Limit>, { records, scope }: From): Promise<boolean> {
  if (!scope) return true;
  for (const [name, limit] of spent) {
    const key: Key<Limit> = keys.limit(scope.directoryHost, scope.account, name);
    const row = await records.get(key);
    if (row && row.body.tat >= limit.tat) return false;
    if ((await records.put(rows.limit(key, limit, row?.rev ?? 0))) === 'conflict') return false;
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
