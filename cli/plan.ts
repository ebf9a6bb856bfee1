/** `nolapse plan`: what a run would do now, and why. Writes nothing to any cluster, store or CA. */
import { planDocument } from './output/documents.ts';
import { planLines } from './output/reports.ts';
import type { Answer, Session } from './session.ts';

/** Reads all sources, then plans. Findings are the inventory's to tell, so they do not count here. */
export async function plan({ local }: Session): Promise<Answer> {
  await local.inventory();
  const planned = await local.plan();
  return { document: planDocument(planned), lines: (paper) => planLines(planned, paper) };
}
