/** Who signed a request and what it says (RFC 8555 §6.2-6.5): algorithm, nonce, url and key rules, then the signature, by jose. */
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, type FlattenedJWS, flattenedVerify, type JWK } from 'jose';
import type { Asked } from '../listen.ts';
import { refused } from './problem.ts';

export const ALGORITHMS = ['RS256', 'ES256', 'ES384', 'ES512'];
const MIN_RSA_BITS = 2_048;

/** Nonces that were given out and not used yet. */
export class Nonces {
  readonly #fresh = new Set<string>();
  readonly #random: () => number;
  readonly #badShare: number;

  /** `badShare` of all good nonces are refused all the same, so that clients must be able to go on. */
  constructor(badShare: number, random: () => number) {
    this.#badShare = badShare;
    this.#random = random;
  }

  give(): string {
    const nonce = randomBytes(16).toString('base64url');
    this.#fresh.add(nonce);
    return nonce;
  }

  /** Throws badNonce. */
  use(nonce: unknown): void {
    const known = typeof nonce === 'string' && this.#fresh.delete(nonce);
    if (!known || this.#random() < this.#badShare)
      throw refused('badNonce', `Unable to validate JWS :: JWS has an invalid anti-replay nonce: "${String(nonce)}"`);
  }
}

export interface Signed {
  /** Parsed JSON; undefined for the empty payload of POST-as-GET. */
  readonly payload: unknown;
  /** The account URL, or the key itself. */
  readonly by: { readonly kid: string } | { readonly jwk: JWK; readonly thumbprint: string };
}

const isFlattened = (value: unknown): value is FlattenedJWS =>
  typeof value === 'object' &&
  value !== null &&
  'protected' in value &&
  'payload' in value &&
  'signature' in value &&
  [value.protected, value.payload, value.signature].every((part) => typeof part === 'string');

function parse(asked: Asked): FlattenedJWS {
  if (!/^application\/jose\+json\b/.test(asked.headers['content-type'] ?? ''))
    throw refused('malformed', 'Invalid Content-Type header on POST. Content-Type must be "application/jose+json"', {
      status: 415,
    });
  const value = parseJson(asked.body.toString(), 'Parse error reading JWS');
  if (!isFlattened(value))
    throw refused('malformed', 'Parse error reading JWS: not in the flattened JSON serialization');
  if ('header' in value)
    throw refused('malformed', 'JWS "header" field not allowed. All headers must be in "protected" field');
  return value;
}

function parseJson(text: string, problemText: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('malformed', problemText);
  }
}

function checkKey(jwk: JWK): void {
  const bits = Buffer.from(jwk.n ?? '', 'base64url').length * 8;
  if (jwk.kty === 'RSA' ? bits < MIN_RSA_BITS : jwk.kty !== 'EC')
    throw refused('badPublicKey', jwk.kty === 'RSA' ? `key too small: ${bits}` : `unsupported key type ${jwk.kty}`);
}

export interface Opening {
  readonly nonces: Nonces;
  /** The key of an account by its URL. Throws for accounts that may not sign. */
  keyOf(kid: string): JWK;
}

/** Checks one POST. Throws AcmeError for everything that is wrong with it; the nonce is used up from the moment it was read. */
export async function openJws(asked: Asked, { nonces, keyOf }: Opening): Promise<Signed> {
  const jws = parse(asked);
  const header = protectedHeader(jws);
  if (!ALGORITHMS.includes(header.alg ?? ''))
    throw refused(
      'badSignatureAlgorithm',
      `JWS signature header contains unsupported algorithm "${header.alg}", expected one of ${ALGORITHMS.join(', ')}`,
      { algorithms: ALGORITHMS },
    );
  nonces.use(header.nonce);
  const url = asked.origin + asked.path;
  if (header.url !== url)
    throw refused('malformed', `JWS header parameter 'url' incorrect. Expected "${url}" got "${String(header.url)}"`);
  if ((header.kid === undefined) === (header.jwk === undefined))
    throw refused('malformed', 'JWS header must have exactly one of "jwk" and "kid"');
  const jwk = header.jwk ?? keyOf(String(header.kid));
  checkKey(jwk);
  const payload = await verifiedPayload(jws, jwk);
  if (header.kid !== undefined) return { payload, by: { kid: header.kid } };
  return { payload, by: { jwk, thumbprint: await calculateJwkThumbprint(jwk) } };
}

function protectedHeader(jws: FlattenedJWS) {
  try {
    return decodeProtectedHeader(jws) as { alg?: string; kid?: string; jwk?: JWK; nonce?: unknown; url?: unknown };
  } catch {
    throw refused('malformed', 'JWS "protected" field is not base64url encoded JSON');
  }
}

async function verifiedPayload(jws: FlattenedJWS, jwk: JWK): Promise<unknown> {
  const text = await flattenedVerify(jws, jwk, { algorithms: ALGORITHMS }).then(
    ({ payload }) => Buffer.from(payload).toString(),
    () => undefined,
  );
  if (text === undefined) throw refused('malformed', 'JWS verification error');
  return text === '' ? undefined : parseJson(text, 'Request payload did not parse as JSON');
}

export interface EabRules {
  /** base64url HMAC keys by key id. */
  readonly keys: Readonly<Record<string, string>>;
  readonly url: string;
  readonly thumbprint: string;
}

/** The key id of a good external account binding (RFC 8555 §7.3.4). */
export async function checkEab(binding: unknown, { keys, url, thumbprint }: EabRules): Promise<string> {
  if (!isFlattened(binding)) throw refused('malformed', 'externalAccountBinding is no flattened JWS');
  const header = protectedHeader(binding);
  const key = header.kid === undefined ? undefined : keys[header.kid];
  if (header.kid === undefined || key === undefined)
    throw refused('unauthorized', 'unknown key identifier in external account binding');
  if (header.url !== url)
    throw refused('malformed', 'the url of the external account binding is not that of the request');
  const inner = await flattenedVerify(binding, Buffer.from(key, 'base64url'), { algorithms: ['HS256'] }).then(
    ({ payload }) => JSON.parse(Buffer.from(payload).toString()) as JWK,
    () => undefined,
  );
  if (!inner) throw refused('unauthorized', 'external account binding JWS verification error');
  if ((await calculateJwkThumbprint(inner)) !== thumbprint)
    throw refused('malformed', 'the external account binding is for another key');
  return header.kid;
}
