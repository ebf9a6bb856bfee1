/**
 * AWS as the functions and the operator of a service reach it: one endpoint. Lambda and Systems Manager are answered here, from what was put
 * up; everything else goes to the servers of the world, once its sender was seen to have the right.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Invoked } from './execution-environment.ts';

export interface AwsCall {
  /** Of the SigV4 scope, e.g. `dynamodb`. */
  readonly service: string;
  /** Access key id that signed: tells who asks. */
  readonly accessKeyId: string;
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** An answer in the place of a server's: a refusal. */
export interface Answered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

export interface FrontOptions {
  /** Where a call goes on to. */
  readonly upstream: (service: string) => string;
  /** Undefined: it may go on. */
  readonly check: (call: AwsCall) => Answered | undefined;
  /** Told of every answer before it is passed on; what it returns is passed on instead. */
  readonly answered: (call: AwsCall, status: number, body: Buffer) => Answered | undefined;
  readonly invoke: (name: string, payload: unknown) => Promise<Invoked>;
  readonly parameter: (name: string) => string | undefined;
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function callOf(asked: IncomingMessage): Promise<AwsCall> {
  const [, accessKeyId = '', service = ''] =
    /Credential=([^/]+)\/\d+\/[^/]*\/([^/]+)\//.exec(asked.headers.authorization ?? '') ?? [];
  const { method = 'GET', url: path = '/', headers } = asked;
  return { service, accessKeyId, method, path, headers, body: await readAll(asked) };
}

const json = (status: number, body: unknown, headers: OutgoingHttpHeaders = {}): Answered => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
  body: JSON.stringify(body),
});

async function lambda({ path, body }: AwsCall, { invoke }: FrontOptions): Promise<Answered> {
  const name = /\/functions\/([^/]+)\/invocations/.exec(decodeURIComponent(path))?.[1];
  if (name === undefined) throw new Error(`Lambda: ${path} is not answered here`);
  const invoked = await invoke(name, JSON.parse(body.toString() || 'null'));
  if (invoked.is === 'answered') return json(200, invoked.payload ?? null);
  return json(200, invoked.error, { 'x-amz-function-error': 'Unhandled' });
}

function parameters({ body }: AwsCall, { parameter }: FrontOptions): Answered {
  const { Name } = JSON.parse(body.toString()) as { readonly Name: string };
  const Value = parameter(Name);
  if (Value === undefined) return json(400, { __type: 'ParameterNotFound', message: Name });
  return json(200, { Parameter: { Name, Value, Type: 'String' } });
}

async function passOn(call: AwsCall, { upstream, answered }: FrontOptions, response: ServerResponse): Promise<void> {
  const url = new URL(call.path, upstream(call.service));
  const headers = Object.fromEntries(Object.entries(call.headers).filter(([name]) => !HOP_BY_HOP.has(name)));
  const asking = request(url, { method: call.method, headers: { ...headers, 'content-length': call.body.length } });
  asking.end(call.body);
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const body = await readAll(answer);
  const instead = answered(call, answer.statusCode ?? 0, body);
  if (instead) return void response.writeHead(instead.status, instead.headers).end(instead.body);
  const passed = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name)));
  response.writeHead(answer.statusCode ?? 502, { ...passed, 'content-length': body.length }).end(body);
}

async function answer(asked: IncomingMessage, response: ServerResponse, options: FrontOptions): Promise<void> {
  const call = await callOf(asked);
  const own =
    options.check(call) ??
    (call.service === 'lambda'
      ? await lambda(call, options)
      : call.service === 'ssm'
        ? parameters(call, options)
        : undefined);
  if (own) response.writeHead(own.status, own.headers).end(own.body);
  else await passOn(call, options, response);
}

/** Listens on loopback; a server of the world that cannot be reached is a broken connection, as it is to who asks it itself. */
export async function startFront(options: FrontOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((asked, response) => {
    answer(asked, response, options).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
