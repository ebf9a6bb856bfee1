/** `nolapse pause <lane>`: stops a lane for a while, or lets it go on. Asks nobody, so it works when everything is down. */
import { InputError } from '../shared/contract/problem.ts';
import { pauseDocument } from './output/documents.ts';
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

function durationOf({ for: duration, end }: PauseOptions): string {
  if (end === (duration === undefined)) return duration ?? '0';
  const message = end ? 'goes without --end' : 'is missing: a pause ends by itself';
  throw new InputError([{ where: '--for', message, fix: 'write e.g. --for 2h, or --end alone' }]);
}

export const pause =
  (options: PauseOptions) =>
  async ({ local, user }: Session): Promise<Answer> => {
    const { lane, because = '' } = options;
    const wish = { for: durationOf(options), because, by: user };
    const paused = await local.pause(lane, wish).catch((error: unknown) => {
      throw asOptions(error);
    });
    return {
      document: pauseDocument(lane, paused),
      lines: (paper) => {
        if (!paused) return hanging('', `The lane ${lane} is not paused.`, paper.width);
        return [...pausedLines([{ lane, ...paused }], paper), `To end it: nolapse pause ${lane} --end`];
      },
    };
  };
