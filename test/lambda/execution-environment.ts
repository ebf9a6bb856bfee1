/**
 * One execution environment as Lambda keeps it: a process of its own that speaks the Runtime API, starts cold, answers one event at a time,
 * is frozen between events, and is ended when an event takes longer than the function's time-out.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface FunctionSettings {
  readonly name: string;
  /** Path of the bundle. */
  readonly file: string;
  /** The function's own variables; what Lambda adds is added. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Every line that its processes print. */
  readonly log: (line: string) => void;
}

/** As Lambda's Invoke answers: the payload, or an error with how it came about. */
export type Invoked =
  | { readonly is: 'answered'; readonly payload: unknown }
  | { readonly is: 'failed'; readonly error: { readonly errorType: string; readonly errorMessage: string } };

interface Asked {
  readonly id: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  readonly answer: (invoked: Invoked) => void;
}

const BOOTSTRAP = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));
const NODE = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null');
};

export class ExecutionEnvironment {
  readonly #settings: FunctionSettings;
  readonly #server = createServer((request, response) => void this.#speak(request, response));
  readonly #ready = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #asking: ServerResponse | undefined;
  #asked: Asked | undefined;
  #count = 0;
  #isOver = false;
  /** From the start of the process to its first question for an event. */
  initMs = 0;

  private constructor(settings: FunctionSettings) {
    this.#settings = settings;
  }

  /** Resolves when the handler is loaded; rejects with what the handler's module threw. */
  static async start(settings: FunctionSettings): Promise<ExecutionEnvironment> {
    const environment = new ExecutionEnvironment(settings);
    await environment.#start();
    return environment;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async #start(): Promise<void> {
    const { name, file, variables, timeoutMs, log } = this.#settings;
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const startedAt = performance.now();
    const child = spawn(NODE, [BOOTSTRAP], {
      env: {
        ...variables,
        ...{ AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`, _HANDLER_FILE: file, AWS_LAMBDA_FUNCTION_NAME: name },
        ...{
          AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutMs / 1_000),
          TZ: ':UTC',
          AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) log(line);
      });
      stream.on('end', () => rest && log(rest));
    }
    child.on('exit', (code, signal) => {
      this.#isOver = true;
      this.#server.close();
      this.#server.closeAllConnections();
      const error = { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with ${signal ?? code}` };
      this.#ready.reject(new Error(error.errorMessage));
      this.#answer({ is: 'failed', error });
    });
    await this.#ready.promise;
    this.initMs = performance.now() - startedAt;
  }

  async #speak(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      this.#asking = response;
      this.#ready.resolve();
      return;
    }
    const body = await bodyOf(request);
    response.writeHead(202).end('{}');
    if (path === 'init/error') {
      const { errorType, errorMessage } = body as { errorType: string; errorMessage: string };
      this.#ready.reject(new Error(`${errorType}: ${errorMessage}`));
    } else if (path.endsWith('/response')) this.#answer({ is: 'answered', payload: body });
    else this.#answer({ is: 'failed', error: body as { errorType: string; errorMessage: string } });
  }

  #answer(invoked: Invoked): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.answer(invoked);
  }

  /** Hands over one event and resolves with what came of it; the process is frozen then, or ended where its time was over. */
  async invoke(event: unknown): Promise<Invoked> {
    if (this.#isOver || this.#asked)
      throw new Error(`${this.#settings.name}: an environment takes one event at a time`);
    const { timeoutMs } = this.#settings;
    const { promise, resolve } = Promise.withResolvers<Invoked>();
    this.#count += 1;
    const deadlineMs = Date.now() + timeoutMs;
    this.#asked = { id: `${this.pid}-${this.#count}`, event, deadlineMs, answer: resolve };
    this.#signal('SIGCONT');
    await this.#hand();
    const timer = setTimeout(() => {
      const errorMessage = `Task timed out after ${timeoutMs / 1_000} seconds`;
      this.#answer({ is: 'failed', error: { errorType: 'Sandbox.Timedout', errorMessage } });
      this.kill();
    }, timeoutMs);
    const invoked = await promise;
    clearTimeout(timer);
    await this.#frozen();
    return invoked;
  }

  /** The question for the next event comes a moment after the answer to the last one. */
  async #hand(): Promise<void> {
    while (!this.#asking && !this.#isOver) await new Promise((resolve) => setTimeout(resolve, 1));
    const asked = this.#asked;
    if (!asked) return;
    this.#asking?.writeHead(200, {
      'lambda-runtime-aws-request-id': asked.id,
      'lambda-runtime-deadline-ms': String(asked.deadlineMs),
      'content-type': 'application/json',
    });
    this.#asking?.end(JSON.stringify(asked.event));
    this.#asking = undefined;
  }

  async #frozen(): Promise<void> {
    while (!this.#asking && !this.#isOver) await new Promise((resolve) => setTimeout(resolve, 1));
    this.#signal('SIGSTOP');
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#child?.kill(signal);
  }

  /** Ends the process at once, as Lambda does. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async end(): Promise<void> {
    if (this.#isOver || !this.#child) return;
    const exited = once(this.#child, 'exit');
    this.kill();
    await exited;
  }
}
