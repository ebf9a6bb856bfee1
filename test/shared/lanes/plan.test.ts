/** The plan for people to read: the lane's own decision, written nowhere, and exactly what a run does then. */
import { describe, expect, test } from 'vitest';
import type { Authority } from '../../../shared/contract/ports.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import { inShort, plan } from '../../../shared/lanes/plan.ts';
import { facts } from '../stages/assess/judged-things.ts';
import { cluster } from '../stages/assess/wishes-of-shop.ts';
import { at, failing, HOUR, problem } from '../stages/issue/scripted.ts';
import { FLEET, LANE, openIssueWorld } from './issue-world.ts';

const SCOPE = { directoryHost: 'acme-v02.api.letsencrypt.org', account: '1' };

async function opened(...asked: readonly string[]) {
  const world = openIssueWorld();
  for (const name of asked) await world.asks(name, [`${name}.example.com`]);
  const authority: Authority = { advance: world.ca.advance, scope: SCOPE };
  const ports = { records: world.records, clock: world.clock, authorityOf: async () => authority };
  return {
    ...world,
    plan: (options?: Parameters<typeof plan>[1], fleet = FLEET) => plan({ ...ports, fleet }, options),
    runLimited: () => world.run({ authorityOf: async () => authority }),
    change: async (name: string, more: object, wakeAt = at(-1)) => {
      const row = await world.records.get(keys.issuance(world.idOf(name)));
      if (row) await world.records.put(rows.issuance({ ...row.body, ...more }, row.rev, wakeAt));
    },
  };
}
const [ZONE = { name: '', hostedZoneId: '' }] = FLEET.zones;
const FAILED = {
  ...{ problem: { type: 'x', detail: 'x', retry: 'later' }, stage: 'issue', count: 2, firstAt: at(-1), lastAt: at(-1) },
} as const;
const PAUSE = { since: at(0), until: at(HOUR), by: 'ada', because: 'the CA moves' };
const ids = (entries: readonly { readonly id: string }[]): string[] => entries.map(({ id }) => id.slice(-1));

test('what it says is due is what the run orders, limits and backoff included, and asking writes nothing', async () => {
  const world = await opened('a', 'b', 'c', 'd', 'e');
  // of those that were never issued the order is that of their ids
  const names = ['a', 'b', 'c', 'd', 'e'].toSorted((x, y) => world.idOf(x).localeCompare(world.idOf(y)));
  const [first = '', waits = '', second = ''] = names;
  await world.change(waits, { failure: { ...FAILED, retryAt: at(HOUR) } });
  // two are left, and the next one comes in hours: the clock of this world jumps while rows are written
  const perDomain = keys.limit(SCOPE.directoryHost, SCOPE.account, 'certificates-per-domain#example.com');
  await world.records.put(rows.limit(perDomain, { tat: at((48 * (7 * 24 * HOUR)) / 50), saidBy: 'us' }, 0));
  const { due, deferred } = await world.plan();
  expect([ids(due), ids(deferred)]).toEqual([
    [first, second],
    [waits, ...names.slice(3)],
  ]);
  expect(deferred.map(({ reason }) => reason)).toEqual(['Backoff', 'RateLimited', 'RateLimited']);
  expect(due[0]).toMatchObject({ reason: 'DoesNotExist', destinations: [`prod/shop/${first}`] });
  expect(await world.plan()).toEqual({ due, deferred });
  expect(world.ca.calls).toEqual([]);
  await world.runLimited();
  const issued = await Promise.all(names.map((name) => world.issuance(name)));
  expect(issued.flatMap((one, n) => (one?.current ? [names[n]] : []))).toEqual([first, second]);
});

