/** The part `slack`: one incoming webhook, which keeps what it was sent. */
import { randomBytes } from 'node:crypto';
import { Control, type CountedFault } from '../control.ts';
import { type Answer, type Asked, json, listen, SILENCE } from '../listen.ts';
import { complaint } from './blocks.ts';

export interface SlackReady {
  /** The secret: whoever has it may write to the channel. */
  readonly webhook: string;
}

export interface SlackFault extends CountedFault {
  /** The request is never answered. */
  readonly kind: 'silent';
}

const said = (text: string, status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: text,
});

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    // refused as what it is: no payload
    return undefined;
  }
}

class Webhook {
  readonly #path: string;
  readonly #control: Control<SlackFault>;
  readonly #messages: unknown[] = [];

  constructor(path: string, control: Control<SlackFault>) {
    this.#path = path;
    this.#control = control;
  }

  answer(asked: Asked): Answer {
    if (asked.path === '/_sandbox/messages') return json(this.#messages);
    const isSilent = this.#control.take('silent') !== undefined;
    const answer = isSilent ? SILENCE : this.#taken(asked);
    this.#control.see({ method: asked.method, path: asked.path, kind: 'webhook', status: answer.status });
    return answer;
  }

  #taken({ method, path, body }: Asked): Answer {
    if (path !== this.#path) return said('no_service', 404);
    if (method !== 'POST') return said('invalid_payload', 400);
    const message = parsed(body);
    const refused = complaint(message);
    if (refused) return said(refused, 400);
    this.#messages.push(message);
    return said('ok', 200);
  }
}

/** Starts a webhook that was sent nothing. */
export async function startSlack(): Promise<{ readonly ready: SlackReady; close(): Promise<void> }> {
  const control = new Control<SlackFault>(['silent']);
  const path = `/services/T0SANDBOX/B0SANDBOX/${randomBytes(12).toString('hex')}`;
  const webhook = new Webhook(path, control);
  const { url, close } = await listen(async (asked) => control.intercept(asked) ?? webhook.answer(asked));
  return { ready: { webhook: url + path }, close };
}
