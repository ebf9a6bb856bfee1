/** Findings as rows: who says one keeps it open, who no longer says it resolves it. A row is its own outbox for the notify lane. */
import { isDeepStrictEqual } from 'node:util';
import { type Finding, SEVERITIES, subjectOf, type Verdict } from '../contract/finding.ts';
import type { Iso } from '../contract/ids.ts';
import { decided, KIND, keys, type Records, type Row, rows } from '../contract/records.ts';
import type { FindingState, OwnedFinding } from '../contract/rows.ts';
import { isOut, isTold } from '../stages/notify/owed.ts';
import { sideBySide } from './side-by-side.ts';

export interface Settlement {
  /** Who judged, e.g. the name of a lane. Only its own findings are resolved. */
  readonly owner: string;
  readonly now: Date;
  /** All that the owner has to say now. */
  readonly findings: readonly Verdict[];
  /** Subjects (see `subjectOf`) that were judged this time; the owner's findings on others stay. Absent: everything was judged. */
  readonly subjects?: readonly string[];
}

const DAY_MS = 86_400_000;

const rank = (one: Pick<Finding, 'severity'>): number => SEVERITIES.indexOf(one.severity);

const findingOf = (state: FindingState): Finding => {
  const { code, severity, object, names, message, evidence, since, fix } = state;
  return { code, severity, object, names, message, evidence, since, fix };
};

const isSame = (a: FindingState, b: FindingState): boolean => isDeepStrictEqual(a, b);

/** One verdict a row: of several the worst, of equals the first. */
function byRow(verdicts: readonly Verdict[]): readonly Verdict[] {
  const kept = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const id = `${verdict.code} ${subjectOf(verdict.object)}`;
    const other = kept.get(id);
    if (!other || rank(verdict) > rank(other)) kept.set(id, verdict);
  }
  return [...kept.values()];
}

function stateOf(verdict: Verdict, owner: string, row: Row<FindingState> | undefined, now: Iso): FindingState {
  const before = row?.body;
  const { code, severity, object, names, message, evidence, fix, serial, rootCause = code } = verdict;
  const since = verdict.since ?? (before && !before.resolvedAt ? before.since : now);
  return {
    ...{ subject: subjectOf(object), code, owner, severity, object, names, message, evidence, fix, rootCause, since },
    ...(serial ? { serial } : {}),
    ...(before?.snoozedUntil ? { snoozedUntil: before.snoozedUntil } : {}),
    said: before?.said ?? [],
  };
}

/** When the notify lane must look: at once where the stage is a new one, else as it was planned. */
function wakeOf(next: FindingState, row: Row<FindingState> | undefined, now: Iso): Iso | undefined {
  if (!isTold(next.severity)) return undefined;
  const before = row?.body;
  const goesOn = before && !before.resolvedAt && before.severity === next.severity && before.serial === next.serial;
  return goesOn ? row.wakeAt : now;
}

/**
 * Two owners may judge one object by one code. The worse severity has the row, of equals the one that has it already, so that two passes
 * never take it from each other in turns; when that one stops saying so the row is resolved, and the next pass of the other opens it again.
 */
const isHeldByAnother = ({ body }: Row<FindingState>, verdict: Verdict, owner: string): boolean =>
  body.owner !== owner && !body.resolvedAt && rank(body) >= rank(verdict);

function opened(
  records: Records,
  verdict: Verdict,
  { owner, now }: Settlement,
): Promise<Row<FindingState> | undefined> {
  const at = now.toISOString();
  return decided(records, keys.finding(subjectOf(verdict.object), verdict.code), (row) => {
    if (row && isHeldByAnother(row, verdict, owner)) return undefined;
    const next = stateOf(verdict, owner, row, at);
    if (row && isSame(row.body, next)) return undefined;
    return rows.finding(next, row?.rev ?? 0, wakeOf(next, row, at));
  });
}

/** A finding that was told of wakes the notify lane once more, for its end. Resolves to what is stored then. */
function resolved(records: Records, said: OwnedFinding, now: Date): Promise<Row<FindingState> | undefined> {
  const at = now.toISOString();
  return decided(records, keys.finding(said.subject, said.code), (row) => {
    if (!row || row.body.owner !== said.owner || row.body.resolvedAt) return undefined;
    return rows.finding({ ...row.body, resolvedAt: at }, row.rev, isOut(row.body.said) ? at : undefined);
  });
}

/** What is over stays known to its owner for a day: a judgement that runs at the same time may be opening it again. */
async function ended(records: Records, known: Row<OwnedFinding>, now: Date): Promise<void> {
  const { resolvedAt } = (await resolved(records, known.body, now))?.body ?? {};
  if (resolvedAt && now.getTime() - Date.parse(resolvedAt) > DAY_MS) await records.remove(known, known.rev);
}

const ownedBy = (owner: string, { object, code }: Verdict): OwnedFinding => ({
  owner,
  subject: subjectOf(object),
  code,
});

/**
 * Makes the rows say what the owner says now: new findings open, those it still says keep their `since`, those it no longer says are
 * resolved. Writes nothing where nothing changed, and reads no finding of others. A row is due for the notify lane when its severity is
 * told and its stage (severity, serial) is new, or when it ends after it was told. Resolves to the stored findings behind the verdicts,
 * worst first. Throws ProblemError of Records (`nolapse:state-*`).
 */
export async function settle(records: Records, settlement: Settlement): Promise<readonly Finding[]> {
  const { owner, now, subjects } = settlement;
  const verdicts = byRow(settlement.findings);
  const before = new Map<string, Row<OwnedFinding>>();
  for await (const row of records.children<OwnedFinding>(`OWNER#${owner}`)) before.set(row.sk, row);
  const over = new Map(before);
  const open = await sideBySide(verdicts, async (verdict) => {
    const owned = rows.owned(ownedBy(owner, verdict), 0);
    over.delete(owned.sk);
    if (!before.has(owned.sk)) await records.put(owned);
    return opened(records, verdict, settlement);
  });
  const judged = [...over.values()].filter(({ body }) => subjects?.includes(body.subject) ?? true);
  await sideBySide(judged, (row) => ended(records, row, now));
  return open
    .flatMap((row) => (row ? findingOf(row.body) : []))
    .toSorted((a, b) => rank(b) - rank(a) || a.since.localeCompare(b.since));
}

/** Every finding that is open, the worst first, of equals the oldest. */
export async function openFindings(records: Records): Promise<readonly Finding[]> {
  const open: Finding[] = [];
  for await (const { body } of records.list<FindingState>(KIND.finding))
    if (!body.resolvedAt) open.push(findingOf(body));
  return open;
}
