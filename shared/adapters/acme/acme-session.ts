/** One account at one directory, ready to sign: acme-client's JWS and resources over our own transport. */
import Client from 'acme-client/src/client.js';
import type { Directory } from '../../standards/acme/directory.ts';
import type { AcmeTransport } from './acme-transport.ts';

export type AcmeResponse = Client.AcmeResponse;

export interface SessionOptions {
  readonly server: string;
  readonly directory: Directory;
  readonly transport: AcmeTransport;
  /** PEM. */
  readonly accountKey: Buffer;
  /** Absent until the account is registered. */
  readonly accountUrl?: string;
}

export interface AcmeSession {
  readonly directory: Directory;
  readonly client: Client;
}

const dataOf = (headers: AcmeResponse['headers'], body: string): unknown => {
  if (!/json/.test(headers['content-type'] ?? '')) return body;
  try {
    return JSON.parse(body);
  } catch {
    // what reads the resource says that it is no JSON object
    return body;
  }
};

/** Every request of the client goes through the transport: success is an answer, everything else a ProblemError. */
export function makeSession(options: SessionOptions): AcmeSession {
  const { server, directory, transport, accountKey, accountUrl } = options;
  const client = new Client({ directoryUrl: server, accountKey, accountUrl: accountUrl ?? null });
  const { http, api } = client;
  http.getDirectory = async () => directory;
  api.apiRequest = async (url, payload = null, _statuses, { includeJwsKid = true } = {}) => {
    const kid = includeJwsKid ? api.getAccountUrl() : null;
    const sign = (nonce: string): object => http.createSignedBody(url, payload, { nonce, kid });
    const { status, headers, body } = await transport.post(url, sign, directory);
    return { status, headers, data: dataOf(headers, body) };
  };
  return { directory, client };
}
