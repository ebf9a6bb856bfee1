/** A run as a whole: what it ends with, by what its lanes told and what a deadline left. */
import { describe, expect, test } from 'vitest';
import { inventory } from '../../cli/inventory.ts';
import { run } from '../../cli/run.ts';
import type { Clock } from '../../shared/contract/ports.ts';
import { certificateRows, ID, prepared } from './prepared.ts';
import { finding, happened, NOW, paper, planned, view } from './values.ts';

const entry = planned({ id: ID });
const plan = async () => ({ due: [entry], deferred: [] });
const STAY = { rejoin: false };
const clock: Clock = { now: () => NOW, sleep: async () => undefined, remainingMs: () => 1_000 };

describe('run', () => {
  test('looks first, then runs everything, and tells the findings that are open at its end', async () => {
    const steps: string[] = [];
    const local = {
      inventory: async () => void steps.push('inventory'),
      findings: async () => {
        steps.push('findings');
        return [finding()];
      },
    };
    const happens = [happened('delivered', { place: ID, outcome: 'written' })];
    const session = await prepared({ rows: certificateRows(), local, happens });
    const answer = await run(STAY)(session);
    expect(steps).toEqual(['inventory', 'findings']);
    expect(session.calls).toEqual(['run all']);
    expect(answer).toMatchObject({ failed: false, inProgress: false, findings: [finding()] });
    expect(answer.document).toMatchObject({ delivered: [{ id: ID, place: ID, outcome: 'written' }] });
  });

  test('is in progress while an attempt is open, and says which', async () => {
    const session = await prepared({ rows: [], local: { run: async () => ({ inProgress: [ID], stillDue: [] }) } });
    const answer = await run(STAY)(session);
    expect(answer.inProgress).toBe(true);
    expect(answer.lines(paper())).toContain(`  in progress ${ID}: run again`);
  });

  test('is in progress when something is due in a lane that it did not wait for, and says why', async () => {
    const stillDue = [{ lane: 'deliver:prod-eu', since: NOW.toISOString(), why: 'it is paused' } as const];
    const session = await prepared({ rows: [], local: { run: async () => ({ inProgress: [], stillDue }) } });
    const answer = await run(STAY)(session);
    expect(answer.inProgress).toBe(true);
    expect(answer.lines(paper())).toContain(
      '  still due  deliver:prod-eu since now (2026-11-24 09:00 UTC): it is paused',
    );
    expect(answer.document).toMatchObject({
      stillDue: [{ lane: 'deliver:prod-eu', why: 'it is paused', until: null }],
    });
  });

  test('is in progress when a deadline left something due', async () => {
    const ended = await run(STAY)(await prepared({ rows: [], local: { plan, clock } }));
    expect(ended.inProgress).toBe(true);
    const whole = await run(STAY)(await prepared({ rows: [], local: { plan } }));
    expect(whole.inProgress).toBe(false);
  });
});

describe('inventory', () => {
  const source = (name: string, state: 'ok' | 'stale' | 'down') => ({ name, state });

  test.each([
    ['every cluster', [source('a', 'down'), source('b', 'stale'), source('fleet', 'ok')], true],
    ['one of two clusters', [source('a', 'down'), source('b', 'ok'), source('fleet', 'ok')], false],
    ['none of no clusters', [source('fleet', 'ok')], false],
  ])('when %s cannot be read: failed is told apart from found', async (_, sources, failed) => {
    const session = await prepared({ rows: [], local: { sources: async () => sources } });
    expect((await inventory(session)).failed).toBe(failed);
  });

  test('is written as a whole for other programs, of the same certificates', async () => {
    const session = await prepared({ rows: [], local: { views: async () => [view()] } });
    const { report } = await inventory(session);
    const written = async (form: 'csv' | 'html' | 'prometheus') => [...((await report?.(form, NOW)) ?? [])].join('\n');
    expect(await written('csv')).toContain('"prod-eu/shop/shop-tls"');
    expect(await written('html')).toContain('"id":"prod-eu/shop/shop-tls"');
    expect(await written('prometheus')).toContain('name="shop-tls"');
  });
});
