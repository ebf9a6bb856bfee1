/** Port 11 on an incoming webhook of Slack. Its URL is a secret: it is in no error, no log and no row. */
import type { Channel, Clock } from '../../contract/ports.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { retryAfter } from '../../standards/acme/retry-after.ts';
import { slackMessage } from './slack-message.ts';

export interface SlackOptions {
  /** The URL of the webhook. Asked for once, and anew after it could not be had or a message was refused for good. */
  readonly url: () => Promise<string>;
  /** Where that is kept, as people are told: `the secret nolapse/slack`. */
  readonly keptIn: string;
  readonly clock: Pick<Clock, 'now'>;
  /** For one message; default 10 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Slack's answer is one word. */
const WORD = /^[a-z_]{1,60}$/;
/** It is the message that was not taken, not the webhook. */
const OF_THE_MESSAGE = /^(invalid_payload|invalid_blocks|no_text|msg_|too_many_)/;
/** A webhook on this machine is spoken to without TLS, as browsers do. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** The URL in a text. Throws ProblemError `nolapse:not-https` without the text: what is no URL may still be a secret. */
export function webhookUrl(text: string, keptIn: string): string {
  const url = text.trim();
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) return url;
  throw new ProblemError({
    type: 'nolapse:not-https',
    detail: `what is in ${keptIn} is no https URL`,
    retry: 'never',
    fix: `put the URL of an incoming webhook of Slack (https://hooks.slack.com/services/…) into ${keptIn}`,
  });
}

/** The code of whatever stopped the exchange; messages of the network are not shown. */
function codeOf(error: unknown): string {
  const { code, cause } = error instanceof Error ? (error as { code?: unknown; cause?: unknown }) : {};
  if (typeof code === 'string') return code;
  return cause === undefined ? 'the exchange failed' : codeOf(cause);
}

function unreachable(url: string, error: unknown, timeoutMs: number): ProblemError {
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  const why = isLate ? `no answer within ${timeoutMs / 1_000} s` : codeOf(error);
  return new ProblemError({
    type: 'nolapse:unreachable',
    detail: `Slack (${new URL(url).host}) cannot be reached: ${why}`,
    retry: 'later',
    fix: 'check that this machine may reach it: name, proxy, firewall',
  });
}

/** The problem of an answer that is no success: `slack:<its word>`. */
function refusal(response: Response, body: string, { keptIn, clock }: SlackOptions): Problem {
  const { status, headers } = response;
  const word = WORD.test(body.trim()) ? body.trim() : undefined;
  const retryAt = retryAfter(headers.get('retry-after') ?? undefined, clock.now());
  const isLater = status === 429 || status === 408 || status >= 500;
  const isWebhook = !isLater && !OF_THE_MESSAGE.test(word ?? '');
  return {
    type: `slack:${word ?? `Status${status}`}`,
    detail: `Slack did not take the message: ${word ? `${word} (status ${status})` : `status ${status}`}`,
    status,
    ...(retryAt ? { retryAt } : {}),
    retry: isLater ? 'later' : 'never',
    ...(isWebhook
      ? {
          fix: `make a new incoming webhook in Slack, for a channel that exists and takes messages, and put its URL into ${keptIn}`,
        }
      : {}),
  };
}

async function post(url: string, body: string, options: SlackOptions): Promise<void> {
  const { timeoutMs = TIMEOUT_MS } = options;
  let response: Response;
  let said: string;
  try {
    response = await fetch(url, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body },
      // a redirect would carry the message to wherever it names
      ...{ redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
    });
    said = await response.text();
  } catch (error) {
    throw unreachable(url, error, timeoutMs);
  }
  if (!response.ok) throw new ProblemError(refusal(response, said, options));
}

/**
 * The channel `slack`. Throws ProblemError `slack:<word>` (429 and 5xx: later, Retry-After as `retryAt`; every other refusal: never),
 * `nolapse:unreachable` (later), `nolapse:not-https` (never), and whatever `url` throws.
 */
export function slackChannel(options: SlackOptions): Channel {
  let known: Promise<string> | undefined;
  const webhook = async (): Promise<string> => {
    known ??= options.url();
    known.catch(() => {
      known = undefined;
    });
    return webhookUrl(await known, options.keptIn);
  };
  return {
    name: 'slack',
    send: async (message) => {
      try {
        await post(await webhook(), JSON.stringify(slackMessage(message)), options);
      } catch (error) {
        if (error instanceof ProblemError && error.problem.retry === 'never') known = undefined;
        throw error;
      }
    },
  };
}
