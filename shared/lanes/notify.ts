/** The notify lane: what is due is grouped, said once on every channel, and written down. No channel holds up another, or a renewal. */
import pLimit from 'p-limit';
import type { Iso } from '../contract/ids.ts';
import type { Channel, Clock, Journal, Message } from '../contract/ports.ts';
import { type Problem, problemOf } from '../contract/problem.ts';
import { decided, KIND, keys, type Records, type Row, rows } from '../contract/records.ts';
import type { ChannelState, Destination, FindingState, Issuance } from '../contract/rows.ts';
import { failed, healthy, isOpen, recovered } from '../stages/notify/channel-health.ts';
import { compose } from '../stages/notify/compose.ts';
import { grouped } from '../stages/notify/group.ts';
import { channelNotice, firstRenewal, isDelivered } from '../stages/notify/notices.ts';
import { isSnoozed, type Owed, owedTo, saidNow } from '../stages/notify/owed.ts';

export interface NotifyPorts {
  /** Its name. */
  readonly fleet: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Names are unique: what was said is remembered by them. */
  readonly channels: readonly Channel[];
}

export interface Notified {
  /** Messages that channels took. */
  readonly sent: number;
  readonly failures: readonly { readonly channel: string; readonly problem: Problem }[];
}

/** Rows that are read at the same time. */
const AT_ONCE = 16;
/** Rows of one pass; what is left over is due at once again. */
const DUE_LIMIT = 10_000;

/** One channel in one run, and what its row says of it. */
interface Line {
  readonly channel: Channel;
  state: ChannelState;
  /** Whether another message may be tried in this run. */
  isOpen: boolean;
  sent: number;
  problem?: Problem;
}

type Run = NotifyPorts & { readonly now: Date; readonly lines: readonly Line[] };

const isFindingRow = (row: Row<unknown>): row is Row<FindingState> => row.pk.startsWith('FIND#');

async function changeState(records: Records, line: Line, change: (s: ChannelState) => ChannelState): Promise<void> {
  const row = await decided(records, keys.channel(line.channel.name), (stored) =>
    rows.channel(change(stored?.body ?? healthy(line.channel.name)), stored?.rev ?? 0),
  );
  if (row) line.state = row.body;
}

/**
 * Whether the channel took it. A run counts as one failure, whatever fails in it. After one that trying again may help the channel is left
 * alone; what it refuses for good may be about this message only, so the next one is tried.
 */
async function sendOn(line: Line, message: Message, { records, journal, now }: Run): Promise<boolean> {
  const detail = { channel: line.channel.name, id: message.id, subject: message.subject };
  try {
    await line.channel.send(message);
  } catch (error) {
    const problem = problemOf(error);
    line.isOpen &&= problem.retry === 'never';
    if (!line.problem) await changeState(records, line, (state) => failed(state, problem, now));
    line.problem ??= problem;
    await journal.tell({
      ...{ subject: 'notify', what: 'message-failed', stage: 'notify' },
      detail: { ...detail, problem: problem.detail },
    });
    return false;
  }
  line.sent += 1;
  await journal.tell({ subject: 'notify', what: 'message-sent', stage: 'notify', detail });
  return true;
}

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

/** A channel is well again when all that was sent in a run was taken. */
async function writeRecovered({ records, lines }: Run): Promise<void> {
  for (const line of lines)
    if (line.sent > 0 && !line.problem && line.state.failures > 0) await changeState(records, line, recovered);
}

async function tellDue(run: Run): Promise<void> {
  const found = await run.records.due('notify', run.now.toISOString(), DUE_LIMIT);
  const stored = await pLimit(AT_ONCE).map(found.filter(isFindingRow), (row) => run.records.get<FindingState>(row));
  const due = stored.flatMap((row) => row ?? []);
  const awake = due.map(({ body }) => body).filter((finding) => !isSnoozed(finding, run.now.toISOString()));
  for (const line of run.lines) await tell(run, line, awake);
  await writeRecovered(run);
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

/** Told on whatever channel takes it; none that is down then hears of it later. */
async function tellFirstRenewal(run: Run): Promise<void> {
  const { records, lines, now } = run;
  const installation = (await records.get(keys.installation()))?.body;
  if (!installation || installation.firstRenewalToldAt) return;
  const first = await firstDelivered(records);
  if (!first) return;
  const message = firstRenewal(installation, ...first);
  let taken = 0;
  for (const line of lines) if (line.isOpen && (await sendOn(line, message, run))) taken += 1;
  if (taken === 0) return;
  await decided(records, keys.installation(), (row) =>
    !row || row.body.firstRenewalToldAt
      ? undefined
      : rows.installation({ ...row.body, firstRenewalToldAt: now.toISOString() }, row.rev),
  );
}

async function lineOf(channel: Channel, records: Records, now: Date): Promise<Line> {
  const state = (await records.get(keys.channel(channel.name)))?.body ?? healthy(channel.name);
  return { channel, state, isOpen: isOpen(state, now), sent: 0 };
}

/**
 * One pass. At least once: what a channel took is written after it took it, and a crash in between sends the same message id again.
 * Each (certificate, serial, stage) goes once to each channel; a channel that fails is tried again after 1, 10 and 100 minutes, then
 * every 100, with all it missed. Without channels nothing is done and what is due stays due.
 * Throws ProblemError of Records (`nolapse:state-*`); a channel's error is a failure in the answer, never thrown.
 */
export async function notifyLane(ports: NotifyPorts): Promise<Notified> {
  const { records, clock, channels } = ports;
  if (channels.length === 0) return { sent: 0, failures: [] };
  const now = clock.now();
  const lines = await Promise.all(channels.map((channel) => lineOf(channel, records, now)));
  const run: Run = { ...ports, now, lines };
  await tellDue(run);
  await tellFirstRenewal(run);
  await tellOfChannels(run);
  await writeRecovered(run);
  return {
    sent: lines.reduce((sum, { sent }) => sum + sent, 0),
    failures: lines.flatMap(({ channel, problem }) => (problem ? [{ channel: channel.name, problem }] : [])),
  };
}
