/** What a client of the AWS SDK puts on the wire, taken just before it would leave. */
import type { WireRequest } from './wire.ts';

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Settings for a client that signs as `accessKeyId`. */
export interface ClientSettings {
  readonly region: string;
  readonly endpoint: string;
  readonly maxAttempts: number;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler?: { handle(request: SdkRequest): Promise<never> };
}

class Taken extends Error {}

function queryOf(query: SdkRequest['query'] = {}): string {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value ?? ''].flat().map((one): [string, string] => [name, one])),
  );
  return search.size > 0 ? `?${search}` : '';
}

/** The one request of what `send` does with a client of these settings. */
export async function wireOf(
  as: { readonly accessKeyId: string; readonly region: string },
  send: (settings: ClientSettings) => Promise<unknown>,
): Promise<WireRequest> {
  let taken: WireRequest | undefined;
  const handle = async ({ method, path, query, headers, body = '' }: SdkRequest): Promise<never> => {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.copyBytesFrom(body);
    taken = { method, path, query: queryOf(query), headers: Object.fromEntries(lower), body: bytes };
    throw new Taken();
  };
  const { accessKeyId, region } = as;
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  const settings = { region, endpoint: 'http://127.0.0.1:1', maxAttempts: 1, credentials, requestHandler: { handle } };
  await send(settings).catch((error: unknown) => {
    if (!(error instanceof Taken)) throw error;
  });
  if (!taken) throw new Error('nothing was sent');
  return taken;
}
