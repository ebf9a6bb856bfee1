/** What only the bucket has: names of objects, and what S3 refuses. */
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { objectNameOf, s3Blobs } from '../../../../shared/adapters/aws/s3-blobs.ts';
import { problemThrown } from '../local/thrown.ts';
import { type AwsWorld, openAws } from './world.ts';

const BUCKET = 'nolapse-blobs';
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

let aws: AwsWorld;
let blobs: ReturnType<typeof s3Blobs>;
beforeAll(async () => {
  aws = await openAws();
  const client = new S3Client({});
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  blobs = s3Blobs({ bucket: BUCKET });
});
afterEach(() => aws.mend());
afterAll(async () => {
  blobs.close();
  await aws.close();
});

test.each([
  ['snapshots/prod-eu', 'snapshots/prod-eu'],
  ['snapshots%2Fprod-eu', 'snapshots%252Fprod-eu'],
  ['../outside', '%2E%2E/outside'],
  ['a/./b', 'a/%2E/b'],
  ['.hidden', '.hidden'],
  ['with space?', 'with%20space%3F'],
  ['雪', '%E9%9B%AA'],
])('the key %s is the object %s', (key, name) => {
  expect(objectNameOf(key)).toBe(name);
});

test('long keys that begin alike are different objects, within the length that S3 takes', () => {
  const names = ['a', 'b', ''].map((end) => objectNameOf('雪/'.repeat(400) + end));
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1_024);
  expect(objectNameOf('')).not.toBe('');
});

test('a page is shown where it is opened, by its type', async () => {
  const client = new S3Client({});
  onTestFinished(() => client.destroy());
  const typeOf = async (Key: string) => (await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).ContentType;
  await blobs.write('reports/latest.html', text('<p>'));
  await blobs.write('snapshots/prod-eu', text('{}'));
  expect(await typeOf('reports/latest.html')).toBe('text/html; charset=utf-8');
  expect(await typeOf('snapshots/prod-eu')).not.toContain('html');
});

test('the bucket is in the path, where an endpoint that is an address can be found', async () => {
  await blobs.write('snapshots/prod-eu', text('x'));
  const seen = (await (await fetch(`${aws.url}/_sandbox/requests`)).json()) as { path: string; kind: string }[];
  expect(seen.at(-1)).toMatchObject({ path: `/${BUCKET}/snapshots/prod-eu`, kind: 's3 PutObject' });
});

describe('refusals', () => {
  const uses: readonly [string, string, (of: typeof blobs) => unknown][] = [
    ['reading', 'GetObject', (of) => of.read('snapshots/a')],
    ['writing', 'PutObject', (of) => of.write('snapshots/a', text('x'))],
  ];

  test.each(uses)('%s in a bucket that is not there', async (doing, _, use) => {
    const elsewhere = s3Blobs({ bucket: 'gone' });
    expect(await problemThrown(() => use(elsewhere))).toMatchObject({
      type: 'nolapse:state-unwritable',
      retry: 'never',
      detail: expect.stringContaining(`${doing} snapshots/a in bucket gone (NoSuchBucket)`),
      fix: 'deploy again: this account and region have no bucket gone',
    });
    elsewhere.close();
  });

  test.each(uses)('%s without the right to it', async (_, operation, use) => {
    await aws.fault({ kind: 'access-denied', operation });
    expect(await problemThrown(() => use(blobs))).toMatchObject({
      type: 'nolapse:state-unwritable',
      retry: 'never',
      status: 403,
      fix: expect.stringContaining(`allow s3:${operation}`),
    });
  });

  test.each(uses)('%s is tried again when S3 is busy for a moment, and later when it stays so', async (_, __, use) => {
    await aws.fault({ kind: 'unavailable', service: 's3', count: 1 });
    await use(blobs);
    await aws.fault({ kind: 'unavailable', service: 's3' });
    expect(await problemThrown(() => use(blobs))).toMatchObject({ type: 'nolapse:state-unreachable', retry: 'later' });
  });
});
