/** What is in a state folder. Read past the product, as a reader of the file would. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface StoredRow<B> {
  readonly pk: string;
  readonly body: B;
}

/** Rows of the partitions that begin so; none where there is no state. */
export function rowsIn<B>(state: string, partition: string): readonly StoredRow<B>[] {
  const file = join(state, 'records.sqlite');
  if (!existsSync(file)) return [];
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(file);
  try {
    const rows = database.prepare('SELECT pk, body FROM rows WHERE pk LIKE ?').all(`${partition}%`);
    return rows.map(({ pk, body }) => ({ pk: String(pk), body: JSON.parse(String(body)) as B }));
  } finally {
    database.close();
  }
}

interface IssuanceBody {
  readonly attempt?: { readonly step: { readonly at: string } };
  readonly current?: unknown;
}

/** How far the attempt of a killed run had come. `none`: nothing was begun; `done`: a certificate is there and no attempt; else the stored step. */
export function stepIn(state: string): string {
  const [row] = rowsIn<IssuanceBody>(state, 'ISS#');
  return row?.body.attempt?.step.at ?? (row?.body.current ? 'done' : 'none');
}
