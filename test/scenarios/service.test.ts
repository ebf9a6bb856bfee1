/** The deployed bundles on the sandbox: one scenario as it is, and what only a service meets: lost and doubled messages, ended environments. */
import { describe, expect, test, vi } from 'vitest';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { onTheSandbox, sandboxScenarios } from './harness/on-the-sandbox.ts';
import { loadScenarios, outcomeText, runScenario } from './harness/run-scenarios.ts';
import { openService, serviceKind } from './harness/sandbox-world.ts';
import type { InSync } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt } from './harness/served.ts';
import type { ServiceWorld } from './harness/service-world.ts';

/** All others run through the bundles on real parts: `npm run test:real`. */
const ON_THE_SANDBOX = ['a certificate is issued, delivered to three places, told once, and kept'];
const LIMIT_MS = 300_000;
/** What the design promises after a worker was ended: its lease runs out, and wake rings again. */
const GOES_ON_MS = 120_000;
/** The schedule's minute, made short. */
const TICK_MS = 1_000;

vi.setConfig({ maxConcurrency: 4 });
const all = await loadScenarios();
const scenarios = all.filter(({ name }) => ON_THE_SANDBOX.includes(name));

onTheSandbox((await sandboxScenarios()).ofService, 'sandbox-service');

/** A service that nobody speaks to but its schedule, with one certificate to obtain for a Secret in `east`. */
async function scheduled(inSync: InSync, options: { readonly timeoutMs?: number } = {}) {
  const world = await openService({ inSync });
  const [east] = world.clusters;
  await east.admin.namespace('shop');
  const place = { kubernetesSecret: { clusters: ['east'], namespace: 'shop', name: 'shop-tls' } };
  const names = [`shop.${world.zone.name}`, `*.shop.${world.zone.name}`];
  await world.deploy(await writeFleet(world, { documents: [fleetCertificate('shop', names, [place])] }), options);
  const before = await world.zone.snapshot();
  const { host, functions } = world.service;
  host.listen(true);
  const wake = (what: 'due' | 'inventory') => host.invoke(functions().wake, { wake: what });
  const isServed = async () => (await servedAt(east, secretAt('shop', 'shop-tls')))?.keyFits ?? false;
  /** The schedule goes on until it is so. */
  const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    for (let rang = await wake('inventory'); !(await isSo()); rang = await wake('due')) {
      expect(rang).toMatchObject({ is: 'answered' });
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  };
  return { world, before, until, isServed };
}

/** What must hold at the end, whatever happened on the way. */
async function settled({ world, before, until }: Awaited<ReturnType<typeof scheduled>>): Promise<void> {
  await until(async () => (await world.zone.snapshot()) === before);
  expect(ordersSince(world, 0)).toBe(1);
  expect(world.service.denied()).toEqual([]);
}

const hasLogged = ({ service }: ServiceWorld, message: string): boolean =>
  service.log.some((line) => line.includes(`"message":"${message}"`));

describe.concurrent('through the bundles, on the sandbox', () => {
  for (const scenario of scenarios)
    test(scenario.name, { timeout: LIMIT_MS }, async () => {
      const outcome = await runScenario(serviceKind, scenario);
      expect(outcome.was, outcomeText(outcome)).toBe('passed');
    });

  test('messages lost, doubled and reordered cost time only', { timeout: LIMIT_MS }, async () => {
    const service = await scheduled({ minMs: 0, maxMs: 0 });
    const everyThird = [true, false, false];
    const isLost = (): boolean => {
      everyThird.push(everyThird.shift() ?? false);
      return everyThird[0] ?? false;
    };
    service.world.service.host.disturb({ twice: () => true, lost: isLost });
    await service.until(service.isServed);
    await settled(service);
    await service.world.close();
  });

  test('environments ended in mid-order: the lane goes on within two minutes', { timeout: LIMIT_MS }, async () => {
    const service = await scheduled({ minMs: 3_000, maxMs: 3_000 });
    const { world, until, isServed } = service;
    const { host, functions } = world.service;
    await until(() => hasLogged(world, 'order-created'));
    for (const environment of host.environments(functions().issue)) await environment.end();
    const endedAt = performance.now();
    expect(await isServed()).toBe(false);
    // the values of the order are written again: the lane has gone on
    await until(() => hasLogged(world, 'in-sync'));
    expect(performance.now() - endedAt).toBeLessThan(GOES_ON_MS);
    await until(isServed);
    await settled(service);
    await world.close();
  });

  test('a function at its time limit has stored everything, and the next goes on', { timeout: LIMIT_MS }, async () => {
    const timeoutMs = 15_000;
    const service = await scheduled({ minMs: 0, maxMs: 0 }, { timeoutMs });
    const { world, until, isServed } = service;
    await world.fault('dns', { kind: 'never-insync' });
    await until(() => hasLogged(world, 'order-created'));
    const limit = performance.now() + timeoutMs;
    await until(() => performance.now() > limit);
    expect(await isServed()).toBe(false);
    await world.calm('dns');
    await until(isServed);
    expect(world.service.host.ended()).toEqual([]);
    await settled(service);
    await world.close();
  });
});