test('it says what the order spends, as those before it leave it, and which TXT names it writes where', async () => {
  const world = await opened('a', 'b');
  await world.change('a', { failure: { ...FAILED, retryAt: at(HOUR) } });
  const { due, deferred } = await world.plan(
    {},
    { ...FLEET, zones: [{ ...ZONE, roleArn: 'arn:aws:iam::1:role/dns' }] },
  );
  const limits = [
    { what: 'new orders of the account', used: 0, of: 300, periodMs: 3 * HOUR },
    { what: 'new certificates under example.com', used: 0, of: 50, periodMs: 7 * 24 * HOUR },
    { what: 'certificates for this exact set of names', used: 0, of: 5, periodMs: 7 * 24 * HOUR },
  ];
  const txt = [{ name: '_acme-challenge.b.example.com', zone: ZONE.name, hostedZoneId: ZONE.hostedZoneId }];
  expect(due).toMatchObject([{ id: 'prod/shop/b', limits, txt: [{ ...txt[0], roleArn: 'arn:aws:iam::1:role/dns' }] }]);
  expect(deferred).toMatchObject([{ id: 'prod/shop/a', reason: 'Backoff', limits }]);
  await world.change('a', { failure: undefined });
  const both = (await world.plan()).due;
  expect(both.map((entry) => entry.limits.map(({ used }) => used))).toEqual([
    [0, 0, 0],
    [1, 1, 0],
  ]);
  const mine = both.find(({ id }) => id === 'prod/shop/b');
  expect(mine?.txt).toEqual(txt);
  const attempt = { id: '1', startedAt: at(0), deadline: at(HOUR), pickups: 1 };
  await world.change('b', { attempt: { ...attempt, step: { at: 'ready', orderUrl: 'https://ca/order/1' } } });
  const going = (await world.plan()).due.find(({ id }) => id === 'prod/shop/b');
  expect([going?.limits, going?.txt]).toEqual([[], []]);
});

test('in short, as a function answers it, it is what and where, so that thousands fit into an answer', async () => {
  const world = await opened('a', 'b');
  await world.change('b', { failure: { ...FAILED, retryAt: at(HOUR) } });
  const whole = await world.plan();
  const short = { at: whole.due[0]?.at, reason: 'DoesNotExist', message: 'there is nothing' };
  expect(inShort(whole)).toEqual({
    due: [{ id: 'prod/shop/a', ...short, destinations: ['prod/shop/a'] }],
    deferred: [
      {
        id: 'prod/shop/b',
        at: at(HOUR),
        reason: 'Backoff',
        message: 'tried 2 times: x',
        destinations: ['prod/shop/b'],
      },
    ],
  });
});

test('a private CA has neither limits nor challenges', async () => {
  const world = await opened('a');
  const authorityOf = async (): Promise<Authority> => ({ advance: world.ca.advance });
  const { due } = await plan({ records: world.records, clock: world.clock, fleet: FLEET, authorityOf });
  expect(due).toMatchObject([{ id: 'prod/shop/a', limits: [], txt: [] }]);
});

describe('what is asked for by name', () => {
  test('is said although it is not due, with whose its places are and what adopting would change', async () => {
    const world = await opened('a');
    const row = await world.place('a');
    if (!row) throw new Error('there is no row');
    const annotations = {
      'cert-manager.io/issuer-name': 'letsencrypt',
      'cert-manager.io/alt-names': 'old.example.com',
    };
    const have = { facts: facts(HOUR), version: '1', annotations };
    const ownership = { is: 'adoptable', by: 'kubectl-create' } as const;
    await world.records.put(rows.destination({ ...row.body, ownership, have, observedAt: at(-1) }, row.rev));
    const issuance = await world.records.get(keys.issuance(world.idOf('a')));
    if (!issuance) throw new Error('there is no row');
    const { due: _none, ...rested } = issuance.body;
    await world.records.put(rows.issuance({ ...rested, renewAt: at(HOUR) }, issuance.rev));
    const only = new Set([world.idOf('a')]);
    expect(await world.plan({ only })).toEqual({ due: [], deferred: [] });
    const { due, deferred } = await world.plan({ only, isAsked: true });
    expect(due).toEqual([]);
    expect(deferred).toMatchObject([{ id: 'prod/shop/a', reason: 'NotDue', at: at(HOUR), destinations: [] }]);
    const [place] = deferred[0]?.places ?? [];
    expect(place).toMatchObject({
      ...{ place: 'prod/shop/a', ownership, observedAt: at(-1), delivery: 'adopt-first' },
      refusal: { fix: 'look at both with: nolapse adopt prod/shop/a' },
      have: { serial: '0a1b', names: ['shop.example.com'] },
      want: { names: ['a.example.com'] },
      adopting: { labels: ['controller.cert-manager.io/fao'], keys: ['tls.crt', 'tls.key'] },
    });
    expect(place?.adopting?.annotations).toContain('cert-manager.io/alt-names');
    expect(place?.adopting?.annotations).toContain('nolapse.dev/serial');
    expect(place?.adopting?.annotations).not.toContain('cert-manager.io/issuer-name');
  });

  test('is said once where it is due', async () => {
    const world = await opened('a', 'b');
    const { due, deferred } = await world.plan({ only: new Set([world.idOf('a')]), isAsked: true });
    expect([ids(due), deferred]).toEqual([['a'], []]);
  });
});

