/** The digest from real rows: what it counts, that it is said once for each instant, and who gets it when something fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { recordsJournal } from '../../../shared/adapters/local/records-journal.ts';
import { sqliteRecords } from '../../../shared/adapters/local/sqlite-records.ts';
import { inventoryLane, type Lane } from '../../../shared/contract/ids.ts';
import type { Clock } from '../../../shared/contract/ports.ts';
import { rows } from '../../../shared/contract/records.ts';
import type { Happened, Issuance, LaneState, Wanted } from '../../../shared/contract/rows.ts';
import { type DigestPorts, digest } from '../../../shared/lanes/digest.ts';
import { settle } from '../../../shared/lanes/findings.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { channel, DOWN, type TestChannel, verdict } from './said.ts';

const DUE = '2026-11-24T08:00:00.000Z';
const HOUR_MS = 3_600_000;
const settings = { at: '09:00', timezone: 'Europe/Berlin', days: ['mon', 'tue', 'wed', 'thu', 'fri'] } as const;

/** A clock that `later` moves. Its sleeps take a hundredth of their time, so that leases are not renewed for days meanwhile. */
function movable(): { readonly clock: Clock; readonly later: (hours: number) => void } {
  let now = Date.parse(DUE);
  const clock: Clock = {
    now: () => new Date(now),
    sleep: async (ms, signal) => {
      await pause(ms / 100, undefined, { signal });
      now += ms;
    },
    remainingMs: () => Date.parse(DUE) + 10 * 24 * HOUR_MS - now,
  };
  return {
    clock,
    later: (hours) => {
      now += hours * HOUR_MS;
    },
  };
}

