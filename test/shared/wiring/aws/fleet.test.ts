/** A function works for the fleet that was deployed, and for no other. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedFleet } from '../../../../shared/wiring/aws/fleet.ts';
import { fleet } from '../../rights/service.ts';

const text = JSON.stringify(fleet);
const sha256 = createHash('sha256').update(text).digest('hex');
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-layer-'));
  file = join(folder, 'fleet.json');
  await writeFile(file, text);
});
afterAll(() => rm(folder, { recursive: true }));

test('the fleet is read as it was deployed', async () => {
  expect(await deployedFleet({ fleet: { file, sha256 } })).toEqual(fleet);
});

test("whoever is told of the stack's own topic says it there", async () => {
  const { notifications } = await deployedFleet({ fleet: { file, sha256 }, topicArn: 'arn:t' });
  expect(notifications).toEqual({ ...fleet.notifications, sns: { topicArn: 'arn:t' } });
});

test('a fleet that is not there, or is another, is refused', async () => {
  const missing = deployedFleet({ fleet: { file: `${file}.x`, sha256 } });
  await expect(missing).rejects.toThrow(`${file}.x: the fleet that was deployed is not there`);
  await expect(missing).rejects.toMatchObject({ problem: { type: 'nolapse:fleet-missing', fix: 'deploy again' } });
  await writeFile(join(folder, 'other.json'), `${text} `);
  const other = deployedFleet({ fleet: { file: join(folder, 'other.json'), sha256 } });
  await expect(other).rejects.toThrow(`not to ${sha256} as deployed`);
  await expect(other).rejects.toMatchObject({ problem: { type: 'nolapse:fleet-changed' } });
});
