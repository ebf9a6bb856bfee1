/** A rehearsal does what a renewal does up to the certificate, and leaves nothing of it: neither in the zone nor in the rows that lanes go by. */
import { describe, expect, test } from 'vitest';
import { selfSignedAuthority } from '../../../shared/adapters/ca/self-signed-authority.ts';
import type { AcmeIssuerSpec, Issuer } from '../../../shared/contract/fleet.ts';
import type { Authority } from '../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problem.ts';
import { keys, type Row, rows } from '../../../shared/contract/records.ts';
import type { Attempt, Happened } from '../../../shared/contract/rows.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { type RehearsalPorts, rehearse } from '../../../shared/lanes/rehearse.ts';
import { want } from '../../../shared/stages/assess/want.ts';
import { ACME_ERROR } from '../../../shared/standards/acme/fixes.ts';
import { spec } from '../stages/assess/judged-things.ts';
import { cluster, context, LETS_ENCRYPT, wish } from '../stages/assess/wishes-of-shop.ts';
import { at, HOUR, problem } from '../stages/issue/scripted.ts';
import { type Death, FLEET, ISSUER, LANE, openIssueWorld } from './issue-world.ts';

const ID = 'prod/shop/a';
const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';
const AUDITED = { ...FLEET, clusters: FLEET.clusters.map((one) => ({ ...one, mode: 'audit' as const })) };
const ASKED = wish('a', {
  spec: spec({ secretName: 'a', dnsNames: ['a.example.com'], usages: ['digital signature', 'server auth'] }),
});
const lets = (more: Partial<AcmeIssuerSpec>): Issuer => ({
  ...LETS_ENCRYPT,
  spec: { ...(LETS_ENCRYPT.spec as AcmeIssuerSpec), ...more },
});

