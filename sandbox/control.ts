/** The back door of a part, under `/_sandbox/`: faults to come, each for a number of times, and the requests seen so far. */
import { type Answer, type Asked, json } from './listen.ts';

/** The next requests that match are answered so instead of being understood. */
export interface AnswerFault {
  readonly kind: 'answer';
  readonly method?: string;
  /** A substring of the path. */
  readonly path: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly count?: number;
}

/** `count` is how often it strikes; absent = until `DELETE /_sandbox/faults`. */
export interface CountedFault {
  readonly kind: string;
  readonly count?: number;
}

export interface Seen {
  /** Counted from 1. */
  readonly n: number;
  readonly method: string;
  readonly path: string;
  /** What was asked in the words of the protocol. */
  readonly kind: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly names?: readonly string[];
  /** What an API server calls the request, and who asked. */
  readonly verb?: string;
  readonly user?: string;
  /** Of the answer, where that was known when the request was noted; 0 = none. */
  readonly status?: number;
}

interface Armed<F> {
  readonly fault: F;
  left: number;
}

const isFault = (value: unknown): value is CountedFault =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';

/** The faults and the request log of one part. */
export class Control<F extends CountedFault> {
  readonly #kinds: readonly F['kind'][];
  readonly #seen: Seen[] = [];
  #armed: Armed<F | AnswerFault>[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(kinds: readonly F['kind'][]) {
    this.#kinds = kinds;
  }

  /** Takes one strike of a fault of that kind that matches; undefined = all is well. */
  take<K extends F['kind']>(
    kind: K,
    matches: (fault: Extract<F, { kind: K }>) => boolean = () => true,
  ): Extract<F, { kind: K }> | undefined {
    const found = this.#strike((fault) => fault.kind === kind && matches(fault as Extract<F, { kind: K }>));
    return found as Extract<F, { kind: K }> | undefined;
  }

  /** What a fault holds back goes on once the faults are cleared. */
  whenCleared(goOn: () => void): void {
    this.#waiting.push(goOn);
  }

  see(request: Omit<Seen, 'n' | 'at'>): void {
    this.#seen.push({ n: this.#seen.length + 1, ...request, at: Date.now() });
  }

  /** Answers what belongs to the back door, and requests that an `answer` fault waits for. */
  intercept(asked: Asked): Answer | undefined {
    if (asked.path === '/_sandbox/requests') return json(this.#seen);
    if (asked.path === '/_sandbox/faults') return this.#faults(asked);
    const struck = this.#strike(
      (fault) =>
        isAnswerFault(fault) && asked.path.includes(fault.path) && (fault.method ?? asked.method) === asked.method,
    );
    if (!struck || !isAnswerFault(struck)) return undefined;
    this.see({ method: asked.method, path: asked.path, kind: 'answered by a fault' });
    return { status: struck.status, headers: struck.headers ?? {}, body: struck.body ?? '' };
  }

  #strike(matches: (fault: F | AnswerFault) => boolean): F | AnswerFault | undefined {
    const armed = this.#armed.find((one) => one.left > 0 && matches(one.fault));
    if (armed) armed.left -= 1;
    return armed?.fault;
  }

  #faults(asked: Asked): Answer {
    if (asked.method === 'DELETE') {
      this.#armed = [];
      for (const goOn of this.#waiting.splice(0)) goOn();
    } else if (asked.method === 'POST') {
      const fault: unknown = JSON.parse(asked.body.toString());
      const allowed = ['answer', ...this.#kinds];
      if (!isFault(fault) || !allowed.includes(fault.kind))
        return json({ error: `a fault has one of the kinds ${allowed.join(', ')}` }, 400);
      this.#armed.push({ fault: fault as F | AnswerFault, left: fault.count ?? Number.POSITIVE_INFINITY });
    }
    return json(this.#armed.filter((one) => one.left > 0).map((one) => one.fault));
  }
}

const isAnswerFault = (fault: CountedFault): fault is AnswerFault => fault.kind === 'answer';
