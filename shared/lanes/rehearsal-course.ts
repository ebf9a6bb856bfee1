/** The course of a rehearsal: how long each phase took, what was written into zones, and each step told. Wraps the ports that a renewal uses. */

import type { CertificateId } from '../contract/ids.ts';
import type { Authority, ChallengeZone, Clock, Journal } from '../contract/ports.ts';
import { ProblemError } from '../contract/problem.ts';
import type { Attempt, Happened } from '../contract/rows.ts';
import { orderUrlOf, type StepName, type TxtKey } from '../contract/step.ts';
import { ACME_ERROR } from '../standards/acme/fixes.ts';
import type { StagingTwin } from '../standards/acme/staging.ts';

/**
 * order: account, order and its challenges · dns: TXT values written · in-sync: until every name server has them · validation: the CA looks ·
 * issuance: key, CSR, certificate, checked · clean-up: TXT values removed, while the certificate is made.
 */
const PHASES = ['order', 'dns', 'in-sync', 'validation', 'issuance', 'clean-up'] as const;
export type Phase = (typeof PHASES)[number];

/** What was sent so far, tries again included. */
export interface Requests {
  readonly ca: number;
  readonly route53: number;
}

interface CoursePorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly certificate: CertificateId;
  readonly told: (event: Happened) => void;
}

/** The phase that begins with a step. */
const BEGINS: Partial<Readonly<Record<StepName, Phase>>> = {
  authorizing: 'dns',
  ready: 'issuance',
};

const textOf = ({ zoneId, fqdn, value }: TxtKey): string => `${zoneId} ${fqdn} ${value}`;

export class Course {
  readonly #ports: CoursePorts;
  readonly #spent = new Map<Phase, number>();
  readonly #values = new Map<string, TxtKey>();
  #phase: Phase = 'order';
  #since: number;
  #isOver = false;
  #profileLeftOut: string | undefined;
  #attempt: Attempt | undefined;

  constructor(ports: CoursePorts) {
    this.#ports = ports;
    this.#since = this.#nowMs;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The profile that the twin does not offer, so that the order went without. */
  get profileLeftOut(): string | undefined {
    return this.#profileLeftOut;
  }

  /** Every value that may have been written. */
  get values(): readonly TxtKey[] {
    return [...this.#values.values()];
  }

  /** The attempt as the authority saw it last. */
  get attempt(): Attempt | undefined {
    return this.#attempt;
  }

  /** Milliseconds of each phase that was begun, in their order. */
  spent(): readonly { readonly phase: Phase; readonly ms: number }[] {
    this.#over();
    return PHASES.flatMap((phase) => {
      const ms = this.#spent.get(phase);
      return ms === undefined ? [] : [{ phase, ms }];
    });
  }

  /** Work of a phase that goes on beside the others. */
  async beside<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const since = this.#nowMs;
    try {
      return await work();
    } finally {
      this.#add(phase, since);
    }
  }

  /** The same for whoever listens; what comes after the end of the attempt is no part of its phases. */
  journal(): Journal {
    return {
      tell: async (event) => {
        if (event.what === 'issued' || event.what === 'attempt-failed') this.#over();
        // nothing here is tried again by itself
        const { nextAttemptAt: _never, tried: _once, ...detail } = event.detail;
        this.#ports.told({ ...event, detail, at: this.#ports.clock.now().toISOString() });
      },
    };
  }

  /** Something that no lane tells of. */
  tell(what: string, detail: Happened['detail'] = {}): void {
    const { certificate: subject, told, clock } = this.#ports;
    told({ subject, what, stage: 'issue', detail, at: clock.now().toISOString() });
  }

  /** The same authority; where a twin has not the profile, without one. */
  authority(of: Authority, twin: StagingTwin['is']): Authority {
    const { scope } = of;
    return {
      ...(scope ? { scope } : {}),
      ...(of.forget ? { forget: of.forget.bind(of) } : {}),
      ...(of.selfSign ? { selfSign: of.selfSign.bind(of) } : {}),
      advance: async (attempt, request) => {
        if (attempt.step.at === 'presented') this.#enter('validation');
        const { profile, ...plain } = request;
        const next = await of
          .advance(attempt, this.#profileLeftOut === undefined ? request : plain)
          .catch((error: unknown) => {
            if (!profile || twin !== 'other' || !isNoProfile(error)) throw error;
            this.#profileLeftOut = profile;
            return of.advance(attempt, plain);
          });
        this.#attempt = { ...attempt, step: orderUrlOf(next.step) ? next.step : attempt.step };
        const begins = BEGINS[next.step.at];
        if (begins && next.step.at !== attempt.step.at) this.#enter(begins);
        if (attempt.step.at === 'answered' && next.step.at === 'ready') this.tell('order-ready');
        return next;
      },
    };
  }

  zone(of: ChallengeZone): ChallengeZone {
    return {
      change: async (zoneId, add, remove) => {
        for (const key of add) this.#values.set(textOf(key), key);
        const own = remove.filter((key) => this.#values.has(textOf(key)));
        const ask = () => of.change(zoneId, add, remove);
        const done = await (own.length > 0 ? this.beside('clean-up', ask) : ask());
        const refused = new Set(done.refused.map(({ entry }) => textOf(entry)));
        const count = (keys: readonly TxtKey[]): number => keys.filter((key) => !refused.has(textOf(key))).length;
        if (count(add) > 0) this.#enter('in-sync');
        if (count(add) > 0) this.tell('presented', { values: String(count(add)) });
        if (count(own) > 0) this.tell('removed', { values: String(count(own)) });
        return done;
      },
      inSync: (zoneId, changeId) => of.inSync(zoneId, changeId),
    };
  }

  get #nowMs(): number {
    return this.#ports.clock.now().getTime();
  }

  #add(phase: Phase, since: number): void {
    this.#spent.set(phase, (this.#spent.get(phase) ?? 0) + this.#nowMs - since);
  }

  #enter(phase: Phase): void {
    if (phase === this.#phase || this.#isOver) return;
    this.#add(this.#phase, this.#since);
    this.#phase = phase;
    this.#since = this.#nowMs;
  }

  #over(): void {
    if (!this.#isOver) this.#add(this.#phase, this.#since);
    this.#isOver = true;
  }
}

const isNoProfile = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.type === `${ACME_ERROR}invalidProfile`;
