/** `nolapse leave`: shows what giving the fleet up does and what stays, and does it when somebody says yes. */
import type { PlaceLeft } from '../shared/lanes/leave-places.ts';
import type { Left } from '../shared/wiring/local.ts';
import { leaveDocument } from './output/documents.ts';
import { destroyLines, leavingLines, leftLines, typed } from './output/leaving.ts';
import { hanging } from './output/words.ts';
import type { Answer, Session } from './session.ts';

export interface LeaveOptions {
  readonly yes: boolean;
  readonly dryRun: boolean;
}

const isOurs = ({ outcome }: PlaceLeft): boolean => outcome === 'to-release' || outcome === 'failed';

/** Whether there is anything to do at all. */
const isOver = ({ leaving, orders, values, places }: Left): boolean =>
  leaving?.closedAt !== undefined && orders.length + values.length + places.filter(isOurs).length === 0;

function done(left: Left, service: string | undefined): Answer {
  const { fleet, leaving, values, places, unsettled } = left;
  const failed = places.some(({ outcome }) => outcome === 'failed');
  const inProgress = values.length + unsettled.length > 0;
  const closing = `The fleet ${fleet} is not left yet: something above is still to do. Run again: ${typed('leave', service)}`;
  return {
    document: leaveDocument(left),
    lines: (paper) => [
      ...leftLines(left, paper, service),
      '',
      ...(failed || inProgress
        ? hanging('', closing, paper.width)
        : [...leavingLines(leaving, paper, service), ...destroyLines(service, paper)]),
    ],
    ...{ failed, inProgress },
  };
}

/** Looks first, as everything does. Failed where a place could not be given back; in progress where another run must go on. */
export const leave =
  ({ yes, dryRun }: LeaveOptions) =>
  async (session: Session): Promise<Answer> => {
    const { local, user, settings } = session;
    const { service } = settings;
    await local.inventory();
    const before = await local.lookAtLeaving();
    if (isOver(before)) return done(before, service);
    const asks = !dryRun && !yes;
    if (asks) await session.say((paper) => leftLines(before, paper));
    const agreed = !dryRun && (yes || (await session.confirm(`Leave the fleet ${before.fleet}?`)));
    if (agreed) return done(await local.leave(user), service);
    const closing = `Nothing was changed. To leave: ${typed('leave --yes', service)}`;
    return {
      document: leaveDocument(before),
      lines: (paper) => [...(asks ? [] : leftLines(before, paper)), '', ...hanging('', closing, paper.width)],
    };
  };
