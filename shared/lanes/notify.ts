/** The notify lane: what is due is grouped, said once on every channel, and written down. No channel holds up another, or a renewal. */
import type { Iso } from '../contract/ids.ts';
import { decided, KIND, keys, type Records, type Row, rows } from '../contract/records.ts';
import type { Destination, FindingState, Issuance } from '../contract/rows.ts';
import { isOpen } from '../stages/notify/channel-health.ts';
import { compose } from '../stages/notify/compose.ts';
import { grouped } from '../stages/notify/group.ts';
import { channelNotice, firstRenewal, isDelivered } from '../stages/notify/notices.ts';
import { isSnoozed, type Owed, owedTo, saidNow } from '../stages/notify/owed.ts';
import {
  changeState,
  type Failures,
  failuresOf,
  type Line,
  linesOf,
  type SayPorts,
  sendOn,
  writeRecovered,
} from './say.ts';
import { sideBySide } from './side-by-side.ts';

export interface NotifyPorts extends SayPorts {
  /** Its name. */
  readonly fleet: string;
}

export interface Notified {
  /** Messages that channels took. */
  readonly sent: number;
  readonly failures: Failures;
}

/** Rows of one pass; what is left over is due at once again. */
const DUE_LIMIT = 10_000;
/** What no channel took and none said when it would. */
const TRY_AGAIN_MS = 10 * 60_000;

type Run = NotifyPorts & { readonly now: Date; readonly lines: readonly Line[] };

const isFindingRow = (row: Row<unknown>): row is Row<FindingState> => row.pk.startsWith('FIND#');

/** When the row is to be looked at again: never once nobody is owed anything, else when a channel that is owed something may take it. */
function nextWake(finding: FindingState, wakeAt: Iso | undefined, { lines, now }: Run): Iso | undefined {
  const owing = lines.filter(({ channel }) => owedTo(channel.name, finding));
  if (owing.length === 0) return undefined;
  if (isSnoozed(finding, now.toISOString())) return finding.snoozedUntil;
  const waits = owing.map(({ state }) => (isOpen(state, now) ? (wakeAt ?? now.toISOString()) : (state.retryAt ?? '')));
  return waits.toSorted()[0];
}

/** Written after the channel took the message: a crash in between says it again, with the same id. */
async function remember(run: Run, { finding, stage }: Owed, sent: { channel: string; messageId: string }) {
  const { serial } = finding;
  const said = { stage, at: run.now.toISOString(), ...sent, ...(serial ? { serial } : {}) };
  await decided(run.records, keys.finding(finding.subject, finding.code), (row) => {
    if (!row) return undefined;
    const body = { ...row.body, said: saidNow(row.body.said, said) };
    return rows.finding(body, row.rev, nextWake(body, row.wakeAt, run));
  });
}

async function tell(run: Run, line: Line, findings: readonly FindingState[]): Promise<void> {
  const { name } = line.channel;
  const owed = findings.flatMap((finding) => owedTo(name, finding) ?? []);
  for (const group of grouped(owed)) {
    if (!line.isOpen) return;
    const message = compose(group, run);
    if (!(await sendOn(line, message, run))) continue;
    for (const one of group.owed) await remember(run, one, { channel: name, messageId: message.id });
  }
}

/** Rows that are owed nothing more leave the index; the others come back when their channel, or their snooze, lets them. */
async function reschedule(run: Run, due: readonly Row<FindingState>[]): Promise<void> {
  for (const found of due)
    await decided(run.records, keys.finding(found.body.subject, found.body.code), (row) => {
      if (!row?.wakeAt) return undefined;
      const wakeAt = nextWake(row.body, row.wakeAt, run);
      return wakeAt === row.wakeAt ? undefined : rows.finding(row.body, row.rev, wakeAt);
    });
}

