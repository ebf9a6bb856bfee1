/** `nolapse rehearse <id>`: one certificate obtained on trial, by the real zone and the CA's staging environment, and thrown away. */
import { rehearsalDocument } from './output/documents.ts';
import { rehearsedLines } from './output/rehearsed.ts';
import { type Answer, idIn, type Session } from './session.ts';

/** Also in audit, also before anything ever ran. Throws InputError on the id, or where nothing would be done for it in manage either. */
export const rehearse =
  (typed: string) =>
  async (session: Session): Promise<Answer> => {
    const { local, clusters } = session;
    await local.requireStaying();
    await local.inventory();
    const rehearsal = await local.rehearse(await idIn(local, typed));
    const { end, txt } = rehearsal;
    return {
      document: rehearsalDocument(rehearsal),
      lines: (paper) => rehearsedLines(rehearsal, paper, clusters),
      failed: end.is === 'failed',
      inProgress: end.is === 'not-now' || end.is === 'stopped' || txt.some(({ isThere }) => isThere),
    };
  };
