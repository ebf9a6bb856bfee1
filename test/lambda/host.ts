/** Functions as Lambda runs them: environments started when needed and reused, queues that feed them, an API to invoke them by hand. */
import { setTimeout } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { ExecutionEnvironment, type FunctionSettings, type Invoked } from './execution-environment.ts';

export interface HostedFunction extends FunctionSettings {
  /** URLs of the queues whose messages it is invoked with, one at a time. */
  readonly queues: readonly string[];
  /** Environments at once for each queue (MaximumConcurrency). */
  readonly concurrency: number;
  /** Told of everything that came of an event. */
  readonly heard?: (invoked: Invoked) => void;
}

/** What happens to messages on their way, besides what a standard queue does anyhow. */
export interface Disturbance {
  /** Whether a message is handed over twice. */
  readonly twice?: (lane: string) => boolean;
  /** Whether a message is thrown away. */
  readonly lost?: (lane: string) => boolean;
}

export interface Host {
  /** Hosts these functions from now on, and no others. */
  replace(functions: readonly HostedFunction[]): Promise<void>;
  /** Whether queues are read; what is rung meanwhile waits in them. */
  listen(isOn: boolean): void;
  /** A message is in a queue: they are read at once, as by Lambda's long polls. Without it a second may pass. */
  rung(): void;
  invoke(name: string, event: unknown): Promise<Invoked>;
  /** Environments of a function that are alive. */
  environments(name: string): readonly ExecutionEnvironment[];
  disturb(disturbance: Disturbance): void;
  /** What ended an environment in the middle of an event, each time. */
  ended(): readonly string[];
  /** Milliseconds that each cold start took, by function. */
  coldStarts(name: string): readonly number[];
  close(): Promise<void>;
}

class Pool {
  readonly settings: HostedFunction;
  readonly sqs: SQSClient;
  readonly all = new Set<ExecutionEnvironment>();
  readonly initMs: number[] = [];
  readonly ended: string[] = [];
  readonly #idle: ExecutionEnvironment[] = [];

  constructor(settings: HostedFunction, sqs: SQSClient) {
    this.settings = settings;
    this.sqs = sqs;
  }

  async invoke(event: unknown): Promise<Invoked> {
    let environment = this.#idle.pop();
    while (environment?.isOver) environment = this.#idle.pop();
    try {
      environment ??= await this.#start();
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { is: 'failed', error: { errorType: 'Runtime.InitError', errorMessage } };
    }
    const invoked = await environment.invoke(event);
    this.settings.heard?.(invoked);
    if (invoked.is === 'failed' && /^(Sandbox|Runtime)\./.test(invoked.error.errorType))
      this.ended.push(`${this.settings.name}: ${invoked.error.errorMessage}`);
    if (environment.isOver) this.all.delete(environment);
    else this.#idle.push(environment);
    return invoked;
  }

  async end(): Promise<void> {
    for (const one of this.all) await one.end();
  }

  async close(): Promise<void> {
    await this.end();
    this.sqs.destroy();
  }

  async #start(): Promise<ExecutionEnvironment> {
    const environment = await ExecutionEnvironment.start(this.settings);
    this.all.add(environment);
    this.initMs.push(environment.initMs);
    return environment;
  }
}

const eventOf = ({ Body, MessageId }: Message) => ({
  Records: [{ messageId: MessageId, body: Body, eventSource: 'aws:sqs', attributes: {}, messageAttributes: {} }],
});

/** Lambda refuses a queue whose messages come back while a function may still be at work on them. */
async function requireTime(sqs: SQSClient, url: string, { name, timeoutMs }: HostedFunction): Promise<void> {
  const AttributeNames = ['VisibilityTimeout' as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames }));
  if (Number(Attributes?.VisibilityTimeout) * 1_000 < timeoutMs)
    throw new Error(`${name}: messages of ${url} come back before its ${timeoutMs} ms are over`);
}

const POLL_MS = 1_000;

