/** Looks for keys wherever a run leaves traces: output, files, requests. Each key may be only where it was sent on purpose. */
import { globSync, readFileSync, statSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { type Heard, STATE } from '../../lambda/heard.ts';
import { formsOfBytes, formsOfKey, formsOfText } from './key-forms.ts';
import type { Recorded } from './recorder.ts';
import type { Registered, Trace } from './traces.ts';
import type { NolapseResult, QueueMessage } from './world.ts';

export const registeredKey = (name: string, pem: string, isDelivered = false): Registered => ({
  name,
  forms: formsOfKey(pem),
  isDelivered,
});

export const registeredText = (name: string, text: string): Registered => ({
  name,
  forms: formsOfText(text),
  isDelivered: false,
});

export const registeredBytes = (name: string, bytes: Buffer): Registered => ({
  name,
  forms: formsOfBytes(bytes),
  isDelivered: false,
});

export const tracesOfOutput = (command: string, { stdout, stderr }: NolapseResult): readonly Trace[] => [
  { where: `stdout of ${command}`, content: Buffer.from(stdout) },
  { where: `stderr of ${command}`, content: Buffer.from(stderr) },
];

/** What subscribers of the topic have got. */
export const tracesOfMessages = (messages: readonly QueueMessage[]): readonly Trace[] =>
  messages.map((message, n) => ({ where: `message ${n}`, content: Buffer.from(JSON.stringify(message)) }));

/** Every file below the folder but those that `isInput` names: what its user put there. */
export const tracesInFolder = (folder: string, isInput: (path: string) => boolean = () => false): readonly Trace[] =>
  globSync('**/*', { cwd: folder, exclude: (path) => path === 'node_modules' })
    .concat(globSync('**/.*', { cwd: folder }), globSync('**/.*/**/*', { cwd: folder }))
    .filter((path) => !isInput(path) && statSync(join(folder, path)).isFile())
    .map((path) => ({ where: `file ${path}`, content: readFileSync(join(folder, path)) }));

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const without = (value: unknown, keys: readonly string[]): unknown =>
  isMap(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))) : value;

/** The body of a write to a Secret or to Secrets Manager, without the one field that must carry the key. */
function beyondDelivery({ kind, operation, requestBody }: Recorded): Buffer | undefined {
  const body = parsed(requestBody.toString());
  if (kind !== 'write' || !isMap(body)) return undefined;
  if (/^(POST|PATCH) \/api\/v1\/namespaces\/[^/]+\/secrets(\/[^/]+)?$/.test(operation))
    return Buffer.from(JSON.stringify({ ...body, data: without(body.data, ['tls.key']) }));
  if (/^secretsmanager (CreateSecret|PutSecretValue)$/.test(operation)) {
    const SecretString = JSON.stringify(without(parsed(String(body.SecretString)), ['tls.key', 'private_key']));
    return Buffer.from(JSON.stringify({ ...body, SecretString }));
  }
  return undefined;
}

/** A JWS and a form hide their text from a plain search. */
function readable(body: string): string {
  const jws = parsed(body);
  if (isMap(jws) && typeof jws.payload === 'string')
    return [jws.payload, String(jws.protected)].map((part) => Buffer.from(part, 'base64url').toString()).join('\n');
  return /^[\w.+%~-]+=/.test(body) ? new URLSearchParams(body).toString().replaceAll('+', ' ') + decoded(body) : '';
}

const decoded = (form: string): string => [...new URLSearchParams(form)].flat().join('\n');

/** A request as a whole, but for the header that authenticates it. */
function whole(line: string, { authorization: _, ...headers }: IncomingHttpHeaders, body: Buffer): Buffer {
  const head = Buffer.from(`${line} ${JSON.stringify(headers)}\n`);
  return Buffer.concat([head, body, Buffer.from(readable(body.toString()))]);
}

export const tracesOfRequests = (seen: readonly Recorded[]): readonly Trace[] =>
  seen.map((request) => {
    const rest = beyondDelivery(request);
    const line = `${request.operation} ${request.path}${request.query}`;
    return {
      where: `request ${request.n} ${request.server} ${request.operation}`,
      content: whole(line, request.requestHeaders, request.requestBody),
      ...(rest ? { beyondDelivery: whole(line, request.requestHeaders, rest) } : {}),
    };
  });

/** What a service has printed, answered, and asked to be kept: rows, blobs, messages in queues, events. */
export const tracesOfService = ({ log, invoked, answers }: Heard): readonly Trace[] => [
  { where: 'the logs of the functions', content: Buffer.from(log.join('\n')) },
  ...invoked.map((one) => ({ where: `what a function ${one.is}`, content: Buffer.from(JSON.stringify(one)) })),
  // what is not the service's own is the recorder's
  ...answers
    .filter(({ call }) => STATE.has(call.service))
    .map(({ call: { service, accessKeyId, method, path, headers, body } }) => ({
      where: `${service} ${headers['x-amz-target'] ?? method} by ${accessKeyId}`,
      content: whole(`${method} ${path}`, headers, body),
    })),
];

const ANY_KEY = 'PRIVATE KEY-----';

/** One sentence for each registered secret in each trace, and for each key that nobody registered. */
export function leaksIn(traces: readonly Trace[], registered: readonly Registered[]): readonly string[] {
  return traces.flatMap(({ where, content, beyondDelivery }) => {
    const known = registered.flatMap(({ name, forms, isDelivered }) => {
      const searched = isDelivered && beyondDelivery ? beyondDelivery : content;
      return forms.flatMap(({ encoding, needles }) =>
        needles.some((needle) => searched.includes(needle)) ? [`${where}: ${name} as ${encoding}`] : [],
      );
    });
    return (beyondDelivery ?? content).includes(ANY_KEY) ? [...known, `${where}: a private key in PEM`] : known;
  });
}
