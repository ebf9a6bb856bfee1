/** `nolapse run`: look, renew what is due, deliver it, tell people. */
import type { Finding } from '../shared/contract/finding.ts';
import type { CertificateId } from '../shared/contract/ids.ts';
import { doneIn } from '../shared/stages/notify/done.ts';
import type { Ran } from '../shared/wiring/local.ts';
import { runDocument } from './output/documents.ts';
import { findingLines, findingsInShort } from './output/findings.ts';
import { doneLines, stillDueLines } from './output/reports.ts';
import { hanging } from './output/words.ts';
import type { Answer, Session } from './session.ts';

export interface RunOptions {
  /** Takes a fleet up again that was left. */
  readonly rejoin: boolean;
}

/** The answer of anything that ran lanes: what was told meanwhile, and the findings that are open at its end. */
export function answerOfRun(session: Session, ended: Ran & { readonly findings: readonly Finding[] }): Answer {
  const { findings, inProgress, stillDue } = ended;
  const done = doneIn(session.happened);
  return {
    document: runDocument(done, findings, stillDue),
    lines: (paper) => [
      ...doneLines(done, paper),
      ...inProgress.flatMap((id) => hanging('  in progress ', `${id}: run again`, paper.width)),
      ...stillDueLines(stillDue, paper),
      `${findingsInShort(findings)}.`,
      ...findingLines(findings, paper),
    ],
    failed: done.failed.length > 0,
    inProgress: inProgress.length + stillDue.length > 0,
    findings,
  };
}

/** What another run must go on with: open attempts and, where a deadline ended this one, all that is still due. */
export async function unfinished({ local }: Session, begun: readonly CertificateId[], only?: ReadonlySet<string>) {
  if (!Number.isFinite(local.clock.remainingMs())) return begun;
  const { due } = await local.plan(only ? { only } : {});
  return [...new Set([...begun, ...due.map(({ id }) => id)])];
}

/** Reads, then issues, delivers and tells until nothing is due. Failed when anything did; in progress when another run must go on. */
export const run =
  ({ rejoin }: RunOptions) =>
  async (session: Session): Promise<Answer> => {
    const { local } = session;
    await (rejoin ? local.rejoin() : local.requireStaying());
    await local.inventory();
    const { inProgress, stillDue } = await local.run();
    return answerOfRun(session, {
      ...{ findings: await local.findings(), stillDue },
      inProgress: await unfinished(session, inProgress),
    });
  };