async function gathered(rows: AsyncIterable<Row<unknown>>): Promise<Row<unknown>[]> {
  const all: Row<unknown>[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** What an inventory of a cluster in audit has written, and nothing else. */
async function audited() {
  const world = openIssueWorld();
  const { records, ca, clock, zone } = world;
  await records.put(rows.wanted(want(ASKED, context(AUDITED)).wanted, 0));
  const told: Happened[] = [];
  const asked: Issuer[] = [];
  const forgotten: Attempt[] = [];
  const id = want(ASKED, context(FLEET)).wanted.issuance ?? '';
  const authority: Authority = {
    advance: ca.advance,
    forget: async (attempt) => void forgotten.push(attempt),
  };
  const ports: RehearsalPorts = {
    ...{ ...world.ports(), fleet: AUDITED, told: (event) => void told.push(event) },
    authorityFor: (issuer) => {
      asked.push(issuer);
      return authority;
    },
    requests: () => ({ ca: ca.calls.length, route53: zone.calls.length + zone.polls.length }),
  };
  return {
    ...{ ...world, told, asked, forgotten, id, authority, ports, clock },
    words: () => told.map(({ what }) => what),
    rehearse: (more: Partial<RehearsalPorts> = {}) => rehearse(ID, { ...ports, ...more }),
    /** Rows that a lane, a plan or a message goes by. */
    rowsOfOthers: async () => [
      ...(await gathered(records.children('SRC#prod'))),
      ...(await gathered(records.children(`ISS#${id}`))),
      ...(await gathered(records.children('DEST#prod/shop/a'))),
      ...(await gathered(records.children(`EVT#${ID}`))),
      ...(await gathered(records.children(`OWNER#ISS#${id}`))),
      ...(await gathered(records.list('FINDING'))),
    ],
  };
}

type Audited = Awaited<ReturnType<typeof audited>>;

async function leftNothing(world: Audited, where = ''): Promise<void> {
  expect([...world.zone.values], where).toEqual([]);
  expect(await world.ledger(), where).toEqual([]);
  expect(world.rang, where).toEqual([]);
  expect(
    (await world.rowsOfOthers()).map(({ pk }) => pk),
    where,
  ).toEqual(['SRC#prod']);
}

test('of what is in audit obtains a certificate of the staging environment, and leaves nothing', async () => {
  const world = await audited();
  const before = await world.rowsOfOthers();
  const { end, phases, requests, txt, ...rehearsal } = await world.rehearse();
  expect(rehearsal).toEqual({
    ...{ id: ID, issuer: ISSUER, names: ['a.example.com'], directory: STAGING, twin: 'other', next: 'manage' },
  });
  expect(end).toMatchObject({ is: 'obtained', issuedBy: expect.stringContaining('CN=') });
  expect(world.asked.map((issuer) => issuer.spec)).toMatchObject([{ server: STAGING }]);
  expect(phases.map(({ phase }) => phase)).toEqual(['order', 'dns', 'in-sync', 'validation', 'issuance', 'clean-up']);
  expect(requests).toEqual({ ca: 6, route53: 5 });
  expect(txt).toEqual([
    { name: '_acme-challenge.a.example.com', zone: 'example.com', hostedZoneId: 'Z1', isThere: false },
  ]);
  // the values go while the certificate is made
  const words = ['order-created', 'presented', 'in-sync', 'answered', 'order-ready', 'finalizing', 'issued'];
  expect(world.words().filter((what) => what !== 'removed')).toEqual(words);
  expect(world.words()).toHaveLength(words.length + 1);
  expect(world.forgotten.map(({ step }) => step)).toMatchObject([{ orderUrl: 'https://ca/order/1' }]);
  expect(await world.rowsOfOthers()).toEqual(before);
  await leftNothing(world);
});

describe('ended at any of its calls, the next run of the lane', () => {
  async function killedAt(death: Death): Promise<boolean> {
    const world = await audited();
    const { wasKilled, at: where } = await world.runUntil(death, ({ authority, ...ports }) =>
      rehearse(ID, { ...world.ports, ...ports, fleet: AUDITED, authorityFor: () => authority }),
    );
    await world.run({ only: new Set() });
    await leftNothing(world, `${death.call} ${where}`);
    return wasKilled;
  }
  const atEach = async (when: Death['when'], of?: Death['of']): Promise<number> => {
    for (let call = 1; ; call += 1) if (!(await killedAt({ call, when, ...(of ? { of } : {}) }))) return call - 1;
  };

  test('leaves nothing, before each', async () => {
    expect(await atEach('before')).toBeGreaterThan(15);
  });

  test('leaves nothing, after each that others see', async () => {
    expect(await atEach('after', ['advance', 'change', 'seal'])).toBeGreaterThan(8);
  });
});

describe('fails where a renewal would, cleans up, and says where', () => {
  test.each([
    ['intent', 'order'],
    ['created', 'order'],
    ['presented', 'validation'],
    ['answered', 'validation'],
    ['finalizing', 'issuance'],
  ])('at %s', async (step, phase) => {
    for (const retry of ['later', 'never'] as const) {
      const world = await audited();
      world.ca.fails.set(step, problem('nolapse:out-of-order', retry));
      const { end } = await world.rehearse();
      expect(end).toEqual({ is: 'failed', at: phase, problem: problem('nolapse:out-of-order', retry) });
      expect(world.told.find(({ what }) => what === 'attempt-failed')?.detail).not.toHaveProperty('nextAttemptAt');
      await leftNothing(world, `${step} ${retry}`);
    }
  });

  test('when the zone may not be changed', async () => {
    const world = await audited();
    world.zone.beforeChange = (add) => {
      if (add.length > 0) throw new ProblemError(problem('aws:AccessDenied', 'never'));
    };
    const { end, txt } = await world.rehearse();
    expect(end).toMatchObject({ is: 'failed', at: 'dns', problem: { type: 'aws:AccessDenied' } });
    expect(txt.map(({ isThere }) => isThere)).toEqual([false]);
    await leftNothing(world);
  });

  test('when a value cannot be taken away, and says that it may still be there', async () => {
    const world = await audited();
    world.zone.beforeChange = (_add, remove) => {
      if (remove.length > 0) throw new ProblemError(problem('aws:Throttling'));
    };
    const { end, txt } = await world.rehearse();
    expect(end.is).toBe('obtained');
    expect(txt.map(({ isThere }) => isThere)).toEqual([true]);
    world.zone.beforeChange = () => undefined;
    world.clock.now();
    await world.clock.sleep(2 * HOUR);
    await world.run({ only: new Set() });
    await leftNothing(world);
  });

  test('when the CA does not take the names for proved', async () => {
    const world = await audited();
    world.ca.verdict = problem(`${ACME_ERROR}dns`, 'never');
    expect((await world.rehearse()).end).toMatchObject({ is: 'failed', at: 'validation', problem: world.ca.verdict });
    await leftNothing(world);
  });

  test('when the CA binds accounts, and says which issuer is missing', async () => {
    const world = await audited();
    world.ca.fails.set('intent', { ...problem(`${ACME_ERROR}externalAccountRequired`, 'never'), fix: 'of the issuer' });
    const { end } = await world.rehearse();
    expect(end).toMatchObject({ problem: { fix: expect.stringContaining(`add an issuer for ${STAGING}`) } });
  });
});

describe('the twin', () => {
  const of = async (issuers: readonly Issuer[]) => {
    const world = await audited();
    return { world, rehearsed: world.rehearse({ fleet: { ...AUDITED, issuers } }) };
  };
  const binding = { keyId: 'k', keySecret: { name: 's', key: 'k' } };

  test('has neither the binding nor the chain of the issuer', async () => {
    const { world, rehearsed } = await of([lets({ externalAccountBinding: binding, preferredChain: 'ISRG' })]);
    await rehearsed;
    expect(world.asked[0]?.spec).not.toHaveProperty('externalAccountBinding');
    expect(world.asked[0]?.spec).not.toHaveProperty('preferredChain');
  });

  test('is the issuer that the fleet has for that directory', async () => {
    const staging: Issuer = {
      ...lets({ server: STAGING, externalAccountBinding: binding }),
      ...{ id: 'fleet/staging', name: 'staging' },
    };
    const { world, rehearsed } = await of([LETS_ENCRYPT, staging]);
    expect((await rehearsed).directory).toBe(STAGING);
    expect(world.asked[0]).toBe(staging);
  });

  test('is itself where it is a staging one, whose proofs are its own', async () => {
    const { world, rehearsed } = await of([lets({ server: STAGING })]);
    expect(await rehearsed).toMatchObject({ twin: 'itself', directory: STAGING, end: { is: 'obtained' } });
    expect(world.forgotten).toEqual([]);
  });

  test('that nobody knows is refused before anything is asked', async () => {
    const { world, rehearsed } = await of([lets({ server: 'https://acme.corp.example/directory' })]);
    await expect(rehearsed).rejects.toThrow(
      "ClusterIssuer letsencrypt: nobody says where the staging environment of https://acme.corp.example/directory is (annotate it with nolapse.dev/staging-server: <the https URL of that CA's staging directory>; its own URL where it is one)",
    );
    expect(world.ca.calls).toEqual([]);
  });

  test('of a private CA is needed by nobody: it signs in memory', async () => {
    const issuer: Issuer = { ...LETS_ENCRYPT, spec: { type: 'selfSigned', crlDistributionPoints: [] } };
    const world = await audited();
    const { clock } = world;
    const { end, directory, phases, txt } = await world.rehearse({
      fleet: { ...AUDITED, issuers: [issuer] },
      authorityFor: () => selfSignedAuthority({ spec: { type: 'selfSigned', crlDistributionPoints: [] }, clock }),
    });
    expect([end.is, directory, txt]).toEqual(['obtained', undefined, []]);
    expect(phases.map(({ phase }) => phase)).toEqual(['order', 'issuance']);
    await leftNothing(world);
  });

  test('that has not the profile is asked without it', async () => {
    const world = await audited();
    const { advance } = world.authority;
    const profiles: (string | undefined)[] = [];
    const authority: Authority = {
      advance: async (attempt, request) => {
        if (attempt.step.at === 'intent') profiles.push(request.profile);
        if (request.profile) throw new ProblemError(problem(`${ACME_ERROR}invalidProfile`, 'never'));
        return advance(attempt, request);
      },
    };
    const issuers = [lets({ profile: 'tlsserver' })];
    const rehearsal = await world.rehearse({ fleet: { ...AUDITED, issuers }, authorityFor: () => authority });
    expect(rehearsal).toMatchObject({ end: { is: 'obtained' }, profileLeftOut: 'tlsserver' });
    expect(profiles).toEqual(['tlsserver', undefined]);
  });
});

test('names that the CA takes for proved write no DNS', async () => {
  const world = await audited();
  world.ca.isProved = true;
  const { end, txt, phases } = await world.rehearse();
  expect([end.is, txt]).toEqual(['obtained', []]);
  expect(phases.map(({ phase }) => phase)).toContain('issuance');
});

test('proofs that the CA keeps are told of, and cost the rehearsal nothing', async () => {
  const world = await audited();
  const { advance } = world.authority;
  const forget = async (): Promise<never> => {
    throw new ProblemError(problem('urn:ietf:params:acme:error:serverInternal'));
  };
  const { end } = await world.rehearse({ authorityFor: () => ({ advance, forget }) });
  expect(end.is).toBe('obtained');
  expect(world.words().at(-1)).toBe('proof-kept');
});

describe('is not made now', () => {
  test('in a lane that is paused', async () => {
    const world = await audited();
    const pause = { since: at(0), until: at(HOUR), by: 'ada', because: 'the CA moves' };
    await changeLane(world.records, LANE, (state) => ({ ...state, pause }));
    expect((await world.rehearse()).end).toEqual({
      ...{ is: 'not-now', at: at(HOUR) },
      why: `its lane ${LANE} is paused until 2026-11-24 10:00 UTC by ada: the CA moves`,
    });
    expect(world.ca.calls).toEqual([]);
  });

  test('in a lane in which somebody is at work for longer than there is time', async () => {
    const world = await audited();
    const lease = { holder: 'another', leasedUntil: at(HOUR) };
    await changeLane(world.records, LANE, (state) => ({ ...state, ...lease }));
    let left = 3;
    const clock = { ...world.clock, remainingMs: () => (left-- > 0 ? 1_000 : 0) };
    const holder = { name: 'me', isGone: () => false };
    expect((await world.rehearse({ clock, holder })).end).toMatchObject({ is: 'not-now', why: /somebody else/ });
  });

  test('while a limit of the staging environment is spent', async () => {
    const world = await audited();
    const scope = { directoryHost: 'acme-staging-v02.api.letsencrypt.org', account: '1' };
    const limited: Problem = { ...problem(`${ACME_ERROR}rateLimited`), retryAt: at(3 * HOUR) };
    world.ca.fails.set('intent', limited);
    const authorityFor = () => ({ ...world.authority, scope });
    expect((await world.rehearse({ authorityFor })).end).toMatchObject({ is: 'failed', problem: limited });
    world.ca.fails.clear();
    expect((await world.rehearse({ authorityFor })).end).toEqual({
      ...{ is: 'not-now', at: at(3 * HOUR) },
      why: `acme-staging-v02.api.letsencrypt.org takes no such order before ${at(3 * HOUR)}`,
    });
    expect(world.ca.calls).toEqual(['intent']);
  });

  test('while an order for it is open at the very CA', async () => {
    const world = await audited();
    const attempt: Attempt = { id: '1', startedAt: at(0), deadline: at(HOUR), step: { at: 'intent' }, pickups: 1 };
    const { request } = want(ASKED, context(FLEET));
    if (!request) throw new Error('held');
    await world.records.put(
      rows.issuance({ id: world.id, request, members: [ID], keyPolicy: 'ephemeral', attempt }, 0, at(0)),
    );
    const issuers = [lets({ server: STAGING })];
    const end = (await world.rehearse({ fleet: { ...AUDITED, issuers } })).end;
    expect(end).toMatchObject({ is: 'not-now', why: /an order for it is open/ });
    expect((await world.rehearse()).end.is).toBe('obtained');
    expect((await world.records.get(keys.issuance(world.id)))?.body.attempt).toEqual(attempt);
  });
});

describe('stopped before its end', () => {
  test('by its time it takes its values away', async () => {
    const world = await audited();
    world.zone.answer = () => false;
    let isLate = false;
    const clock = { ...world.clock, remainingMs: () => (isLate ? 100 : 60 * HOUR) };
    const { inSync } = world.zone;
    const zone = {
      ...world.zone,
      change: world.zone.change,
      inSync: async (zoneId: string, changeId: string) => {
        isLate = world.zone.polls.length > 3;
        return inSync(zoneId, changeId);
      },
    };
    const { end, txt } = await world.rehearse({ clock, zone });
    expect(end).toEqual({ is: 'stopped', at: 'in-sync' });
    expect(txt.map(({ isThere }) => isThere)).toEqual([false]);
    await leftNothing(world);
  });

  test('by a signal it leaves them to the next run', async () => {
    const world = await audited();
    const stop = new AbortController();
    world.zone.answer = () => {
      stop.abort();
      return false;
    };
    const { end, txt } = await world.rehearse({ signal: stop.signal });
    expect(end).toEqual({ is: 'stopped', at: 'in-sync' });
    expect(txt.map(({ isThere }) => isThere)).toEqual([true]);
    await world.run({ only: new Set() });
    await leftNothing(world);
  });
});

describe('is refused', () => {
  test('for what nobody asks for', async () => {
    const world = await audited();
    await expect(rehearse('prod/shop/none', world.ports)).rejects.toThrow(
      'prod/shop/none: nobody asks for this certificate, it was only found',
    );
  });

  test('outside the name policy of a cluster in audit', async () => {
    const world = await audited();
    const clusters = [cluster('prod', { mode: 'audit', namePolicy: [] })];
    await expect(world.rehearse({ fleet: { ...AUDITED, clusters } })).rejects.toThrow(
      `${ID}: cannot be renewed: the name policy of prod does not allow a.example.com in the namespace shop`,
    );
  });

  test('for what an inventory has held for another reason', async () => {
    const world = await audited();
    const row = await world.records.get(keys.wanted(ID));
    const held = { reason: 'unsupported', message: 'its Secret is the place of another', fix: 'Name another' } as const;
    if (row) await world.records.put({ ...row, body: { ...row.body, held } });
    await expect(world.rehearse()).rejects.toThrow(
      `${ID}: cannot be renewed: its Secret is the place of another (Name another)`,
    );
  });
});

test('what is in manage and in somebody else’s place is adopted next', async () => {
  const world = openIssueWorld();
  await world.asks('a', ['a.example.com']);
  const { ports } = await audited();
  const own = { ...ports, ...world.ports(), authorityFor: () => world.ca };
  expect((await rehearse(ID, own)).next).toBe('nothing');
  const row = await world.place('a');
  if (row) await world.records.put({ ...row, body: { ...row.body, ownership: { is: 'adoptable', by: 'kubectl' } } });
  expect((await rehearse(ID, own)).next).toBe('adopt');
  // the real one is as it was: due, and never tried
  expect(await world.issuance('a')).toMatchObject({ due: { reason: 'DoesNotExist' } });
  expect(Object.keys((await world.issuance('a')) ?? {})).not.toContain('attempt');
});
