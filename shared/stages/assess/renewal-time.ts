/** When a certificate is to be renewed: cert-manager's formula, its windows, or the instant that the CA suggested. Knows no now. */
import { createHash } from 'node:crypto';
import { Cron } from 'croner';

export interface RenewalInput {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Milliseconds before notAfter; ignored unless 0 < renewBefore < lifetime. */
  readonly renewBefore?: number;
  /** Of the lifetime that remains; ignored unless between 0 and 100. */
  readonly renewBeforePercentage?: number;
  readonly windows?: readonly {
    readonly cron: string;
    /** Milliseconds. */
    readonly windowDuration: number;
    /** IANA name; default UTC. */
    readonly timezone?: string;
  }[];
  readonly policy?: string;
  /** RFC 9773 §4.2. */
  readonly suggestedWindow?: { readonly start: Date; readonly end: Date };
}

export interface RenewalTime {
  /** Undefined: never by age. */
  readonly at: Date | undefined;
  readonly problem?: string;
}

type Windows = NonNullable<RenewalInput['windows']>;

/** Whole seconds, as certificates have them: without it an instant can come out just before the one that was stored. */
const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

function byLifetime({ notBefore, notAfter, renewBefore, renewBeforePercentage }: RenewalInput): number {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const before =
    renewBefore !== undefined && renewBefore > 0 && renewBefore < lifetime
      ? renewBefore
      : renewBeforePercentage !== undefined && renewBeforePercentage > 0 && renewBeforePercentage < 100
        ? (lifetime * renewBeforePercentage) / 100
        : lifetime / 3;
  return notAfter.getTime() - before;
}

/**
 * An instant inside [start, end), the same at every call and spread over certificates: drawn from a hash of the certificate's validity.
 * Not later than notAfter, whatever the CA suggests.
 */
function bySuggestion(
  { notBefore, notAfter }: RenewalInput,
  window: { readonly start: Date; readonly end: Date },
): number {
  const [start, end] = [window.start.getTime(), window.end.getTime()];
  const digest = createHash('sha256').update(`${notBefore.toISOString()}|${notAfter.toISOString()}`).digest();
  const share = digest.readUIntBE(0, 6) / 2 ** 48;
  const at = start >= end ? start : wholeSecond(start + share * (end - start));
  return Math.min(Math.max(at, start), notAfter.getTime());
}

const cronOf = ({ cron, timezone = 'UTC' }: Windows[number]): Cron =>
  new Cron(cron, { paused: true, mode: '5-part', timezone });

/** The instants at which a window opens, from `from` on; ends where the expression has no more. */
function nextOpening(window: Windows[number], from: number): number | undefined {
  return cronOf(window).nextRun(new Date(from))?.getTime();
}

/** Whether the window is open at `at`: a tick lies in (at − duration, at]. A window's end still counts, as in cert-manager. */
function isOpen(window: Windows[number], at: number): boolean {
  const tick = nextOpening(window, Math.ceil((at - window.windowDuration) / 1000) * 1000 - 1000);
  return tick !== undefined && tick <= at;
}

function byWindows(at: number, windows: Windows, notAfter: number): RenewalTime {
  if (windows.some((window) => isOpen(window, at))) return { at: new Date(at) };
  const openings = windows.flatMap((window) => {
    const tick = nextOpening(window, at - 1000);
    return tick !== undefined && tick <= notAfter + window.windowDuration ? [tick] : [];
  });
  const first = Math.min(...openings);
  if (openings.length === 0)
    return { at: new Date(at), problem: `no renewal window opens between ${iso(at)} and ${iso(notAfter)}` };
  if (first <= notAfter) return { at: new Date(first) };
  return {
    at: new Date(first),
    problem: `the next renewal window opens at ${iso(first)}, after the certificate has expired at ${iso(notAfter)}`,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * The renewal instant of a certificate as issued (its own lifetime, not spec.duration), as cert-manager 1.21 computes it
 * (pkg/util/pki/renewaltime.go). Durations in ms. Never after notAfter unless `problem` is set; `problem` with an instant means:
 * renew then, and say so.
 */
export function renewalTime(input: RenewalInput): RenewalTime {
  const { notAfter, windows = [], policy = 'RenewBefore', suggestedWindow } = input;
  const at = suggestedWindow ? bySuggestion(input, suggestedWindow) : wholeSecond(byLifetime(input));
  if (policy === 'Disabled') return { at: undefined };
  if (policy !== 'RenewBefore')
    return { at: undefined, problem: `unsupported renewal policy ${JSON.stringify(policy)}` };
  if (windows.length === 0) return { at: new Date(at) };
  try {
    return byWindows(at, windows, notAfter.getTime());
  } catch (error) {
    // croner throws on what it cannot parse: the window is lost, the renewal is not
    return {
      at: new Date(at),
      problem: `unusable renewal window: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
