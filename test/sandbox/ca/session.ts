/** A bare ACME client for tests: every request as it is wanted, also wrong ones; nonces are fetched, answers are not judged. */
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import * as https from 'node:https';
import * as x509 from '@peculiar/x509';
import { base64url, calculateJwkThumbprint, exportJWK, FlattenedSign, generateKeyPair, type JWK } from 'jose';

export interface AcmeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Wrong {
  /** Laid over the protected header; undefined takes a member away. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly contentType?: string;
  readonly method?: string;
}

interface Sent {
  readonly method: string;
  readonly body?: string;
  readonly contentType?: string;
}

export function send(url: string, ca: string, { method, body, contentType }: Sent): Promise<AcmeAnswer> {
  return new Promise((resolve, reject) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const request = https.request(url, { method, headers, ca, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = /json/.test(answer.headers['content-type'] ?? '') && text !== '';
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
        });
      });
    });
    request.on('error', reject).end(body);
  });
}

export interface KeyPair {
  readonly privateKey: webcrypto.CryptoKey;
  readonly jwk: JWK;
  readonly alg: string;
}

export async function accountKey(alg = 'ES256'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey), alg };
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** base64url of a CSR's DER and the key behind it. */
export async function makeCsr(
  names: readonly string[],
  algorithm: { readonly name: string; readonly [option: string]: unknown } = ECDSA,
): Promise<{ readonly csr: string; readonly spki: Buffer }> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm as never,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  });
  const spki = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  return { csr: base64url.encode(new Uint8Array(request.rawData)), spki };
}

export interface SessionOptions {
  readonly directory: string;
  readonly tlsCaPem: string;
  readonly key?: KeyPair;
}

export class AcmeSession {
  readonly key: KeyPair;
  readonly origin: string;
  readonly #ca: string;
  kid: string | undefined;

  constructor(options: SessionOptions & { readonly key: KeyPair }) {
    this.key = options.key;
    this.origin = new URL(options.directory).origin;
    this.#ca = options.tlsCaPem;
  }

  /** A session with a registered account. */
  static async open(options: SessionOptions, registration: object = {}): Promise<AcmeSession> {
    const session = new AcmeSession({ ...options, key: options.key ?? (await accountKey()) });
    await session.register(registration);
    return session;
  }

  async register(registration: object = {}): Promise<AcmeAnswer> {
    this.kid = undefined;
    const answer = await this.post('/account', { termsOfServiceAgreed: true, ...registration });
    if (answer.status < 300) this.kid = String(answer.headers.location);
    return answer;
  }

  get(path: string, method = 'GET'): Promise<AcmeAnswer> {
    return send(this.#url(path), this.#ca, { method });
  }

  async nonce(): Promise<string> {
    return String((await this.get('/nonce', 'HEAD')).headers['replay-nonce']);
  }

  /** `payload` undefined = POST-as-GET. */
  async post(path: string, payload?: unknown, wrong: Wrong = {}): Promise<AcmeAnswer> {
    const url = this.#url(path);
    const signer = this.kid === undefined ? { jwk: this.key.jwk } : { kid: this.kid };
    const header = { alg: this.key.alg, nonce: await this.nonce(), url, ...signer, ...wrong.header };
    const kept = Object.fromEntries(Object.entries(header).filter(([, value]) => value !== undefined));
    const bytes = new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
    const jws = await new FlattenedSign(bytes).setProtectedHeader(kept as never).sign(this.key.privateKey);
    const { method = 'POST', contentType = 'application/jose+json' } = wrong;
    return send(url, this.#ca, { method, body: JSON.stringify(jws), contentType });
  }

  order(names: readonly string[], extra: object = {}): Promise<AcmeAnswer> {
    return this.post('/order', { identifiers: names.map((value) => ({ type: 'dns', value })), ...extra });
  }

  /** The authorizations of an order, in its own order. */
  authorizations(order: AcmeAnswer): Promise<readonly AcmeAnswer[]> {
    return Promise.all((order.body.authorizations as readonly string[]).map((url) => this.post(url)));
  }

  /** What dns-01 wants to see for a token. */
  async dnsValue(token: unknown): Promise<string> {
    const thumbprint = await calculateJwkThumbprint(this.key.jwk);
    return createHash('sha256').update(`${token}.${thumbprint}`).digest('base64url');
  }

  #url(path: string): string {
    return path.startsWith('https:') ? path : this.origin + path;
  }
}

export interface ChallengeView {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly status: string;
  readonly error?: { readonly type: string; readonly detail: string };
}

export const challengesOf = (authorization: AcmeAnswer): readonly ChallengeView[] =>
  authorization.body.challenges as readonly ChallengeView[];

/** The dns-01 challenge of an authorization. */
export function dns01Of(authorization: AcmeAnswer): ChallengeView {
  const found = challengesOf(authorization).find((one) => one.type === 'dns-01');
  if (!found) throw new TypeError(`no dns-01 challenge: ${authorization.text}`);
  return found;
}
