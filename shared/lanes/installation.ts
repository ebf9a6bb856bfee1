/** Who we are to every place: made at the first start, kept for good. */
import { randomUUID } from 'node:crypto';
import { InputError } from '../contract/problem.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { Installation } from '../contract/rows.ts';

/** The installation of this state, made when there is none. Throws InputError when the state is of another fleet. */
export async function installationOf(
  records: Records,
  { fleet, now }: { readonly fleet: string; readonly now: Date },
): Promise<Installation> {
  const fresh: Installation = { id: randomUUID(), fleet, createdAt: now.toISOString() };
  const row = await decided(records, keys.installation(), (stored) =>
    stored ? undefined : rows.installation(fresh, 0),
  );
  const installation = row?.body ?? fresh;
  if (installation.fleet !== fleet)
    throw new InputError([
      {
        where: '--state',
        message: `this state is of the fleet ${installation.fleet}, not of ${fleet}`,
        fix: 'name another folder with --state, or the fleet as it was',
      },
    ]);
  return installation;
}
