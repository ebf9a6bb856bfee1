/** Whole orders against the sandbox's CA and its zone: from intent to a chain, with crashes between any two effects. */
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PendingChallenge, Step } from '../../../../shared/contract/step.ts';
import { topIssuer } from '../../../../shared/standards/acme/resources.ts';
import { startTestCa, type TestCa } from '../../../sandbox/ca/world.ts';
import { type AcmeWorld, type Drive, drive, makeAcmeWorld, problemOf, request } from './world.ts';

let ca: TestCa;
const worlds: AcmeWorld[] = [];

beforeAll(async () => {
  ca = await startTestCa();
});
afterAll(async () => {
  for (const one of worlds) one.close();
  await ca.close();
});

function world(more: Partial<Parameters<typeof makeAcmeWorld>[0]> = {}): AcmeWorld {
  const made = makeAcmeWorld({ ...ca.ready, ...more });
  worlds.push(made);
  return made;
}

async function present(challenges: readonly PendingChallenge[]): Promise<void> {
  const values: Record<string, string[]> = {};
  for (const { txt } of challenges) {
    const name = txt.fqdn.replace('_acme-challenge.', '');
    values[name] = [...(values[name] ?? []), txt.value];
  }
  await ca.present(values);
}

/** Kinds of requests since an earlier look, without what all orders of a run share. */
async function kindsSince(before: number): Promise<readonly string[]> {
  const kinds = (await ca.requests()).slice(before).map(({ kind }) => kind);
  return kinds.filter((kind) => !['directory', 'newNonce', 'newAccount'].includes(kind));
}
const seen = async (): Promise<number> => (await ca.requests()).length;

const names = (at: Driven): readonly string[] =>
  at.last.step.at === 'issued'
    ? (new X509Certificate(at.last.step.chainPem).subjectAltName ?? '').split(', ').sort()
    : [];
type Driven = Awaited<ReturnType<typeof drive>>;

describe('a whole order', () => {
  test('goes through every step and needs at most eight requests for one name', async () => {
    const authority = world().authority();
    const before = await seen();
    const done = await drive({ request: request('one.example.com'), present, by: () => authority, pauseMs: 300 });
    expect(done.trail).toEqual([
      'intent',
      'created',
      'authorizing',
      'presented',
      'answered',
      'ready',
      'finalizing',
      'issued',
    ]);
    expect(names(done)).toEqual(['DNS:one.example.com']);
    const kinds = await kindsSince(before);
    // the order is not asked for what newOrder said
    expect(kinds.slice(0, 3)).toEqual(['newOrder', 'authz', 'challenge']);
    expect(kinds.length, kinds.join(' ')).toBeLessThanOrEqual(8);
    expect(kinds.filter((kind) => kind !== 'order')).toEqual([
      'newOrder',
      'authz',
      'challenge',
      'finalize',
      'certificate',
    ]);
  });

  test('puts apex and wildcard on one TXT name with two values', async () => {
    const authority = world().authority();
    const challenges: PendingChallenge[] = [];
    const done = await drive({
      request: request('*.example.com', 'example.com'),
      present: async (all) => {
        challenges.push(...all);
        await present(all);
      },
      by: () => authority,
    });
    expect(challenges.map(({ name }) => name).sort()).toEqual(['*.example.com', 'example.com']);
    expect(new Set(challenges.map(({ txt }) => txt.fqdn))).toEqual(new Set(['_acme-challenge.example.com']));
    expect(new Set(challenges.map(({ txt }) => txt.value)).size).toBe(2);
    expect(challenges.every(({ txt }) => /^[A-Za-z0-9_-]{43}$/.test(txt.value) && txt.zoneId === 'Z1')).toBe(true);
    expect(names(done)).toEqual(['DNS:*.example.com', 'DNS:example.com']);
  });

  test('twenty orders at once share one directory, one account and at most eight nonces', async () => {
    const shared = world();
    const before = await seen();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        drive({ request: request(`many-${n}.example.com`), present, by: () => shared.authority() }),
      ),
    );
    expect(all.map(({ last }) => last.step.at)).toEqual(all.map(() => 'issued'));
    const kinds = (await ca.requests()).slice(before).map(({ kind }) => kind);
    const count = (kind: string): number => kinds.filter((one) => one === kind).length;
    expect([count('directory'), count('newAccount'), count('newOrder')]).toEqual([1, 1, 20]);
    expect(count('newNonce')).toBeLessThanOrEqual(8);
  });

  test('takes the preferred chain, and the default one where there is none of that name', async () => {
    const alternate = new X509Certificate(ca.ready.alternateRootPem).subject.replace('CN=', '');
    const issuers: (string | undefined)[] = [];
    for (const preferredChain of [alternate, 'No Such Root']) {
      const authority = world({ spec: { preferredChain } }).authority();
      const { last } = await drive({ request: request('chain.example.com'), present, by: () => authority });
      issuers.push(last.step.at === 'issued' ? topIssuer(last.step.chainPem) : undefined);
    }
    expect(issuers[0]).toBe(alternate);
    expect(issuers[1]).not.toBe(alternate);
    expect(issuers[1]).toBeDefined();
  });
});

