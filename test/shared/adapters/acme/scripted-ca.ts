/** A CA whose every answer the test writes, with the resources of one order for a.example.com, and an authority that asks it. */
import { afterEach, beforeEach, expect } from 'vitest';
import type { Authority } from '../../../../shared/contract/ports.ts';
import type { PendingChallenge, Step } from '../../../../shared/contract/step.ts';
import { type FakeAnswer, type FakeCa, type Handler, startFakeCa } from './fake-ca.ts';
import { type AcmeWorld, attemptAt, makeAcmeWorld, request } from './world.ts';

export const acme = (type: string): string => `urn:ietf:params:acme:error:${type}`;
const LATER = '2099-01-01T00:00:00.000Z';

export const lost = (words: string) => ({
  type: 'nolapse:order-lost',
  retry: 'later',
  detail: expect.stringContaining(words),
});

export const problem = (type: string, status = 400, detail = 'words'): FakeAnswer => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: acme(type), detail },
});

/** One for each test of the file that calls it; started and closed by its hooks. */
export class ScriptedCa {
  readonly later = LATER;
  #ca: FakeCa | undefined;
  #world: AcmeWorld | undefined;

  constructor() {
    beforeEach(async () => {
      const ca = await startFakeCa({ caaIdentities: ['ca.example'] });
      ca.on('/new-account', { status: 201, headers: { location: `${ca.origin}/account/1` }, body: {} });
      this.#ca = ca;
      this.#world = makeAcmeWorld({ directory: ca.directory, tlsCaPem: ca.tlsCaPem });
    });
    afterEach(async () => {
      this.#world?.close();
      await this.#ca?.close();
    });
  }

  get fake(): FakeCa {
    if (!this.#ca) throw new Error('the CA is there inside a test only');
    return this.#ca;
  }

  get orderUrl(): string {
    return this.url('/order/1');
  }

  get authority(): Authority {
    if (!this.#world) throw new Error('the authority is there inside a test only');
    return this.#world.authority();
  }

  url(path: string): string {
    return this.fake.origin + path;
  }

  on(path: string, ...answers: readonly (Handler | FakeAnswer)[]): void {
    this.fake.on(path, ...answers);
  }

  order(status: string, more: object = {}): FakeAnswer {
    return {
      body: {
        status,
        expires: LATER,
        identifiers: [{ type: 'dns', value: 'a.example.com' }],
        authorizations: [this.url('/authz/1')],
        finalize: this.url('/finalize/1'),
        ...more,
      },
    };
  }

  authorization(status: string, more: object = {}): FakeAnswer {
    const challenges = [
      { type: 'dns-account-01', url: this.url('/challenge/0'), status: 'pending', token: 'x' },
      { type: 'dns-01', url: this.url('/challenge/1'), status: 'pending', token: 'token' },
    ];
    return { body: { status, identifier: { type: 'dns', value: 'a.example.com' }, challenges, ...more } };
  }

  /** An authorization whose dns-01 challenge failed. */
  failed(error: object): FakeAnswer {
    const challenge = { type: 'dns-01', url: this.url('/challenge/1'), status: 'invalid', error };
    return this.authorization('invalid', { challenges: [challenge] });
  }

  pending(n = 1): PendingChallenge {
    const txt = { zoneId: 'Z1', fqdn: '_acme-challenge.a.example.com', value: 'v' };
    return { name: 'a.example.com', url: this.url(`/challenge/${n}`), txt };
  }

  advance(step: Step, csr?: string): ReturnType<Authority['advance']> {
    return this.authority.advance(attemptAt(step, csr === undefined ? {} : { csr }), request('a.example.com'));
  }

  count(path: string): number {
    return this.fake.requests.filter((one) => one.path === path).length;
  }
}
