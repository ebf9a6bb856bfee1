/** What only KMS has: the context that it is asked with, what crosses the wire, keys that are off, and bundles with one of two rights. */
import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kmsSeal, kmsUnseal } from '../../../../shared/adapters/aws/kms-seal.ts';
import type { AccountContext, AttemptContext } from '../../../../shared/contract/ports.ts';
import { leaksIn, registeredKey, registeredText, tracesOfRequests } from '../../../scenarios/harness/leaks.ts';
import { type Recorder, startRecorder } from '../../../scenarios/harness/recorder.ts';
import { problemThrown } from '../local/thrown.ts';
import { type AwsWorld, openAws } from './world.ts';

const ATTEMPT: AttemptContext = { fleet: 'acme', issuance: '5f2c', attempt: '01' };
const ACCOUNT: AccountContext = { fleet: 'acme', account: '5f2c' };
const PLAIN = Buffer.from('a key of nobody');

let aws: AwsWorld;
let recorder: Recorder;
let kms: KMSClient;
let keyId: string;
let sealing: ReturnType<typeof kmsSeal>;
let unsealing: ReturnType<typeof kmsUnseal>;

beforeAll(async () => {
  aws = await openAws();
  kms = new KMSClient({});
  keyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  recorder = await startRecorder();
  process.env.AWS_ENDPOINT_URL = await recorder.front({
    ...{ server: 'aws', protocol: 'aws', tls: false, upstream: { url: aws.url } },
  });
  sealing = kmsSeal({ keyId });
  unsealing = kmsUnseal({ keyId });
});
afterEach(() => aws.mend());
afterAll(async () => {
  for (const one of [sealing, unsealing]) one.close();
  kms.destroy();
  await recorder.close();
  await aws.close();
});

const bodyOf = (body: Buffer | undefined): Readonly<Record<string, unknown>> => JSON.parse(body?.toString() || '{}');

test.each<[string, object]>([
  ['an attempt', ATTEMPT],
  ['an account', ACCOUNT],
])('the context of %s is the encryption context, of both requests and no other', async (_, context) => {
  const mark = recorder.mark();
  await unsealing.unseal(await sealing.seal(PLAIN, context), context);
  const seen = recorder.seen(mark);
  expect(seen.map(({ operation }) => operation)).toEqual(['kms GenerateDataKey', 'kms Decrypt']);
  for (const { requestBody } of seen)
    expect(bodyOf(requestBody)).toMatchObject({ KeyId: keyId, EncryptionContext: context });
});

test('no key crosses the wire but the data key in the answers of KMS', async () => {
  const { privateKey: pem } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const mark = recorder.mark();
  const sealed = await sealing.seal(Buffer.from(pem), ATTEMPT);
  await unsealing.unseal(sealed, ATTEMPT);
  const seen = recorder.seen(mark);
  const [dataKey, ...others] = seen.map(({ responseBody }) => String(bodyOf(responseBody).Plaintext));
  expect(others).toEqual([dataKey]);
  const registered = [registeredKey('the key', pem), registeredText('the data key', dataKey ?? '')];
  const traces = [...tracesOfRequests(seen), { where: 'the sealed text', content: Buffer.from(sealed) }];
  expect(leaksIn(traces, registered)).toEqual([]);
  const answers = seen.map(({ operation, responseBody }) => ({ where: operation, content: responseBody }));
  expect(leaksIn(answers, registered)).toEqual([
    'kms GenerateDataKey: the data key as PEM line',
    'kms GenerateDataKey: the data key as JSON-escaped',
    'kms Decrypt: the data key as PEM line',
    'kms Decrypt: the data key as JSON-escaped',
  ]);
});

test('nothing is asked of KMS for a text that is none', async () => {
  const mark = recorder.mark();
  expect(await problemThrown(() => unsealing.unseal('no text', ATTEMPT))).toMatchObject({
    type: 'nolapse:seal-broken',
  });
  expect(recorder.seen(mark)).toEqual([]);
});

describe('refusals', () => {
  let sealed: string;
  beforeAll(async () => {
    sealed = await sealing.seal(PLAIN, ATTEMPT);
  });
  const uses: readonly [string, string, () => unknown][] = [
    ['sealing', 'GenerateDataKey', () => sealing.seal(PLAIN, ATTEMPT)],
    ['opening', 'Decrypt', () => unsealing.unseal(sealed, ATTEMPT)],
  ];

  test.each(uses)('%s under a key that is off', async (_, __, use) => {
    await kms.send(new DisableKeyCommand({ KeyId: keyId }));
    expect(await problemThrown(use)).toMatchObject({
      type: 'aws:DisabledException',
      retry: 'never',
      detail: expect.stringContaining(keyId),
      fix: `aws kms enable-key --key-id ${keyId}`,
    });
    await kms.send(new EnableKeyCommand({ KeyId: keyId }));
    await use();
  });

  test.each(uses)('%s without the right to it is no broken text', async (_, operation, use) => {
    await aws.fault({ kind: 'access-denied', operation });
    expect(await problemThrown(use)).toMatchObject({
      type: 'aws:AccessDeniedException',
      retry: 'never',
      fix: expect.stringContaining(`allow kms:${operation}`),
    });
  });

  test.each(uses)('%s while KMS is down', async (_, operation, use) => {
    await aws.fault({ kind: 'unavailable', operation });
    expect(await problemThrown(use)).toMatchObject({ retry: 'later', status: 503 });
  });

  test('a key that is not there', async () => {
    const gone = kmsSeal({ keyId: keyId.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000') });
    expect(await problemThrown(() => gone.seal(PLAIN, ATTEMPT))).toMatchObject({
      type: 'aws:NotFoundException',
      retry: 'never',
      fix: expect.stringMatching(/^deploy again: .*0000$/),
    });
    gone.close();
  });

  test("KMS's word for a text under a key that it does not have is that of a broken text", async () => {
    const message =
      'The ciphertext refers to a customer master key that does not exist, or you are not allowed to access.';
    const body = JSON.stringify({ __type: 'AccessDeniedException', message });
    await aws.fault({ kind: 'answer', path: '/', status: 400, body, count: 1 });
    expect(await problemThrown(() => unsealing.unseal(sealed, ATTEMPT))).toMatchObject({ type: 'nolapse:seal-broken' });
  });
});

test.each([
  ['kmsSeal', 'GenerateDataKey', 'Decrypt'],
  ['kmsUnseal', 'Decrypt', 'GenerateDataKey'],
])('a bundle with %s knows %s and not %s', async (factory, holds, lacks) => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${factory} } from './shared/adapters/aws/kms-seal.ts'; console.log(${factory});`,
      resolveDir: resolve(import.meta.dirname, '../../../..'),
    },
    ...{ bundle: true, write: false, platform: 'node', format: 'esm', minify: true, mainFields: ['module', 'main'] },
  });
  const [bundle] = outputFiles;
  expect(bundle?.text).toContain(`"${holds}"`);
  expect(bundle?.text).not.toContain(`"${lacks}"`);
});