describe('a crash after the effect and before its result is stored', () => {
  test.each<[Step['at']]>([['intent'], ['created'], ['presented'], ['answered'], ['finalizing']])(
    'at %s loses neither the order nor its account',
    async (crashAt) => {
      const shared = world();
      let [process, crashed] = [shared.restart(), false];
      const how: Drive = {
        request: request(`crash-${crashAt}.example.com`),
        present,
        by: () => shared.authority({}, process),
        diesAfter: (at) => {
          if (at !== crashAt || crashed) return false;
          crashed = true;
          process = shared.restart();
          return true;
        },
      };
      const before = await seen();
      const done = await drive(how);
      expect([done.last.step.at, crashed, done.orders.size]).toEqual(['issued', true, 1]);
      const kinds = (await ca.requests()).slice(before).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'newAccount')).toHaveLength(1);
      expect(shared.records.rows.size).toBe(1);
    },
  );

  test('a new process at every step finishes the same order', async () => {
    const shared = world();
    const done = await drive({
      request: request('always-new.example.com'),
      present,
      by: () => shared.authority({}, shared.restart()),
    });
    expect([done.last.step.at, done.orders.size]).toEqual(['issued', 1]);
  });
});

describe('what the CA refuses', () => {
  test('a challenge that fails is a rejection that names the name', async () => {
    const authority = world().authority();
    const done = await drive({ request: request('bare.example.com'), present: async () => {}, by: () => authority });
    expect(done.last.step).toMatchObject({
      at: 'rejected',
      problem: { retry: 'later', subproblems: [{ identifier: { type: 'dns', value: 'bare.example.com' } }] },
    });
  });

  test('a 429 is told at once with its instant', async () => {
    await ca.fault({ kind: 'rate-limited', name: 'limited.example.com', retryAfter: 7_200, count: 1 });
    const started = Date.now();
    const authority = world().authority();
    const problem = await problemOf(drive({ request: request('limited.example.com'), present, by: () => authority }));
    expect(problem).toMatchObject({ type: 'urn:ietf:params:acme:error:rateLimited', status: 429, retry: 'later' });
    expect(Date.parse(problem.retryAt ?? '') - started).toBeGreaterThan(7_100_000);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test('an order that vanished is lost, not rejected', async () => {
    await ca.fault({ kind: 'order-expired', name: 'lost.example.com', count: 1 });
    const authority = world().authority();
    const problem = await problemOf(drive({ request: request('lost.example.com'), present, by: () => authority }));
    expect(problem).toMatchObject({ type: 'nolapse:order-lost', retry: 'later' });
  });

  test('a name that policy forbids is refused with the name', async () => {
    const problem = await problemOf(
      drive({ request: request('x.blocked-domain.example'), present, by: () => world().authority() }),
    );
    expect(problem).toMatchObject({ type: 'urn:ietf:params:acme:error:rejectedIdentifier', retry: 'never' });
    expect(problem.fix).toContain('x.blocked-domain.example');
  });

  test('a profile that is not on offer is refused before any order', async () => {
    const before = await seen();
    const wish = { ...request('p.example.com'), profile: 'tlsclient' };
    const problem = await problemOf(drive({ request: wish, present, by: () => world().authority() }));
    expect(problem.detail).toBe(
      'the CA does not offer the profile "tlsclient": it offers classic, shortlived, tlsserver',
    );
    expect(await kindsSince(before)).toEqual([]);
  });

  test('a name outside all zones cannot be challenged', async () => {
    const authority = world().authority({
      zoneOf: (fqdn) => (fqdn.endsWith('.inside.example.com') ? 'Z1' : undefined),
    });
    const problem = await problemOf(drive({ request: request('out.example.com'), present, by: () => authority }));
    expect(problem).toEqual({
      type: 'nolapse:challenge-impossible',
      detail:
        'out.example.com: _acme-challenge.out.example.com lies in no zone of the fleet, so its challenge cannot be answered',
      retry: 'never',
      fix: 'add the hosted zone that holds out.example.com to spec.zones of the Fleet',
    });
  });
});

test('three nonces of ten refused changes nothing but the count', async () => {
  const rough = await startTestCa({ badNonce: 0.3, seed: 7 });
  const shared = makeAcmeWorld(rough.ready);
  try {
    const authority = shared.authority();
    const values = (all: readonly PendingChallenge[]) =>
      rough.present(Object.fromEntries(all.map(({ name, txt }) => [name, [txt.value]])));
    for (let n = 0; n < 5; n += 1) {
      const done = await drive({ request: request(`rough-${n}.example.com`), present: values, by: () => authority });
      expect(done.last.step.at).toBe('issued');
    }
  } finally {
    shared.close();
    await rough.close();
  }
});
