/** Orders, authorizations and chains as a CA sends them (RFC 8555 §7.1), read into what a step needs; nothing is believed unread. */
import { X509Certificate } from 'node:crypto';
import type { Iso } from '../../contract/ids.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { requireHttps } from './directory.ts';

export interface Order {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly expires?: Iso;
  readonly identifiers: readonly Identifier[];
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: unknown;
}

export interface Identifier {
  readonly type: string;
  readonly value: string;
}

export interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly expires?: Iso;
  readonly identifier: Identifier;
  readonly wildcard: boolean;
  readonly challenges: readonly Challenge[];
}

/** Of any type; `token` only where it is one (RFC 8555 §8: base64url characters). */
export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token?: string;
  readonly error?: unknown;
}

const ORDER = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
const AUTHORIZATION = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;

type Fields = Readonly<Record<string, unknown>>;

const strange = (what: string): ProblemError =>
  new ProblemError({
    type: 'nolapse:strange-answer',
    detail: `the CA's answer cannot be used: ${what}`,
    retry: 'later',
  } satisfies Problem);

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw strange(`${what} is no JSON object`);
}

function oneOf<T extends string>(value: unknown, words: readonly T[], what: string): T {
  const found = words.find((word) => word === value);
  if (found) return found;
  throw strange(`${what} has the status ${JSON.stringify(value)}, none of ${words.join(', ')}`);
}

function urlIn(value: unknown, what: string): string {
  if (typeof value !== 'string') throw strange(`${what} is no URL`);
  return requireHttps(value, what);
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function expiryIn({ expires }: Fields): { readonly expires?: Iso } {
  const at = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
  return Number.isNaN(at) ? {} : { expires: new Date(at).toISOString() };
}

function identifierOf(value: unknown): Identifier {
  const fields = fieldsOf(value, 'an identifier');
  return { type: String(fields.type), value: String(fields.value).toLowerCase() };
}

/** Throws ProblemError `nolapse:strange-answer` (later). */
export function readOrder(value: unknown): Order {
  const fields = fieldsOf(value, 'the order');
  return {
    status: oneOf(fields.status, ORDER, 'the order'),
    ...expiryIn(fields),
    identifiers: listIn(fields.identifiers).map(identifierOf),
    authorizations: listIn(fields.authorizations).map((url) => urlIn(url, "the order's authorization")),
    finalize: urlIn(fields.finalize, "the order's finalize"),
    ...(fields.certificate === undefined ? {} : { certificate: urlIn(fields.certificate, "the order's certificate") }),
    ...(fields.error === undefined ? {} : { error: fields.error }),
  };
}

/** Throws ProblemError `nolapse:strange-answer` (later). Challenges of unknown types are kept: the caller takes those it knows. */
export function readAuthorization(value: unknown): Authorization {
  const fields = fieldsOf(value, 'the authorization');
  const challenges = listIn(fields.challenges).map((one): Challenge => {
    const challenge = fieldsOf(one, 'a challenge');
    const { token } = challenge;
    return {
      type: String(challenge.type),
      url: urlIn(challenge.url, "the challenge's URL"),
      status: String(challenge.status),
      ...(typeof token === 'string' && /^[A-Za-z0-9_-]{1,512}$/.test(token) ? { token } : {}),
      ...(challenge.error === undefined ? {} : { error: challenge.error }),
    };
  });
  return {
    status: oneOf(fields.status, AUTHORIZATION, 'the authorization'),
    ...expiryIn(fields),
    identifier: identifierOf(fields.identifier),
    wildcard: fields.wildcard === true,
    challenges,
  };
}

/** The name as it was ordered, `*.` included. */
export const orderedName = ({ identifier, wildcard }: Pick<Authorization, 'identifier' | 'wildcard'>): string =>
  wildcard ? `*.${identifier.value}` : identifier.value;

/** The order is for these names and no others. Throws ProblemError `nolapse:strange-answer` (later). */
export function requireIdentifiers(order: Order, wanted: readonly Identifier[]): void {
  const text = (all: readonly Identifier[]): string =>
    all
      .map(({ type, value }) => `${type}:${value}`)
      .sort()
      .join(' ');
  const [got, asked] = [text(order.identifiers), text(wanted)];
  if (got !== asked) throw strange(`the order is for ${got || 'nothing'}, asked was ${asked}`);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** A chain as PEM, leaf first, reduced to its certificates (RFC 8555 §9.1). Throws ProblemError `nolapse:strange-answer` (later). */
export function readChain(body: unknown): string {
  const blocks = typeof body === 'string' ? (body.match(CERTIFICATE) ?? []) : [];
  if (blocks.length === 0) throw strange('it holds no certificate');
  for (const block of blocks) requireCertificate(block);
  return `${blocks.join('\n')}\n`;
}

function requireCertificate(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw strange(`a certificate of the chain cannot be read (${cause instanceof Error ? cause.message : cause})`);
  }
}

/** The common name of the issuer of a chain's last certificate: what `preferredChain` names. */
export function topIssuer(chainPem: string): string | undefined {
  const top = chainPem.match(CERTIFICATE)?.at(-1);
  if (!top) return undefined;
  return /^CN=(.*)$/m.exec(new X509Certificate(top).issuer)?.[1];
}