async function tellDue(run: Run): Promise<void> {
  const found = await run.records.due('notify', run.now.toISOString(), DUE_LIMIT);
  const stored = await sideBySide(found.filter(isFindingRow), (row) => run.records.get<FindingState>(row));
  const due = stored.flatMap((row) => row ?? []);
  const awake = due.map(({ body }) => body).filter((finding) => !isSnoozed(finding, run.now.toISOString()));
  for (const line of run.lines) await tell(run, line, awake);
  await writeRecovered(run.lines, run);
  await reschedule(run, due);
}

/** That a channel fails, or works again, is told on each of the others once. */
async function tellOfChannels(run: Run): Promise<void> {
  for (const about of run.lines)
    for (const line of run.lines) {
      const { name } = line.channel;
      const notice = channelNotice(about.state, name, run);
      if (!notice || !line.isOpen || !(await sendOn(line, notice, run))) continue;
      await changeState(run.records, about, (state) => ({
        ...state,
        toldOn: state.failures > 0 ? [...state.toldOn, name] : state.toldOn.filter((other) => other !== name),
      }));
    }
}

async function firstDelivered(records: Records): Promise<[Issuance, readonly Destination[]] | undefined> {
  for await (const { body: issuance } of records.list<Issuance>(KIND.issuance)) {
    if (issuance.current?.origin !== 'issued') continue;
    const places: Destination[] = [];
    for await (const row of records.list<Destination>(KIND.destinationsOf(issuance.id))) places.push(row.body);
    if (isDelivered(issuance, places)) return [issuance, places];
  }
  return undefined;
}

/** When a channel that took nothing may take something again. */
const nextTry = ({ lines, now }: Run): Iso =>
  lines.flatMap(({ state }) => state.retryAt ?? []).toSorted()[0] ??
  new Date(now.getTime() + TRY_AGAIN_MS).toISOString();

/** Some places have it and others do not yet: the next delivery wakes the row again. */
async function sleepUntilDelivered(records: Records): Promise<void> {
  await decided(records, keys.installation(), (row) =>
    row?.wakeAt ? rows.installation(row.body, row.rev) : undefined,
  );
}

/** Told on whatever channel takes it; none that is down then hears of it later. */
async function tellFirstRenewal(run: Run): Promise<void> {
  const { records, lines, now } = run;
  const installation = (await records.get(keys.installation()))?.body;
  if (!installation || installation.firstRenewalToldAt) return;
  const first = await firstDelivered(records);
  if (!first) return sleepUntilDelivered(records);
  const message = firstRenewal(installation, ...first);
  let taken = 0;
  for (const line of lines) if (line.isOpen && (await sendOn(line, message, run))) taken += 1;
  const told = taken > 0 ? { firstRenewalToldAt: now.toISOString() } : {};
  await decided(records, keys.installation(), (row) =>
    !row || row.body.firstRenewalToldAt
      ? undefined
      : rows.installation({ ...row.body, ...told }, row.rev, taken > 0 ? undefined : nextTry(run)),
  );
}

/**
 * One pass. At least once: what a channel took is written after it took it, and a crash in between sends the same message id again.
 * Each (certificate, serial, stage) goes once to each channel; a channel that fails is tried again when it says, else after 1, 10 and
 * 100 minutes, then every 100, with all it missed. Without channels nothing is done and what is due stays due.
 * Throws ProblemError of Records (`nolapse:state-*`); a channel's error is a failure in the answer, never thrown.
 */
export async function notifyLane(ports: NotifyPorts): Promise<Notified> {
  const { clock, channels } = ports;
  if (channels.length === 0) return { sent: 0, failures: [] };
  const now = clock.now();
  const lines = await linesOf(ports, now);
  const run: Run = { ...ports, now, lines };
  await tellDue(run);
  await tellFirstRenewal(run);
  await tellOfChannels(run);
  await writeRecovered(run.lines, run);
  return {
    sent: lines.reduce((sum, { sent }) => sum + sent, 0),
    failures: failuresOf(lines),
  };
}