test('forced ones are planned as if it had been said, and nothing else becomes due by it', async () => {
  const world = await opened('a', 'b');
  const row = await world.records.get(keys.issuance(world.idOf('a')));
  if (!row) throw new Error('there is no row');
  const { due: _none, ...rested } = row.body;
  await world.records.put(rows.issuance(rested, row.rev));
  expect(ids((await world.plan()).due)).toEqual(['b']);
  const forced = await world.plan({ forced: new Set(['prod/shop/a']), only: new Set([world.idOf('a')]) });
  expect(forced.due).toMatchObject([{ id: 'prod/shop/a', reason: 'Forced' }]);
});

test('soonest end first; a paused lane and an issuer that is gone are deferred with the reason', async () => {
  const world = await opened('a', 'b');
  const current = (left: number) => ({
    current: { facts: facts(left), chainPem: '', issuedAt: at(0), origin: 'found' },
  });
  await world.change('a', current(9 * HOUR));
  await world.change('b', current(2 * HOUR));
  expect(ids((await world.plan()).due)).toEqual(['b', 'a']);
  const gone = {
    fleet: FLEET,
    records: world.records,
    clock: world.clock,
    authorityOf: async () => failing('nolapse:issuer-not-found'),
  };
  expect((await plan(gone)).deferred.map(({ reason }) => reason)).toEqual(['Refused', 'Refused']);
  await world.records.put(rows.lane({ lane: LANE, failures: 0, pause: PAUSE }, 0));
  expect((await world.plan()).deferred).toMatchObject([
    {
      reason: 'Paused',
      at: at(HOUR),
      message: `its lane ${LANE} is paused until 2026-11-24 10:00 UTC by ada: the CA moves`,
    },
    { reason: 'Paused', at: at(HOUR) },
  ]);
});

test('a certificate that only has to be put somewhere again is a delivery, not an order', async () => {
  const world = await opened('a');
  await world.runLimited();
  const { due, deferred } = await world.plan();
  expect(due).toMatchObject([{ id: 'prod/shop/a', reason: 'Deliver', destinations: ['prod/shop/a'] }]);
  expect(deferred).toEqual([]);
  await world.records.put(rows.lane({ lane: 'deliver:prod', failures: 0, pause: PAUSE }, 1));
  const stopped = { id: 'prod/shop/a', reason: 'Paused', at: at(HOUR), destinations: ['prod/shop/a'] };
  expect(await world.plan()).toMatchObject({ due: [], deferred: [stopped] });
});

test('a delivery that waits after a failure is deferred until then, with what went wrong', async () => {
  const world = await opened('a');
  await world.runLimited();
  const row = await world.place('a');
  if (!row) throw new Error('there is no row');
  const failure = { problem: problem('kubernetes:Unreachable'), stage: 'deliver', count: 3 } as const;
  const body = { ...row.body, failure: { ...failure, firstAt: at(0), lastAt: at(0), retryAt: at(HOUR) } };
  await world.records.put(rows.destination(body, row.rev, at(HOUR)));
  const waits = { id: 'prod/shop/a', reason: 'Backoff', at: at(HOUR), destinations: ['prod/shop/a'] };
  expect(await world.plan()).toMatchObject({
    due: [],
    deferred: [{ ...waits, message: 'tried 3 times: kubernetes:Unreachable' }],
  });
  expect(await world.plan({ only: new Set(['another']) })).toEqual({ due: [], deferred: [] });
  await world.records.put(rows.lane({ lane: 'deliver:prod', failures: 0, pause: PAUSE }, 1));
  expect((await world.plan()).deferred).toMatchObject([{ reason: 'Paused', destinations: ['prod/shop/a'] }]);
  world.clock.later(2 * HOUR);
  expect((await world.plan()).due).toMatchObject([{ reason: 'Deliver' }]);
});

test('what a deployment no longer allows is not due, whatever an inventory wrote before it', async () => {
  const world = await opened('a');
  const narrowed = { ...FLEET, clusters: [cluster('prod', { namePolicy: [] })] };
  const message = 'the name policy of prod does not allow a.example.com in the namespace shop';
  expect(await world.plan({}, narrowed)).toMatchObject({
    due: [],
    deferred: [{ id: 'prod/shop/a', reason: 'NotWanted', message }],
  });
  expect(ids((await world.plan()).due)).toEqual(['a']);
});
