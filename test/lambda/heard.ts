/** All that goes through the endpoint of a service: held to the policies of who asks, and kept, so that it can be searched. */
import type { Gate } from '../iam/gate.ts';
import type { WireRequest } from '../iam/wire.ts';
import type { Invoked } from './execution-environment.ts';
import type { AwsCall, FrontOptions } from './front.ts';

export interface DataKey {
  readonly plain: Buffer;
  readonly wrapped: Buffer;
  /** What it is bound to. */
  readonly context: Readonly<Record<string, string>>;
}

/** What a function, or whoever uses the service, has asked of AWS and got an answer to. */
export interface Answer {
  readonly call: AwsCall;
  /** Milliseconds of performance.now(). */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of both bodies. */
  readonly bytes: number;
}

export interface Heard {
  /** Everything that the functions have printed. */
  readonly log: readonly string[];
  /** What came of every event of a function. */
  readonly invoked: readonly Invoked[];
  /** All that was asked at the endpoint and passed on; a role's name is the access key id of its function. */
  readonly answers: readonly Answer[];
  /** Data keys in clear, as KMS has handed them out. */
  readonly dataKeys: readonly DataKey[];
}

export type Hears = { readonly [K in keyof Heard]: Heard[K][number][] };

/** The service's own: a scenario counts what reaches the world, not where its rows are. */
export const STATE = new Set(['dynamodb', 's3', 'sqs', 'kms', 'events']);

/** What is denied by the policies of the templates is no part of the product's own words. */
const wireOf = ({ path, ...call }: AwsCall): WireRequest => {
  const at = path.indexOf('?');
  return { ...call, path: at < 0 ? path : path.slice(0, at), query: at < 0 ? '' : path.slice(at) };
};

const bytesIn = (json: unknown): Buffer => Buffer.from(String(json), 'base64');

/** The data key of an answer of KMS, where it has one. */
function dataKeyIn(call: AwsCall, body: Buffer): readonly DataKey[] {
  const asked = JSON.parse(call.body.toString()) as Partial<Record<'CiphertextBlob', string>> & {
    readonly EncryptionContext?: DataKey['context'];
  };
  const { Plaintext, CiphertextBlob = asked.CiphertextBlob } = JSON.parse(body.toString());
  if (Plaintext === undefined) return [];
  const { EncryptionContext: context = {} } = asked;
  return [{ plain: bytesIn(Plaintext), wrapped: bytesIn(CiphertextBlob), context }];
}

/** Whether it put a message into a queue. */
const isRing = ({ service, headers }: AwsCall): boolean =>
  service === 'sqs' && String(headers['x-amz-target']).endsWith('.SendMessage');

/** The gate as the front asks it, with what was asked kept, and with rings that are heard; who is no function may do everything. */
export function guarded(
  gate: () => Gate | undefined,
  { answers, dataKeys }: Hears,
  rung: () => void,
): Pick<FrontOptions, 'check' | 'answered'> {
  const since = new WeakMap<AwsCall, number>();
  return {
    check: (call) => {
      since.set(call, performance.now());
      if (!gate()?.knows(call)) return undefined;
      const verdict = gate()?.judge(wireOf(call));
      return verdict?.is === 'denied' ? verdict.answer : undefined;
    },
    answered: (call, status, body) => {
      const endedAt = performance.now();
      answers.push({ call, startedAt: since.get(call) ?? endedAt, endedAt, bytes: call.body.length + body.length });
      if (call.service === 'kms') dataKeys.push(...dataKeyIn(call, body));
      if (isRing(call)) rung();
      if (!gate()?.knows(call)) return undefined;
      const verdict = gate()?.answered(wireOf(call), { status, body: body.toString() });
      return verdict?.is === 'denied' ? verdict.answer : undefined;
    },
  };
}
