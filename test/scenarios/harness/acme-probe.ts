/** The least of RFC 8555 that shows whether a CA sees a TXT value: account, order, challenge, verdict. Issues nothing; no part of the product. */
import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, FlattenedSign, generateKeyPair, type JWK } from 'jose';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
}

interface Authorization {
  readonly status: string;
  readonly challenges: readonly { readonly type: string; readonly url: string; readonly token: string }[];
}

export interface ProbeOptions {
  readonly directory: string;
  readonly caPem: string;
  readonly profile: string;
  readonly name: string;
}

export interface Probe {
  /** The TXT value that the CA will look for at `_acme-challenge.<name>`. */
  readonly value: string;
  /** Answers the challenge and waits for `valid` or `invalid`. */
  verdict(): Promise<string>;
}

const VERDICT_MS = 120_000;

function send(url: string, ca: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'acme-probe', ...(body ? { 'content-type': 'application/jose+json' } : {}) };
    request(url, { method: body === undefined ? 'GET' : 'POST', ca, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = String(answer.headers['content-type'] ?? '').includes('json');
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: isJson ? JSON.parse(text) : text });
      });
    })
      .on('error', reject)
      .end(body);
  });
}

type Post = (url: string, payload?: unknown) => Promise<Answer>;

/** A signer with a new key. Repeats a request whose nonce was refused (RFC 8555 §6.5). */
async function signer(directory: Directory, ca: string): Promise<{ readonly post: Post; readonly jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  let kid: string | undefined;
  const post: Post = async (url, payload) => {
    const { headers } = await send(directory.newNonce, ca);
    const nonce = String(headers['replay-nonce']);
    const text = new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
    const jws = await new FlattenedSign(text)
      .setProtectedHeader({ alg: 'ES256', nonce, url, ...(kid ? { kid } : { jwk }) })
      .sign(privateKey);
    const answer = await send(url, ca, JSON.stringify(jws));
    if (answer.status === 400 && JSON.stringify(answer.body).includes('badNonce')) return post(url, payload);
    if (answer.status >= 400) throw new Error(`${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (url === directory.newAccount) kid = String(answer.headers.location);
    return answer;
  };
  return { post, jwk };
}

/** Orders one name and stops before its challenge is answered. */
export async function probe({ directory: directoryUrl, caPem, profile, name }: ProbeOptions): Promise<Probe> {
  const directory = (await send(directoryUrl, caPem)).body as Directory;
  const { post, jwk } = await signer(directory, caPem);
  await post(directory.newAccount, { termsOfServiceAgreed: true });
  const order = await post(directory.newOrder, { profile, identifiers: [{ type: 'dns', value: name }] });
  const [url = ''] = (order.body as { authorizations: readonly string[] }).authorizations;
  const authorization = (await post(url)).body as Authorization;
  const challenge = authorization.challenges.find(({ type }) => type === 'dns-01');
  if (!challenge) throw new Error(`${name}: no dns-01 challenge is offered`);
  const proof = `${challenge.token}.${await calculateJwkThumbprint(jwk)}`;
  return {
    value: createHash('sha256').update(proof).digest('base64url'),
    verdict: async () => {
      await post(challenge.url, {});
      const until = performance.now() + VERDICT_MS;
      for (;;) {
        const { status } = (await post(url)).body as Authorization;
        if (status !== 'pending') return status;
        if (performance.now() > until) throw new Error(`${name}: still pending after ${VERDICT_MS} ms`);
        await pause(100);
      }
    },
  };
}
