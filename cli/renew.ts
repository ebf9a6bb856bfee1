/** `nolapse renew <id>`: one certificate, when it is due or when it is forced. */
import { keys } from '../shared/contract/records.ts';
import { lanesFor } from '../shared/lanes/pause.ts';
import type { PlanEntry } from '../shared/lanes/plan.ts';
import { planDocument, runDocument } from './output/documents.ts';
import type { Paper } from './output/paper.ts';
import { planLines } from './output/planned.ts';
import { both } from './output/times.ts';
import { hanging } from './output/words.ts';
import { findingsOf } from './own-findings.ts';
import { answerOfRun, unfinished } from './run.ts';
import { type Answer, idIn, type Session } from './session.ts';
import { type Asked, wantedOf } from './wanted-of.ts';

export interface RenewOptions {
  readonly id: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

const NOTHING_DONE = { renewed: [], delivered: [], failed: [] };

/** What would be done with this certificate, and with those that are issued together with it. */
async function dryRun(session: Session, wanted: Asked, force: boolean): Promise<Answer> {
  const { local } = session;
  const only = new Set([wanted.issuance]);
  const members = (await local.records.get(keys.issuance(wanted.issuance)))?.body.members ?? [wanted.id];
  const together = ({ id }: PlanEntry): boolean => members.includes(id);
  const { due, deferred } = await local.plan(force ? { only, forced: new Set([wanted.id]) } : { only });
  const planned = { due: due.filter(together), deferred: deferred.filter(together) };
  if (planned.due.length === 0) {
    const { lines } = await notNow({ ...session, say: async () => undefined }, wanted, planned.deferred[0]);
    return { document: planDocument(planned), lines };
  }
  return { document: planDocument(planned), lines: (paper) => planLines(planned, paper, true) };
}

/** Why nothing was done, and how to have it done all the same. */
async function notNow(session: Session, wanted: Asked, deferred: PlanEntry | undefined): Promise<Answer> {
  const { local } = session;
  const renewAt = (await local.records.get(keys.issuance(wanted.issuance)))?.body.renewAt;
  const why = (paper: Paper): readonly string[] => {
    if (deferred) return planLines({ due: [], deferred: [deferred] }, paper);
    const when = renewAt ? `: it is renewed ${both(renewAt, paper.now)}` : '';
    return [
      ...hanging('', `${wanted.id} is not due${when}.`, paper.width),
      ...hanging('', `To renew it now all the same: nolapse renew ${wanted.id} --force`, paper.width),
    ];
  };
  // with JSON the document is empty, so the reason is said beside it
  if (session.settings.output === 'json') await session.say(why);
  return { document: runDocument(NOTHING_DONE, []), lines: why, inProgress: deferred !== undefined };
}

async function renewNow(session: Session, wanted: Asked): Promise<Answer> {
  const { local } = session;
  const { inProgress, stillDue } = await local.run([wanted.issuance]);
  const places = wanted.places.map(({ place }) => place);
  const lanes = lanesFor({ ...wanted, places });
  return answerOfRun(session, {
    findings: findingsOf(await local.findings(), wanted.id, places),
    stillDue: stillDue.filter(({ lane }) => lanes.has(lane)),
    inProgress: await unfinished(session, inProgress, new Set([wanted.issuance])),
  });
}

/** Renews one certificate that is due, or forced; else says when and why not. Throws InputError on the id, or where nothing may be done. */
export const renew =
  ({ id: typed, force, dryRun: isDry }: RenewOptions) =>
  async (session: Session): Promise<Answer> => {
    const { local } = session;
    await local.requireStaying();
    await local.inventory();
    const id = await idIn(local, typed);
    const wanted = await wantedOf(session, id);
    if (isDry) return dryRun(session, wanted, force);
    if (force) {
      await local.force(id, session.user);
      return renewNow(session, wanted);
    }
    const planned = await local.plan({ only: new Set([wanted.issuance]) });
    const isDue = planned.due.some((entry) => entry.id === id);
    if (isDue) return renewNow(session, wanted);
    return notNow(
      session,
      wanted,
      planned.deferred.find((entry) => entry.id === id),
    );
  };