/** What all who read queues wait for. */
class Call {
  #next = Promise.withResolvers<void>();

  now(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  /** A call from this moment on; without one it comes by itself after a while. */
  next(): Promise<void> {
    const over = new AbortController();
    const late = setTimeout(POLL_MS, undefined, { signal: over.signal }).catch(() => undefined);
    return Promise.race([this.#next.promise, late]).finally(() => over.abort());
  }
}

interface Feeding {
  readonly stop: AbortSignal;
  readonly isListening: () => boolean;
  readonly disturbance: () => Disturbance;
  readonly call: Call;
}

/** Feeds one function from one queue until told to stop. A message is removed when the function answered, and comes back when it failed. */
async function feed(pool: Pool, url: string, from: Feeding): Promise<void> {
  const { stop, isListening, disturbance, call } = from;
  const { sqs } = pool;
  const remove = ({ ReceiptHandle }: Message) => sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  const handle = async (message: Message): Promise<void> => {
    const { twice, lost } = disturbance();
    if (lost?.(message.Body ?? '')) return void (await remove(message));
    const invoked = await Promise.all([
      pool.invoke(eventOf(message)),
      ...(twice?.(message.Body ?? '') ? [pool.invoke(eventOf(message))] : []),
    ]);
    if (invoked.every(({ is }) => is === 'answered')) await remove(message);
  };
  const working = new Set<Promise<void>>();
  while (!stop.aborted) {
    const called = call.next();
    const room = pool.settings.concurrency - working.size;
    if (room > 0 && isListening()) {
      const received = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: Math.min(10, room), WaitTimeSeconds: 0 }),
      );
      for (const message of received.Messages ?? []) {
        const work: Promise<void> = handle(message).finally(() => {
          working.delete(work);
          call.now();
        });
        working.add(work);
      }
    }
    await called;
  }
  await Promise.all(working);
}

/** Nothing is hosted, and no queue is read, until the first `replace`. `sqsOf`: as the role of the function, with which Lambda takes its messages. */
export function startHost(sqsOf: (of: HostedFunction) => SQSClient): Host {
  const stop = new AbortController();
  let pools = new Map<string, Pool>();
  let disturbance: Disturbance = {};
  let isListening = false;
  const call = new Call();
  let feeding: Promise<void>[] = [];
  let retire = new AbortController();
  const poolOf = (name: string): Pool => {
    const pool = pools.get(name);
    if (!pool) throw new Error(`there is no function ${name}`);
    return pool;
  };
  /** As a deployment does: environments of the old code finish what they are at and get no more. */
  const empty = async (): Promise<void> => {
    retire.abort();
    call.now();
    await Promise.all(feeding);
    for (const pool of pools.values()) await pool.close();
  };
  return {
    replace: async (functions) => {
      await empty();
      retire = new AbortController();
      pools = new Map(functions.map((one) => [one.name, new Pool(one, sqsOf(one))]));
      const until = { call, stop: AbortSignal.any([stop.signal, retire.signal]), isListening: () => isListening };
      const fed = [...pools.values()].flatMap((pool) => pool.settings.queues.map((url) => ({ pool, url })));
      await Promise.all(fed.map(({ pool, url }) => requireTime(pool.sqs, url, pool.settings)));
      feeding = fed.map(({ pool, url }) => feed(pool, url, { ...until, disturbance: () => disturbance }));
    },
    invoke: (name, event) => poolOf(name).invoke(event),
    listen: (isOn) => {
      isListening = isOn;
      call.now();
    },
    rung: () => call.now(),
    environments: (name) => [...poolOf(name).all].filter(({ isOver }) => !isOver),
    disturb: (next) => {
      disturbance = next;
    },
    ended: () => [...pools.values()].flatMap(({ ended }) => ended),
    coldStarts: (name) => poolOf(name).initMs,
    close: async () => {
      stop.abort();
      call.now();
      for (const pool of pools.values()) await pool.end();
      await empty();
    },
  };
}
