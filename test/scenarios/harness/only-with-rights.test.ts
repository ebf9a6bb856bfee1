/** A scenario that asks AWS for more than the deployed service may ask fails, and says what it was. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, onTestFinished, test } from 'vitest';
import { wireOf } from '../../iam/sdk-wire.ts';
import { onlyWithRights } from './only-with-rights.ts';
import type { Recorded } from './recorder.ts';
import type { WorldKind } from './run-scenarios.ts';
import type { NolapseProcess, World } from './world.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:nolapse';
const FLEET = { apiVersion: 'nolapse.dev/v1', kind: 'Fleet', metadata: { name: 'world' } };

async function published(accessKeyId: string, TopicArn: string): Promise<Recorded> {
  const wire = await wireOf({ accessKeyId, region: 'eu-west-1' }, (settings) =>
    new SNSClient(settings).send(new PublishCommand({ TopicArn, Message: 'hello' })),
  );
  const { headers, body, ...rest } = wire;
  const seen = { ...rest, server: 'aws', requestHeaders: headers, requestBody: body, responseBody: Buffer.alloc(0) };
  return seen as unknown as Recorded;
}

/** A world in which a command was run with a fleet file, and these requests were seen. */
async function outcome(requests: readonly Recorded[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-rights-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'fleet.yaml'),
    JSON.stringify({ ...FLEET, spec: { notifications: { sns: { topicArn: TOPIC } } } }),
  );
  const world = {
    ...{ folder, recorder: { seen: () => requests }, close: async () => undefined },
    spawnNolapse: () => ({ done: Promise.resolve() }) as unknown as NolapseProcess,
  } as unknown as World;
  const kind: WorldKind = { name: 'sandbox', features: [], open: async () => world };
  const opened = await onlyWithRights(kind).open({ name: 'a', run: async () => undefined });
  await opened.nolapse(['run', '--fleet', 'fleet.yaml']);
  return opened.close().catch((error: Error) => error.message);
}

test('the topic of the fleet may be published to', async () => {
  expect(await outcome([await published('nolapse', TOPIC)])).toBeUndefined();
});

test('another topic may not', async () => {
  expect(await outcome([await published('nolapse', `${TOPIC}-2`)])).toBe(
    `the deployed service may not do this:\nnolapse: sns:Publish on ${TOPIC}-2: no identity-based policy allows the sns:Publish action`,
  );
});

test('what the scenario itself does is no matter of rights', async () => {
  expect(await outcome([await published('test', `${TOPIC}-2`)])).toBeUndefined();
});