/** A fleet of one cluster whose inventories are fresh; `later` moves its clock, `tell` is its real journal. */
async function openService(channels: readonly TestChannel[]) {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-digest-'));
  const records = sqliteRecords(join(folder, 'state.db'));
  onTestFinished(() => {
    records.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { clock, later } = movable();
  const journal = recordsJournal({ records, clock, watch: () => {} });
  const ports: DigestPorts = {
    ...{ records, clock, journal, channels, holder: { name: 'me', isGone: () => false } },
    fleet: { name: 'acme', clusters: [{ name: 'prod-eu' }] as never, notifications: { digest: settings } },
  };
  const inventoried = async (source: string, more: Partial<LaneState> = {}) => {
    await changeLane(records, inventoryLane(source), (state) => ({
      ...state,
      lastOkAt: clock.now().toISOString(),
      ...more,
    }));
  };
  for (const source of ['prod-eu', 'fleet']) await inventoried(source);
  return {
    ...{ records, ports, inventoried, later },
    tell: (what: string, detail: Happened['detail'], subject = 'fleet/shop') =>
      journal.tell({ subject, what, stage: 'issue', detail }),
    paused: (lane: Lane, until: string) =>
      changeLane(records, lane, (state) => ({ ...state, pause: { since: DUE, until, by: 'ada', because: 'trouble' } })),
    asWanted: async (id: string, renewAt: string, more: Partial<Wanted> = {}) => {
      const wanted = { id, source: 'fleet', issuance: `i-${id}`, ...more } as Wanted;
      const issuance = {
        id: `i-${id}`,
        request: { issuer: 'fleet/le' },
        members: [id],
        renewAt,
      } as unknown as Issuance;
      await records.put(rows.wanted(wanted, 0));
      await records.put(rows.issuance(issuance, 0));
    },
    said: () => digest(ports, 'by-schedule'),
  };
}

const texts = ({ taken }: TestChannel): readonly string[] => taken.map(({ text }) => text);

describe('the digest', () => {
  test('counts what happened since the last one, over the days between', async () => {
    const sns = channel('sns');
    const { tell, later, said, asWanted, inventoried } = await openService([sns]);
    await asWanted('fleet/shop', '2026-12-30T00:00:00.000Z');
    await asWanted('fleet/soon', '2026-11-30T07:00:00.000Z');
    await asWanted('fleet/late', '2026-12-04T08:00:00.000Z');
    await asWanted('fleet/held', '2026-11-30T07:00:00.000Z', { held: { reason: 'audit', message: 'audit' } });
    later(-23);
    await tell('issued', { serial: '0a' });
    later(23);
    await said();
    expect(texts(sns)[0]).toMatch(
      /^All is well with 3 certificates: since 2026-11-23 08:00 UTC 1 certificate renewed, 0/,
    );
    expect(texts(sns)[0]).toMatch(/; 1 to be renewed in the next 7 days\.$/);
    later(1);
    await tell('attempt-failed', { type: 'x', problem: 'no TXT' }, 'fleet/soon');
    await tell('message-sent', { channel: 'sns' }, 'notify');
    later(15);
    await tell('issued', { serial: '0b' }, 'fleet/soon');
    await tell('delivered', { place: 'prod-eu/shop/soon', outcome: 'written' }, 'fleet/soon');
    await tell('attempt-failed', { type: 'x', problem: 'refused', place: 'prod-eu/shop/web' }, 'fleet/web');
    later(56);
    for (const source of ['prod-eu', 'fleet']) await inventoried(source);
    await said();
    expect(sns.taken[1]?.subject).toBe('[acme] digest: 1 failed; 1 renewed');
    expect(texts(sns)[1]).toContain('Since 2026-11-24 08:00 UTC: 1 certificate renewed, 1 place written, 1 failed');
    expect(texts(sns)[1]).toContain('failed: fleet/web at issue: refused');
  });

  test('says what is open, what was not read, and what is paused', async () => {
    const sns = channel('sns');
    const { records, said, inventoried, paused, ports } = await openService([sns]);
    await settle(records, {
      owner: 'x',
      now: new Date(DUE),
      findings: [verdict(), verdict({ object: { cluster: 'gone', kind: 'Secret', name: 'x' } })],
    });
    await inventoried('prod-eu', { problem: { type: 'x', detail: 'it does not answer', retry: 'later' } });
    await inventoried('fleet', { lastOkAt: '2026-11-20T08:00:00.000Z' });
    await paused('issue:fleet/le', '2026-11-24T10:00:00.000Z');
    await paused('deliver:edge', '2026-11-24T07:00:00.000Z');
    await said();
    expect(sns.taken[0]?.subject).toBe('[acme] digest: 1 high, 2 sources not read, 1 lane paused; 0 renewed');
    expect(texts(sns)[0]).toContain('prod-eu: last read 2026-11-24 08:00 UTC (1 min ago): it does not answer');
    expect(texts(sns)[0]).toContain('fleet: last read 2026-11-20 08:00 UTC (4 d ago)');
    expect(texts(sns)[0]).toContain('issue:fleet/le until 2026-11-24 10:00 UTC by ada: trouble');
    expect((await ports.records.get({ pk: 'LANE', sk: 'notify' }))?.body).not.toHaveProperty('holder');
  });

  test('says that the fleet was left', async () => {
    const sns = channel('sns');
    const { records, ports } = await openService([sns]);
    const leaving = { since: DUE, by: 'ada', closedAt: DUE };
    await records.put(rows.installation({ id: 'i', fleet: 'acme', createdAt: DUE, leaving }, 0));
    const { message } = await digest(ports, 'by-schedule');
    expect(message?.text).toContain('The fleet was left on 2026-11-24 08:00 UTC by ada: nothing is renewed.');
  });

  test('without a channel is made all the same', async () => {
    const { ports } = await openService([]);
    const { message, sentOn } = await digest(ports, 'by-hand');
    expect(message?.subject).toBe('[acme] digest: all is well');
    expect(sentOn).toEqual([]);
  });
});

describe('one instant', () => {
  test('is said once, however often and late it is called for', async () => {
    const [sns, slack] = [channel('sns'), channel('slack')];
    const { said, later } = await openService([sns, slack]);
    expect((await said()).sentOn).toEqual(['sns', 'slack']);
    for (const hours of [0, 0.1, 20]) {
      later(hours);
      expect(await said()).toEqual({ is: 'known', sentOn: [], waiting: [], failures: [] });
    }
    later(4);
    expect((await said()).sentOn).toEqual(['sns', 'slack']);
    expect(new Set(sns.taken.map(({ id }) => id)).size).toBe(2);
  });

  test('is said once by two that are called at the same time', async () => {
    const sns = channel('sns');
    const { ports } = await openService([sns]);
    const other = { ...ports, holder: { name: 'other', isGone: () => false } };
    const both = await Promise.all([digest(ports, 'by-schedule'), digest(other, 'by-schedule')]);
    expect(both.flatMap(({ sentOn }) => sentOn)).toEqual(['sns']);
    expect(sns.taken).toHaveLength(1);
  });

  test('is told later on the channel that failed, and not again on the other', async () => {
    const [sns, slack] = [channel('sns'), channel('slack')];
    const { said, later } = await openService([sns, slack]);
    slack.problem = DOWN;
    expect(await said()).toMatchObject({
      sentOn: ['sns'],
      waiting: [],
      failures: [{ channel: 'slack', problem: DOWN }],
    });
    expect(await said()).toMatchObject({ sentOn: [], waiting: ['slack'], failures: [] });
    slack.problem = undefined;
    later(0.1);
    expect((await said()).sentOn).toEqual(['slack']);
    expect(slack.taken[0]?.id).toBe(sns.taken[0]?.id);
    expect(sns.taken).toHaveLength(1);
  });

  test('by hand is now, as often as it is asked for', async () => {
    const sns = channel('sns');
    const { ports, later } = await openService([sns]);
    await digest(ports, 'by-schedule');
    for (const _ of [1, 2]) {
      later(1);
      expect((await digest(ports, 'by-hand')).sentOn).toEqual(['sns']);
    }
    expect(sns.taken).toHaveLength(3);
  });

  test('is not said while the lane is paused, and then is', async () => {
    const sns = channel('sns');
    const { said, paused, later } = await openService([sns]);
    await paused('notify', '2026-11-24T10:00:00.000Z');
    expect(await said()).toMatchObject({ is: 'paused', sentOn: [] });
    later(2);
    expect(await said()).toMatchObject({ is: 'said', sentOn: ['sns'] });
  });

  test('waits for whoever works in the lane, and says so when there is no time left', async () => {
    const sns = channel('sns');
    const { ports, records } = await openService([sns]);
    const leasedUntil = new Date(Date.parse(DUE) + 60_000).toISOString();
    await changeLane(records, 'notify', (state) => ({ ...state, holder: 'other', leasedUntil }));
    const hurried = { ...ports, clock: { ...ports.clock, remainingMs: () => 0 } };
    await expect(digest(hurried, 'by-schedule')).rejects.toMatchObject({ problem: { type: 'nolapse:lane-busy' } });
    expect((await digest(ports, 'by-schedule')).sentOn).toEqual(['sns']);
  });
});
