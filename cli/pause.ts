/** `nolapse pause <lane>`: stops a lane for a while, or lets it go on. Asks nobody, so it works when everything is down. */
import { InputError } from '../shared/contract/problem.ts';
import { parseDuration } from '../shared/standards/certmanager/duration.ts';
import { pauseDocument } from './output/documents.ts';
import { typed } from './output/leaving.ts';
import { pausedLines } from './output/reports.ts';
import { hanging } from './output/words.ts';
import type { Answer, Session } from './session.ts';

export interface PauseOptions {
  readonly lane: string;
  readonly for?: string;
  readonly because?: string;
  readonly end: boolean;
}

/** What the lever calls `for` and `because` are options here. */
const asOptions = (error: unknown): unknown =>
  error instanceof InputError
    ? new InputError(error.problems.map((one) => ({ ...one, where: one.where.replace(/^(?=[a-z])/, '--') })))
    : error;

const ENDS_IT = '0';

/** An end is asked for by its own option: a time that came out as nothing must not let a lane go on that somebody has stopped. */
function durationOf({ for: duration, end }: PauseOptions): string {
  const refused = (message: string): InputError =>
    new InputError([{ where: '--for', message, fix: 'write e.g. --for 2h, or --end alone' }]);
  if (end !== (duration === undefined))
    throw refused(end ? 'goes without --end' : 'is missing: a pause ends by itself');
  if (duration === undefined) return ENDS_IT;
  const parsed = parseDuration(duration);
  if ('ms' in parsed && parsed.ms === 0) throw refused(`${JSON.stringify(duration)} is no time at all`);
  return duration;
}

export const pause =
  (options: PauseOptions) =>
  async ({ local, user, settings: { service } }: Session): Promise<Answer> => {
    const { lane, because = '' } = options;
    const wish = { for: durationOf(options), because, by: user };
    const paused = await local.pause(lane, wish).catch((error: unknown) => {
      throw asOptions(error);
    });
    return {
      document: pauseDocument(lane, paused),
      lines: (paper) => {
        if (!paused) return hanging('', `The lane ${lane} is not paused.`, paper.width);
        return [...pausedLines([{ lane, ...paused }], paper), `To end it: ${typed(`pause ${lane} --end`, service)}`];
      },
    };
  };
