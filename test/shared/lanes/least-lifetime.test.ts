/** The number that an alarm watches: the least of all that somebody asks for. */
import { expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Issued } from '../../../shared/contract/rows.ts';
import { leastLifetimePercent } from '../../../shared/lanes/least-lifetime.ts';
import { facts } from '../stages/assess/judged-things.ts';
import { at, HOUR } from '../stages/issue/scripted.ts';
import { openIssueWorld } from './issue-world.ts';

const living = (from: number, to: number): { current: Issued } => ({
  current: {
    ...{ facts: { ...facts(HOUR), notBefore: at(from * HOUR), notAfter: at(to * HOUR) }, chainPem: '' },
    ...{ issuedAt: at(from * HOUR), origin: 'issued' },
  },
});

test('100 where there is none', async () => {
  const world = openIssueWorld();
  await world.asks('new');
  expect(await leastLifetimePercent(world)).toBe(100);
});

test('the least, by its own lifetime and not by its date; one that nobody asks for does not count', async () => {
  const world = openIssueWorld();
  await world.asks('short', ['a.example.com'], living(-1, 9));
  await world.asks('long', ['b.example.com'], living(-900, 100));
  await world.asks('gone', ['c.example.com'], living(-99, 1));
  const gone = await world.records.get(keys.wanted('prod/shop/gone'));
  if (gone) await world.records.put(rows.wanted({ ...gone.body, goneAt: at(0) }, gone.rev));
  expect(await leastLifetimePercent(world)).toBe(10);
  await world.asks('expired', ['d.example.com'], living(-20, -10));
  expect(await leastLifetimePercent(world)).toBe(0);
});
