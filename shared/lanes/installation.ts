/** Who we are to every place: made at the first start, kept for good. */
import { randomUUID } from 'node:crypto';
import type { Iso } from '../contract/ids.ts';
import { InputError } from '../contract/problem.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { Installation, Leaving } from '../contract/rows.ts';

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

/** The first renewal is told once; from here on the lane `notify` has it to do. */
export async function wakeFirstRenewal(records: Records, now: Iso): Promise<void> {
  await decided(records, keys.installation(), (row) =>
    !row || row.wakeAt || row.body.firstRenewalToldAt ? undefined : rows.installation(row.body, row.rev, now),
  );
}

/** From here on no order is begun; said once, however often it is asked. */
export const beginLeaving = (records: Records, by: string, since: Iso): Promise<Leaving> =>
  changeLeaving(records, (leaving) => leaving ?? { since, by });

/** From here on nothing is delivered either. */
export const closeLeaving = (records: Records, by: string, now: Iso): Promise<Leaving> =>
  changeLeaving(records, (leaving = { since: now, by }) =>
    leaving.closedAt ? leaving : { ...leaving, closedAt: now },
  );

async function changeLeaving(records: Records, next: (leaving: Leaving | undefined) => Leaving): Promise<Leaving> {
  const row = await decided(records, keys.installation(), (stored) => {
    const leaving = next(stored?.body.leaving);
    return !stored || leaving === stored.body.leaving
      ? undefined
      : rows.installation({ ...stored.body, leaving }, stored.rev, stored.wakeAt);
  });
  return next(row?.body.leaving);
}

/** Takes the fleet up again; what was given back is adopted anew, or not. */
export async function rejoin(records: Records): Promise<void> {
  await decided(records, keys.installation(), (stored) => {
    if (!stored?.body.leaving) return undefined;
    const { leaving: _past, ...body } = stored.body;
    return rows.installation(body, stored.rev, stored.wakeAt);
  });
}

/** Throws InputError where the fleet was left: whoever wants to go on says so. */
export async function requireStaying(records: Records): Promise<void> {
  const { fleet, leaving } = (await records.get(keys.installation()))?.body ?? {};
  if (!leaving) return;
  const { since, by, closedAt } = leaving;
  const message = closedAt ? `was left at ${closedAt} by ${by}` : `is being left since ${since} by ${by}`;
  const end = closedAt ? '' : 'to end that: nolapse leave; ';
  throw new InputError([{ where: `fleet ${fleet}`, message, fix: `${end}to take it up again: nolapse run --rejoin` }]);
}
