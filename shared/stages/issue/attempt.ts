/** An attempt from its beginning to its end, as changes of its issuance row. Pure. */
import type { Iso } from '../../contract/ids.ts';
import type { Problem } from '../../contract/problem.ts';
import { type Row, rows } from '../../contract/records.ts';
import type { Attempt, Failure, Issuance, Issued } from '../../contract/rows.ts';
import type { Step } from '../../contract/step.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** An order waits no longer for its CA than this; its TXT values are gone by then. */
const ATTEMPT_MS = 6 * 60 * MINUTE_MS;
const BACKOFF_MINUTES = [1, 10, 100] as const;
/** A lane that was ended twice in one step was unlucky; a third time, the step may be why. */
const FREE_PICKUPS = 2;

const later = (now: Date, ms: number): Iso => new Date(now.getTime() + ms).toISOString();

/** 1, 10, 100 minutes, then daily; also where only somebody's change can help, who should not wait a day for having made it. */
export const backoffMs = (count: number): number => {
  const minutes = BACKOFF_MINUTES[Math.max(count, 1) - 1];
  return minutes === undefined ? DAY_MS : minutes * MINUTE_MS;
};

/** The row with its body replaced; `wakeAt` absent = it sleeps until somebody looks. */
const withBody = (row: Row<Issuance>, body: Issuance, wakeAt: Iso | undefined): Row<Issuance> =>
  rows.issuance(body, row.rev, wakeAt);

export function begun(row: Row<Issuance>, id: string, now: Date): Row<Issuance> {
  const { forced: _consumed, ...body } = row.body;
  const attempt: Attempt = {
    id,
    startedAt: now.toISOString(),
    deadline: later(now, ATTEMPT_MS),
    step: { at: 'intent' },
    pickups: 1,
  };
  return withBody(row, { ...body, attempt }, now.toISOString());
}

/** Counted before the work, so that a step which ends its process is tried less and less often. */
export function pickedUp(row: Row<Issuance>, attempt: Attempt, now: Date): Row<Issuance> {
  const pickups = attempt.pickups + 1;
  const wakeAt = later(now, pickups > FREE_PICKUPS ? backoffMs(pickups - FREE_PICKUPS) : 0);
  const { forced: _consumed, ...body } = row.body;
  return withBody(row, { ...body, attempt: { ...attempt, pickups } }, wakeAt);
}

/** Left in good order, for a deadline or a signal: that the step was taken up says nothing against it, and whoever comes next goes on at once. */
export const givenBack = (row: Row<Issuance>, attempt: Attempt, now: Date): Row<Issuance> =>
  withBody(row, { ...row.body, attempt: { ...attempt, pickups: Math.max(0, attempt.pickups - 1) } }, now.toISOString());

/** The next step with what belongs to it in the same write. */
export function stepped(
  row: Row<Issuance>,
  attempt: Attempt,
  next: { readonly step: Step } & Partial<Pick<Attempt, 'csr' | 'sealedKey' | 'publicKeySha256'>>,
): Row<Issuance> {
  const pickups = next.step.at === attempt.step.at ? attempt.pickups : 1;
  return withBody(row, { ...row.body, attempt: { ...attempt, ...next, pickups } }, row.wakeAt);
}

/** The certificate is current from here on; the attempt stays until every place was woken. */
export const obtained = (row: Row<Issuance>, current: Issued): Row<Issuance> =>
  withBody(row, { ...row.body, current }, row.wakeAt);

/** After the last effect: nothing is left but to renew in time, or at once what was forced meanwhile. */
export function completed(row: Row<Issuance>, renewAt: Iso | undefined): Row<Issuance> {
  const { attempt: _done, due: _served, failure: _past, renewAt: _old, ...body } = row.body;
  return withBody(row, { ...body, ...(renewAt ? { renewAt } : {}) }, body.forced?.at ?? renewAt);
}

export interface FailureOf {
  readonly problem: Problem;
  readonly now: Date;
  readonly stage: Failure['stage'];
}

export function failureAfter(before: Failure | undefined, { problem, now, stage }: FailureOf): Failure {
  const count = (before?.count ?? 0) + 1;
  const backoff = later(now, backoffMs(count));
  return {
    ...{ problem, stage, count },
    firstAt: before?.firstAt ?? now.toISOString(),
    lastAt: now.toISOString(),
    retryAt: problem.retryAt && problem.retryAt > backoff ? problem.retryAt : backoff,
  };
}

/** The attempt is over: what comes next begins with a new order. */
export function ended(row: Row<Issuance>, failure: FailureOf): Row<Issuance> {
  const { attempt: _over, ...body } = row.body;
  const next = failureAfter(body.failure, failure);
  return withBody(row, { ...body, failure: next }, next.retryAt);
}

/** Given up by us, which says nothing against the CA: nothing is tried again, and what was tried before is remembered as it was. */
export function abandoned(row: Row<Issuance>): Row<Issuance> {
  const { attempt: _over, ...body } = row.body;
  return withBody(row, body, undefined);
}

/** The attempt goes on later with the order it has, from a step that asks for nothing that was cleaned up. */
export function parked(row: Row<Issuance>, attempt: Attempt, failure: FailureOf): Row<Issuance> {
  const next = failureAfter(row.body.failure, failure);
  const body = { ...row.body, failure: next, attempt: { ...attempt, step: resumable(attempt.step), pickups: 0 } };
  return withBody(row, body, next.retryAt);
}

/** Values are withdrawn when an attempt is parked, so it must present them again; what was answered is the CA's to judge. */
function resumable(step: Step): Step {
  if (step.at !== 'authorizing' && step.at !== 'presented') return step;
  return { at: 'created', orderUrl: step.orderUrl };
}
