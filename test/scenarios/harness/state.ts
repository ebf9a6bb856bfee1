/** What the state folder of a killed run says: how far its attempt had come. Read past the product, as a reader of the file would. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface IssuanceBody {
  readonly attempt?: { readonly step: { readonly at: string } };
  readonly current?: unknown;
}

/** `none`: nothing was begun; `done`: a certificate is there and no attempt; else the stored step. */
export function stepIn(state: string): string {
  const file = join(state, 'records.sqlite');
  if (!existsSync(file)) return 'none';
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(file);
  try {
    const rows = database.prepare("SELECT body FROM rows WHERE pk LIKE 'ISS#%'").all() as { readonly body: string }[];
    const [body] = rows.map((row) => JSON.parse(row.body) as IssuanceBody);
    return body?.attempt?.step.at ?? (body?.current ? 'done' : 'none');
  } finally {
    database.close();
  }
}
