/** How far an inventory is: told early, and not with every page. */
import { expect, test } from 'vitest';
import type { Happened } from '../../../shared/contract/rows.ts';
import { inventoryTold } from '../../../shared/wiring/inventory-told.ts';

const world = () => {
  const told: string[] = [];
  let ms = Date.parse('2026-11-30T08:00:00.000Z');
  const watch = ({ subject, what, detail }: Happened) =>
    void told.push([subject, what, ...Object.values(detail)].join(' '));
  const clock = { now: () => new Date(ms) };
  const after = (more: number): void => {
    ms += more;
  };
  return { told, after, ...inventoryTold(clock, watch) };
};

test('a cluster of one answer is not told of, a larger one once in three seconds', () => {
  const { told, after, progress } = world();
  progress('small', 499);
  for (let seen = 500; seen <= 10_000; seen += 500) {
    progress('prod', seen);
    after(500);
  }
  const words = [500, 3500, 6500, 9500].map((seen) => `inventory:prod inventory-reading ${seen}`);
  expect(told).toEqual(words);
});

test('clusters are told of each by itself', () => {
  const { told, progress } = world();
  for (const source of ['east', 'west', 'east']) progress(source, 500);
  expect(told).toEqual(['inventory:east inventory-reading 500', 'inventory:west inventory-reading 500']);
});

test('hosts that are asked are told of where there are any', () => {
  const { told, asking } = world();
  asking('prod', 0);
  asking('prod', 3);
  expect(told).toEqual(['inventory:prod inventory-asking 3']);
});
