/** What the part `ca` is told, what it says once it is ready, and the faults it can be given. */

export interface Profile {
  readonly description: string;
  readonly seconds: number;
  readonly maxNames: number;
  /** Whether the subject names the first name that fits into 64 characters. */
  readonly commonName: boolean;
}

export interface CaConfig {
  /** `host:port` of every name server that must have a challenge's value. */
  readonly nameServers: readonly string[];
  /** Share of good nonces that are refused; default 0.05. */
  readonly badNonce?: number;
  /** From the answer to a challenge to the first question to DNS; default 0. */
  readonly validationDelayMs?: number;
  /** How long a name server may take; default 2,000. */
  readonly dnsTimeoutMs?: number;
  /** By name; the first is taken where an order names none. Default: classic, tlsserver, shortlived of Let's Encrypt. */
  readonly profiles?: Readonly<Record<string, Profile>>;
  readonly requireEab?: boolean;
  /** base64url HMAC keys by key id. */
  readonly eabKeys?: Readonly<Record<string, string>>;
  /** How long certificates of the first profile live; default 90 days. */
  readonly certificateSeconds?: number;
  /** Whether valid authorizations count for later orders; default no. */
  readonly authzReuse?: boolean;
  /** Retry-After of what is not ready yet, in seconds; default 1. */
  readonly retryAfter?: number;
  /** Names, with all below them, that are refused; default `blocked-domain.example`. */
  readonly blocked?: readonly string[];
  /** For refused nonces and the order of challenges; default random. */
  readonly seed?: number;
}

export interface CaReady {
  readonly directory: string;
  /** Root of the directory's own TLS. */
  readonly tlsCaPem: string;
  readonly rootPem: string;
  readonly intermediatePem: string;
  /** Root of the alternate chain. */
  readonly alternateRootPem: string;
}

/** `name`: only requests for that name (`*.` as ordered); absent = any. */
export type CaFault =
  /** newOrder answers 429; seconds, default 3,600. */
  | { readonly kind: 'rate-limited'; readonly name?: string; readonly retryAfter?: number; readonly count?: number }
  /** 503; `request` = a kind of the request log, absent = any. */
  | { readonly kind: 'unavailable'; readonly request?: string; readonly retryAfter?: number; readonly count?: number }
  /** Finalized, and processing for so many ms; absent = until the faults are cleared. */
  | { readonly kind: 'stay-processing'; readonly name?: string; readonly ms?: number; readonly count?: number }
  /** The challenge fails whatever DNS says. */
  | { readonly kind: 'invalid-authorization'; readonly name?: string; readonly count?: number }
  /** The certificate holds another key. */
  | { readonly kind: 'wrong-key'; readonly name?: string; readonly count?: number }
  /** The certificate lacks the last name. */
  | { readonly kind: 'missing-name'; readonly name?: string; readonly count?: number }
  /** The order is gone when it is next asked for or finalized. */
  | { readonly kind: 'order-expired'; readonly name?: string; readonly count?: number };

export const CA_FAULTS = [
  'rate-limited',
  'unavailable',
  'stay-processing',
  'invalid-authorization',
  'wrong-key',
  'missing-name',
  'order-expired',
] as const;

const DAY_SECONDS = 86_400;

/** Let's Encrypt's profiles of November 2026. */
export const PROFILES: Readonly<Record<string, Profile>> = {
  classic: { description: '90 days', seconds: 90 * DAY_SECONDS, maxNames: 100, commonName: true },
  tlsserver: { description: '45 days, no common name', seconds: 45 * DAY_SECONDS, maxNames: 25, commonName: false },
  shortlived: { description: '160 hours', seconds: 160 * 3_600, maxNames: 25, commonName: false },
};

/** The profiles of this CA. */
export function profilesOf({ profiles = PROFILES, certificateSeconds }: CaConfig): Readonly<Record<string, Profile>> {
  const [first] = Object.entries(profiles);
  if (!first) throw new RangeError('profiles: a CA needs at least one');
  const [name, profile] = first;
  return { ...profiles, [name]: { ...profile, seconds: certificateSeconds ?? profile.seconds } };
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
