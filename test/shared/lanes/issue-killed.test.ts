/** The issue lane ended before and after every single effect: the next run finishes, with the same order, one key, and a clean zone. */
import { expect, test } from 'vitest';
import { orderUrlOf } from '../../../shared/contract/step.ts';
import { at } from '../stages/issue/scripted.ts';
import { type Death, openIssueWorld } from './issue-world.ts';

/** A renewal must gain something: the certificate of this very attempt is no step back from itself. */
const RENEWING = { reason: 'Renewing', message: 'its renewal time was', since: at(-1) } as const;

async function killedAt(death: Death): Promise<boolean> {
  const world = openIssueWorld();
  await world.asks('a', undefined, { due: RENEWING });
  const { wasKilled, at: died } = await world.runUntil(death);
  const then = await world.issuance('a');
  const stored = then?.attempt;
  const isIssued = then?.current !== undefined || stored?.step.at === 'issued';
  const canGoOn = isIssued || (stored !== undefined && orderUrlOf(stored.step) !== undefined);
  const where = `${death.call}, ${died}, step ${stored?.step.at ?? 'none'}`;
  const ordersThen = world.ca.orders.size;
  await world.run();
  const issuance = await world.issuance('a');
  expect(issuance?.current?.facts.dnsNames, where).toHaveLength(2);
  expect(issuance?.current?.sealedKey, where).toBeDefined();
  expect([issuance?.attempt, issuance?.due, issuance?.failure], where).toEqual([undefined, undefined, undefined]);
  // one order more only where the URL of the first never came to be stored
  expect(world.ca.orders.size, where).toBe(ordersThen + (canGoOn ? 0 : 1));
  for (const [url, { csrs }] of world.ca.orders) expect(csrs.size, `${where}: ${url}`).toBeLessThanOrEqual(1);
  expect([...world.zone.values], where).toEqual([]);
  expect(await world.ledger(), where).toEqual([]);
  expect((await world.place('a'))?.wakeAt, where).toBeDefined();
  return wasKilled;
}

/** Ended at each of its calls in turn, until a run comes to its end before it has made so many; how many that were. */
async function killedAtEach(when: Death['when'], of?: Death['of']): Promise<number> {
  for (let call = 1; ; call += 1) if (!(await killedAt({ call, when, ...(of ? { of } : {}) }))) return call - 1;
}

test('killed before each of its calls', async () => {
  expect(await killedAtEach('before')).toBeGreaterThan(25);
});

/** What was stored is what the next call begins with; only of what happened elsewhere can the answer get lost. */
test('killed after each call that others see', async () => {
  expect(await killedAtEach('after', ['advance', 'change', 'seal'])).toBeGreaterThan(8);
});
