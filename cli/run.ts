/** `nolapse run`: look, renew what is due, deliver it, tell people. */
import type { Finding } from '../shared/contract/finding.ts';
import { doneIn, runDocument } from './output/documents.ts';
import { findingLines, findingsInShort } from './output/findings.ts';
import { doneLines } from './output/reports.ts';
import { hanging } from './output/words.ts';
import type { Answer, Session } from './session.ts';

/** The answer of anything that ran lanes: what was told meanwhile, and the findings that are open at its end. */
export function answerOfRun(
  session: Session,
  ended: { findings: readonly Finding[]; inProgress: readonly string[] },
): Answer {
  const { findings, inProgress } = ended;
  const done = doneIn(session.happened);
  return {
    document: runDocument(done, findings),
    lines: (paper) => [
      ...doneLines(done, paper),
      ...inProgress.flatMap((id) => hanging('  in progress ', `${id}: run again`, paper.width)),
      `${findingsInShort(findings)}.`,
      ...findingLines(findings, paper),
    ],
    failed: done.failed.length > 0,
    inProgress: inProgress.length > 0,
    findings,
  };
}

export async function run(session: Session): Promise<Answer> {
  const { local } = session;
  await local.inventory();
  const { inProgress } = await local.run();
  return answerOfRun(session, { findings: await local.findings(), inProgress });
}
