/** `nolapse plan`: what a run would do now, and why. Writes nothing to any cluster, store or CA. */
import { FLEET_SOURCE } from '../shared/contract/ids.ts';
import { planDocument } from './output/documents.ts';
import { leavingLines } from './output/leaving.ts';
import { pausedLines, planLines } from './output/reports.ts';
import { hanging } from './output/words.ts';
import type { Answer, Session } from './session.ts';

/** Reads all sources, then plans. Findings are the inventory's to tell, so they do not count here; failed as the inventory is. */
export async function plan({ local, settings }: Session): Promise<Answer> {
  await local.inventory();
  const planned = await local.plan();
  const [sources, paused, leaving] = await Promise.all([local.sources(), local.pausedLanes(), local.leaving()]);
  const clusters = sources.filter(({ name }) => name !== FLEET_SOURCE);
  const unread = sources.filter(({ state }) => state !== 'ok');
  return {
    document: planDocument(planned),
    lines: (paper) => [
      ...leavingLines(leaving, paper, settings.service),
      ...pausedLines(paused, paper),
      ...planLines(planned, paper),
      ...unread.flatMap(({ name, problem = 'no reason given' }) =>
        hanging('', `${name} could not be read, what it asks for now is not in this plan: ${problem}`, paper.width),
      ),
    ],
    failed: clusters.length > 0 && clusters.every(({ state }) => state !== 'ok'),
  };
}
