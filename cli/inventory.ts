/** `nolapse inventory`: what there is and what is wrong with it. */
import { inventoryDocument } from './output/documents.ts';
import { inventoryLines } from './output/reports.ts';
import type { Answer, Session } from './session.ts';

/** Reads all sources and tells what the passes found. Failed only when no source at all could be read: one that is down is a finding. */
export async function inventory({ local }: Session): Promise<Answer> {
  await local.inventory();
  const [certificates, findings, sources] = await Promise.all([local.views(), local.findings(), local.sources()]);
  const all = { certificates, findings, sources };
  return {
    document: inventoryDocument(all),
    lines: (paper) => inventoryLines(all, paper),
    findings,
    failed: sources.length > 0 && sources.every((source) => source.state === 'down'),
  };
}
