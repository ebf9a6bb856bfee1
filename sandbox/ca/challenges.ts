/** What happens when a client says that a challenge can be looked at: the CA looks once, and the authorization is decided. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Control } from '../control.ts';
import type { CaFault } from './config.ts';
import type { Authorization, Challenge } from './order.ts';
import { VALID_MS } from './orders.ts';
import { type Problem, problem, refused } from './problem.ts';
import { validateDns01 } from './validation.ts';

export interface ChallengesOptions {
  readonly control: Control<CaFault>;
  readonly nameServers: readonly string[];
  readonly timeoutMs: number;
  readonly delayMs: number;
}

const orderedName = ({ name, wildcard }: Authorization): string => (wildcard ? `*.${name}` : name);

export class Challenges {
  readonly #options: ChallengesOptions;

  constructor(options: ChallengesOptions) {
    this.#options = options;
  }

  /** Starts the one look; asking again changes nothing. A failed challenge is final (as boulder). */
  respond(authorization: Authorization, challenge: Challenge, thumbprint: string): void {
    if (challenge.status === 'processing' || challenge.status === 'valid') return;
    if (authorization.status !== 'pending' || challenge.status === 'invalid')
      throw refused('malformed', 'Unable to update challenge :: authorization must be pending');
    challenge.status = 'processing';
    this.#look(authorization, challenge, thumbprint)
      .catch((error: unknown) => problem('serverInternal', String(error)))
      .then((found) => decide(authorization, challenge, found));
  }

  async #look(authorization: Authorization, challenge: Challenge, thumbprint: string): Promise<Problem | undefined> {
    const { control, nameServers, timeoutMs, delayMs } = this.#options;
    const { name } = authorization;
    if (delayMs > 0) await pause(delayMs);
    const isMeant = (fault: { readonly name?: string }): boolean =>
      fault.name === undefined || fault.name === orderedName(authorization);
    if (control.take('invalid-authorization', isMeant))
      return problem('unauthorized', `Incorrect TXT record "a fault of the sandbox" found at _acme-challenge.${name}`);
    if (challenge.type !== 'dns-01')
      return problem('connection', `${name}: the sandbox validates dns-01 only, not ${challenge.type}`);
    const value = createHash('sha256').update(`${challenge.token}.${thumbprint}`).digest('base64url');
    return validateDns01({ name, value }, { nameServers, timeoutMs });
  }
}

function decide(authorization: Authorization, challenge: Challenge, found: Problem | undefined): void {
  const now = Date.now();
  challenge.validatedAt = now;
  challenge.status = found ? 'invalid' : 'valid';
  if (found) challenge.error = found;
  if (authorization.status !== 'pending') return;
  authorization.status = challenge.status;
  if (!found) authorization.expiresAt = now + VALID_MS;
}
