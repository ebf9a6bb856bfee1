/** The local world over a real folder: an empty fleet runs through all lanes, two at once do no harm, and a state is of one fleet. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { InputError } from '../../../shared/contract/problem.ts';
import { type Local, openLocal } from '../../../shared/wiring/local.ts';
import { cluster, fleet } from '../stages/assess/wishes-of-shop.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nolapse-wiring-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function opened(home: string, of: Fleet = fleet({ clusters: [] })): Promise<Local> {
  const ignore = (): void => undefined;
  const local = await openLocal({
    ...{ fleet: of, state: join(home, '.nolapse'), home, allowExec: false },
    ...{ announce: ignore, watch: ignore, env: {} },
  });
  onTestFinished(() => local.close());
  return local;
}

test('a fleet of nothing is looked at, planned and run', async () => {
  const home = folder();
  const local = await opened(home);
  await local.inventory();
  expect(await local.plan()).toEqual({ due: [], deferred: [] });
  expect(await local.run()).toEqual({ inProgress: [], stillDue: [] });
  expect([await local.findings(), await local.views()]).toEqual([[], []]);
  expect(await local.sources()).toMatchObject([{ name: 'fleet', state: 'ok' }]);
  expect(statSync(join(home, '.nolapse')).mode & 0o777).toBe(0o700);
});

test('the digest is said on the channels of the fleet file, and what is wrong with one is told', async () => {
  const notifications = { slack: { webhookUrlEnv: 'SLACK_WEBHOOK' } };
  const local = await opened(folder(), fleet({ clusters: [], notifications }));
  await local.inventory();
  const { message, sentOn, failures } = await local.digest();
  expect(message?.subject).toMatch(/^\[\w+\] digest: all is well$/);
  expect(sentOn).toEqual([]);
  expect(failures).toMatchObject([
    { channel: 'slack', problem: { detail: 'the environment variable SLACK_WEBHOOK is not set', retry: 'later' } },
  ]);
});

test('two at once on one folder wait for each other', async () => {
  const home = folder();
  const both = [await opened(home), await opened(home)];
  await Promise.all(both.map((local) => local.inventory()));
  expect(await Promise.all(both.map((local) => local.run()))).toEqual([
    { inProgress: [], stillDue: [] },
    { inProgress: [], stillDue: [] },
  ]);
});

test('a cluster whose kubeconfig is missing is down, and nothing else is', async () => {
  const local = await opened(folder(), fleet({ clusters: [cluster('prod')] }));
  await local.inventory();
  expect(await local.sources()).toMatchObject([
    { name: 'prod', state: 'down', problem: expect.stringContaining('.kube/config') },
    { name: 'fleet', state: 'ok' },
  ]);
  expect((await local.findings()).map(({ code }) => code)).toEqual(['source-down']);
});

test('lanes that are paused are not waited for, and every answer says so', async () => {
  const local = await opened(folder());
  const wish = { for: '2h', because: 'the disk moves', by: 'ada' };
  for (const lane of ['inventory:fleet', 'notify']) await local.pause(lane, wish);
  await local.inventory();
  expect(await local.run()).toMatchObject({ inProgress: [], stillDue: [{ lane: 'notify' }] });
  expect((await local.pausedLanes()).map(({ lane }) => lane)).toEqual(['inventory:fleet', 'notify']);
  expect(await local.sources()).toMatchObject([
    { name: 'fleet', state: 'down', problem: expect.stringMatching(/^paused until .* by ada: the disk moves$/) },
  ]);
  expect((await local.findings()).map(({ code }) => code)).toEqual(['lane-paused', 'lane-paused']);
});

test('the state of another fleet is refused', async () => {
  const home = folder();
  await (await opened(home)).inventory();
  const another = async (): Promise<void> => (await opened(home, fleet({ name: 'other', clusters: [] }))).inventory();
  await expect(another()).rejects.toThrow(InputError);
});
