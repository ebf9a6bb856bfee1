/** `nolapse renew <id>`: one certificate, when it is due or when it is forced. */
import type { CertificateId } from '../shared/contract/ids.ts';
import { ProblemError } from '../shared/contract/problem.ts';
import { keys } from '../shared/contract/records.ts';
import type { Issuance, Wanted } from '../shared/contract/rows.ts';
import type { PlanEntry } from './local.ts';
import { planDocument } from './output/documents.ts';
import { planLines } from './output/reports.ts';
import { both } from './output/times.ts';
import { hanging } from './output/words.ts';
import { findingsOf } from './own-findings.ts';
import { answerOfRun } from './run.ts';
import { type Answer, idIn, type Session } from './session.ts';

export interface RenewOptions {
  readonly id: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** What is asked for under the id. Throws ProblemError where nobody asks for it or nothing may be done. */
async function wantedOf({ local }: Session, id: CertificateId): Promise<Wanted & { readonly issuance: string }> {
  const row = await local.records.get(keys.wanted(id));
  const never = (type: string, detail: string, fix: string): ProblemError =>
    new ProblemError({ type: `nolapse:${type}`, detail, retry: 'never', fix });
  if (!row || row.body.goneAt)
    throw never(
      'not-wanted',
      `${id}: nobody asks for this certificate, it was only found`,
      'ask for it with a Certificate or a FleetCertificate',
    );
  const { held, issuance } = row.body;
  if (held || issuance === undefined)
    throw never(
      held?.reason ?? 'not-wanted',
      `${id}: ${held?.message ?? 'it is asked of no issuer'}`,
      `see nolapse explain ${id}`,
    );
  return { ...row.body, issuance };
}

const forcedEntry = (wanted: Wanted, at: string): PlanEntry => ({
  id: wanted.id,
  reason: 'Forced',
  message: 'renewed because --force asks for it',
  at,
  destinations: wanted.places.map(({ place }) => place),
});

async function dryRun(session: Session, wanted: Wanted, force: boolean): Promise<Answer> {
  const { local } = session;
  const whole = await local.plan();
  const mine = (entry: PlanEntry): boolean => entry.id === wanted.id;
  const due = whole.due.filter(mine);
  const forced = force && due.length === 0 ? [forcedEntry(wanted, local.clock.now().toISOString())] : [];
  const planned = { due: [...due, ...forced], deferred: force ? [] : whole.deferred.filter(mine) };
  return { document: planDocument(planned), lines: (paper) => planLines(planned, paper) };
}

/** Why nothing was done, and how to have it done all the same. */
async function notDue(session: Session, wanted: Wanted & { readonly issuance: string }): Promise<void> {
  const { local } = session;
  const renewAt = (await local.records.get<Issuance>(keys.issuance(wanted.issuance)))?.body.renewAt;
  await session.say((paper) => [
    ...hanging(
      '',
      `${wanted.id} is not due${renewAt ? `: it is renewed ${both(renewAt, paper.now)}` : ''}.`,
      paper.width,
    ),
    ...hanging('', `To renew it now all the same: nolapse renew ${wanted.id} --force`, paper.width),
  ]);
}

export const renew =
  ({ id: typed, force, dryRun: isDry }: RenewOptions) =>
  async (session: Session): Promise<Answer> => {
    const { local } = session;
    await local.inventory();
    const id = await idIn(local, typed);
    const wanted = await wantedOf(session, id);
    if (isDry) return dryRun(session, wanted, force);
    if (force) await local.force(id, session.user);
    const planned = await local.plan();
    const isDue = planned.due.some((entry) => entry.id === id);
    const deferred = planned.deferred.find((entry) => entry.id === id);
    if (!isDue && !force && !deferred) await notDue(session, wanted);
    const { inProgress } = isDue || force ? await local.run([wanted.issuance]) : { inProgress: deferred ? [id] : [] };
    const places = wanted.places.map(({ place }) => place);
    return answerOfRun(session, { findings: findingsOf(await local.findings(), id, places), inProgress });
  };
