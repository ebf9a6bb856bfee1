/** EventBridge as far as events are put into it: buses of any name take them and keep them. Has no rules and delivers to nobody. */
import { randomUUID } from 'node:crypto';
import { AwsError } from './refusal.ts';
import type { AwsRequest } from './request.ts';

type Input = Readonly<Record<string, unknown>>;

/** As it was put; `Detail` is text. */
export interface PutEvent {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Time?: number;
  readonly Resources?: readonly string[];
}

const ACCOUNT = '000000000000';
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;
/** What a time counts for. */
const TIME_BYTES = 14;

const textBytes = (...texts: readonly (string | undefined)[]): number =>
  texts.reduce((sum, text = '') => sum + Buffer.byteLength(text), 0);

const bytesOf = ({ Source, DetailType, Detail, Time, Resources = [] }: PutEvent): number =>
  textBytes(Source, DetailType, Detail, ...Resources) + (Time === undefined ? 0 : TIME_BYTES);

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

export class EventBuses {
  readonly #taken: PutEvent[] = [];
  readonly #strikes: () => boolean;

  /** `strikes`: whether the next entry fails, for no reason of its own. */
  constructor(strikes: () => boolean) {
    this.#strikes = strikes;
  }

  /** In the order in which they came. */
  get taken(): readonly PutEvent[] {
    return this.#taken;
  }

  /** Throws AwsError; UnknownOperationException for what it does not do. */
  perform({ operation, region }: AwsRequest, input: Input): Input {
    if (operation === 'CreateEventBus')
      return { EventBusArn: `arn:aws:events:${region}:${ACCOUNT}:event-bus/${input.Name}` };
    if (operation === 'PutEvents') return this.#put((input.Entries ?? []) as readonly PutEvent[]);
    throw new AwsError('UnknownOperationException', `The sandbox does not know ${operation}.`);
  }

  #put(entries: readonly PutEvent[]): Input {
    if (entries.length === 0 || entries.length > MAX_ENTRIES)
      throw invalid(
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`,
      );
    if (entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > MAX_BYTES)
      throw invalid('Total size of the entries in the request is over the limit.');
    const answers = entries.map((entry) => this.#take(entry));
    return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers };
  }

  #take(entry: PutEvent): Input {
    const { Source, DetailType, Detail } = entry;
    if (!Source || !DetailType || !Detail)
      return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Parameter is not valid. Reason: a field is missing.' };
    if (!isObject(Detail)) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    if (this.#strikes()) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };
    this.#taken.push(entry);
    return { EventId: randomUUID() };
  }
}
