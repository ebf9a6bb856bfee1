/** `nolapse plan [id]`: what a run would do now, and why; of one certificate all of it. Writes nothing to any cluster, store or CA. */
import { FLEET_SOURCE } from '../shared/contract/ids.ts';
import { isWantedRow, keys } from '../shared/contract/records.ts';
import type { Plan } from '../shared/lanes/plan.ts';
import { planDocument } from './output/documents.ts';
import { leavingLines } from './output/leaving.ts';
import { planLines } from './output/planned.ts';
import { pausedLines } from './output/reports.ts';
import { counted, hanging } from './output/words.ts';
import { type Answer, idIn, type Session } from './session.ts';
import { wantedOf } from './wanted-of.ts';

export interface PlanAsked {
  /** Absent = all that is due or has to wait. */
  readonly id?: string;
}

const consentWords = (n: number): string =>
  `${counted(n, 'place')} of others, where nothing is written without consent: nolapse inventory --all names them, nolapse plan <id> says what adopting changes`;

const auditWords = (n: number): string =>
  `${counted(n, 'certificate')} in audit, looked at and not renewed: nolapse plan <id> says what manage would do, nolapse rehearse <id> tries it`;

const heldWords = (n: number): string =>
  `${counted(n, 'certificate')} cannot be renewed as ${n === 1 ? 'it is' : 'they are'} asked for: nolapse doctor says why, and what to do`;

/** Certificates that somebody asks for and that no plan is made of: where nothing is renewed yet, and where something is wrong. */
async function heldIn({ local, clusters }: Session): Promise<{ readonly audited: number; readonly held: number }> {
  const reasons: string[] = [];
  for (const name of [...clusters.map((cluster) => cluster.name), FLEET_SOURCE])
    for await (const row of local.records.children<unknown>(`SRC#${name}`))
      if (isWantedRow(row) && row.body.held && !row.body.goneAt) reasons.push(row.body.held.reason);
  const audited = reasons.filter((reason) => reason === 'audit').length;
  return { audited, held: reasons.length - audited };
}

async function planned(session: Session, typed: string | undefined): Promise<Plan> {
  const { local } = session;
  if (typed === undefined) return local.plan();
  const asked = await idIn(local, typed);
  const isAudited = (await local.records.get(keys.wanted(asked)))?.body.held?.reason === 'audit';
  if (isAudited) return local.planInManage(asked);
  const { id, issuance } = await wantedOf(session, asked);
  const { due, deferred } = await local.plan({ only: new Set([issuance]), isAsked: true });
  return { due: due.filter((entry) => entry.id === id), deferred: deferred.filter((entry) => entry.id === id) };
}

/**
 * Reads all sources, then plans. Findings are the inventory's to tell, so they do not count here, but for what waits for consent; failed as the inventory is.
 * Throws InputError on the id, or where nothing may be done for it.
 */
export const plan =
  ({ id }: PlanAsked) =>
  async (session: Session): Promise<Answer> => {
    const { local, settings } = session;
    await local.inventory();
    const found = await planned(session, id);
    const [sources, paused, leaving, findings] = await Promise.all([
      local.sources(),
      local.pausedLanes(),
      local.leaving(),
      local.findings(),
    ]);
    const adoptable = id === undefined ? findings.filter(({ code }) => code === 'adoptable').length : 0;
    const { audited, held } = id === undefined ? await heldIn(session) : { audited: 0, held: 0 };
    const clusters = sources.filter(({ name }) => name !== FLEET_SOURCE);
    const unread = sources.filter(({ state }) => state !== 'ok');
    return {
      document: planDocument(found),
      lines: (paper) => [
        ...leavingLines(leaving, paper, settings.service),
        ...pausedLines(paused, paper),
        ...planLines(found, paper, id !== undefined),
        ...(held > 0 ? ['', ...hanging('', heldWords(held), paper.width)] : []),
        ...(audited > 0 ? ['', ...hanging('', auditWords(audited), paper.width)] : []),
        ...(adoptable > 0 ? ['', ...hanging('', consentWords(adoptable), paper.width)] : []),
        ...unread.flatMap(({ name, problem = 'no reason given' }) =>
          hanging('', `${name} could not be read, what it asks for now is not in this plan: ${problem}`, paper.width),
        ),
      ],
      failed: clusters.length > 0 && clusters.every(({ state }) => state !== 'ok'),
    };
  };
