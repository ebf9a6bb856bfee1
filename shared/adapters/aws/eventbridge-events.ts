/** What happened, for customers' own rules: on an EventBridge bus, in batches, and never in the way of what it tells of. */
import { randomUUID } from 'node:crypto';
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { Problem } from '../../contract/problem.ts';
import type { Happened } from '../../contract/rows.ts';
import { holdsPrivateKey } from '../../standards/kubernetes/key-in-text.ts';
import { awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface EventBridgeOptions {
  /** Name or ARN. */
  readonly bus: string;
  readonly fleet: string;
  /** Hears of events that the bus did not take, one problem for all of them; must not throw. */
  readonly onLost: (events: readonly Happened[], problem: Problem) => void;
}

export interface Events {
  /** Keeps the event, and sends as soon as a batch is full. */
  put(event: Happened): void;
  /** Sends what is kept; resolves when everything was sent or lost. Never rejects. */
  flush(): Promise<void>;
  close(): void;
}

const SOURCE = 'nolapse';
/** EventBridge's own limits for one PutEvents. */
const MOST_ENTRIES = 10;
const MOST_BYTES = 262_144;
/** What a time counts for. */
const TIME_BYTES = 14;
const LONGEST_TEXT = 1_000;
const NOT_SHOWN = 'not shown, it may hold a key';

interface Told {
  readonly detailType: string;
  /** What the subject is. */
  readonly of: 'certificate' | 'source';
  /** Fields that go out; whatever else an event comes to hold stays here. */
  readonly fields: readonly string[];
}

const ABOUT_FAILURES = ['stage', 'type', 'problem', 'tried', 'nextAttemptAt'] as const;

/** What customers hear of, by `what`. */
const TOLD: Readonly<Record<string, Told>> = {
  issued: { detailType: 'Certificate Issued', of: 'certificate', fields: ['serial', 'notAfter'] },
  delivered: {
    detailType: 'Certificate Delivered',
    of: 'certificate',
    fields: ['place', 'outcome', 'serial', 'problem'],
  },
  'attempt-failed': { detailType: 'Certificate Failed', of: 'certificate', fields: ['place', ...ABOUT_FAILURES] },
  'source-down': { detailType: 'Source Down', of: 'source', fields: ['type', 'problem'] },
};

const shown = (text: string): string =>
  holdsPrivateKey(text) ? NOT_SHOWN : text.slice(0, LONGEST_TEXT).toWellFormed();

interface Kept {
  readonly event: Happened;
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
}

/** Undefined = customers do not hear of it. The id is the same however often it is sent. */
function keptOf(event: Happened, { bus, fleet }: EventBridgeOptions): Kept | undefined {
  const told = TOLD[event.what];
  if (!told) return undefined;
  const { detailType, of, fields } = told;
  const subject = of === 'source' ? event.subject.replace(/^inventory:/, '') : event.subject;
  const facts = fields.flatMap((name) => {
    const value = event.detail[name];
    return value === undefined ? [] : [[name, shown(value)] as const];
  });
  const detail = JSON.stringify({ id: randomUUID(), fleet, [of]: subject, at: event.at, ...Object.fromEntries(facts) });
  return {
    event,
    entry: { EventBusName: bus, Source: SOURCE, DetailType: detailType, Detail: detail, Time: new Date(event.at) },
    bytes: [SOURCE, detailType, detail].reduce((sum, text) => sum + Buffer.byteLength(text), TIME_BYTES),
  };
}

const bytesOf = (some: readonly Kept[]): number => some.reduce((total, { bytes }) => total + bytes, 0);

class EventBridgeEvents implements Events {
  readonly #client = new EventBridgeClient({ requestHandler: TIME_OUTS });
  readonly #options: EventBridgeOptions;
  #kept: readonly Kept[] = [];
  #sent: Promise<void> = Promise.resolve();

  constructor(options: EventBridgeOptions) {
    this.#options = options;
  }

  put(event: Happened): void {
    const kept = keptOf(event, this.#options);
    if (!kept) return;
    if (bytesOf(this.#kept) + kept.bytes > MOST_BYTES) this.#send();
    this.#kept = [...this.#kept, kept];
    if (this.#kept.length === MOST_ENTRIES) this.#send();
  }

  async flush(): Promise<void> {
    this.#send();
    await this.#sent;
  }

  close(): void {
    this.#client.destroy();
  }

  #send(): void {
    const batch = this.#kept;
    this.#kept = [];
    if (batch.length > 0) this.#sent = this.#sent.then(() => this.#deliver(batch));
  }

  /** What the bus took is not sent again. */
  async #deliver(batch: readonly Kept[], triesLeft = 1): Promise<void> {
    const doing = `putting events on the bus ${this.#options.bus}`;
    let answers: readonly PutEventsResultEntry[];
    try {
      const command = new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) });
      answers = (await this.#client.send(command)).Entries ?? [];
    } catch (error) {
      return this.#lose(batch, awsProblem(error, doing));
    }
    const refused = batch.filter((_, i) => answers[i]?.ErrorCode !== undefined);
    if (refused.length === 0) return;
    if (triesLeft > 0) return this.#deliver(refused, triesLeft - 1);
    const { ErrorCode: name = '', ErrorMessage: message = '' } = answers.find((one) => one.ErrorCode) ?? {};
    this.#lose(refused, awsProblem({ name, message }, doing));
  }

  #lose(batch: readonly Kept[], problem: Problem): void {
    const events = batch.map(({ event }) => event);
    this.#options.onLost(events, problem);
  }
}

/** Needs the right to PutEvents on that bus alone. */
export const eventBridgeEvents = (options: EventBridgeOptions): Events => new EventBridgeEvents(options);
