/** A scenario in which a function was denied something fails, and a right that none has used is told. */
import { expect, test } from 'vitest';
import type { SeenRight } from '../../iam/gate.ts';
import { usedRights } from './only-allowed.ts';
import type { ServiceWorld } from './service-world.ts';

const RIGHT = 'wake: Ring sqs:SendMessage';

/** What is said when a world is closed whose functions have done so. */
async function closed(rights: readonly SeenRight[], denied: readonly string[] = []) {
  const used = usedRights();
  const world = { service: { rights: () => rights, denied: () => denied }, close: async () => undefined };
  const kind = used.watched({ name: 'sandbox', features: [], open: async () => world as unknown as ServiceWorld });
  const opened = await kind.open({ name: 'a', run: async () => undefined });
  const error = await opened.close().catch(({ message }: Error) => message);
  return { error, unused: used.unused() };
}

test('what was denied fails the scenario, each once', async () => {
  const { error } = await closed([], ['wake: sqs:PurgeQueue on q', 'wake: sqs:PurgeQueue on q']);
  expect(error).toBe('no policy of the function allows this:\nwake: sqs:PurgeQueue on q');
});

test('a right that some role has and none has used is told, whether or not a scenario had such a fleet', async () => {
  const none = await closed([]);
  expect(none.error).toBeUndefined();
  expect(none.unused).toContain(RIGHT);
  expect((await closed([{ right: RIGHT, isUsed: true }])).unused).not.toContain(RIGHT);
  const more = 'wake: Ring sqs:PurgeQueue';
  expect((await closed([{ right: more, isUsed: false }])).unused).toContain(more);
});

test('a copy of a function uses what the function uses, and Lambda what no code of ours can', async () => {
  const { unused } = await closed([
    { right: 'inventory@corp: KeepSnapshots s3:PutObject', isUsed: true },
    { right: 'wake: WriteLog logs:PutLogEvents', isUsed: false },
  ]);
  expect(unused).not.toContain('inventory: KeepSnapshots s3:PutObject');
  expect(unused).not.toContain('wake: WriteLog logs:PutLogEvents');
});
