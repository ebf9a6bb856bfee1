/** A key of KMS looked at: usable, disabled, to be deleted, or not ours to look at. */
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { requireKey } from '../../../../shared/adapters/aws/kms-look.ts';
import { type AwsWorld, openAws } from './world.ts';

let aws: AwsWorld;
let arn = '';
beforeAll(async () => {
  aws = await openAws();
  arn = (await new KMSClient({}).send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
});
afterEach(() => aws.mend());
afterAll(() => aws.close());

describe('requireKey', () => {
  test('takes a key that is enabled, and asks for nothing else', async () => {
    await requireKey(arn);
    expect((await aws.requests()).map(({ kind }) => kind)).toEqual(['kms CreateKey', 'kms DescribeKey']);
  });

  test('says what is missing where it may not look', async () => {
    await aws.fault({ kind: 'access-denied', operation: 'DescribeKey' });
    await expect(requireKey(arn)).rejects.toMatchObject({
      problem: { fix: expect.stringContaining('kms:DescribeKey') },
    });
  });

  test('says how a key is enabled that is not', async () => {
    await new KMSClient({}).send(new DisableKeyCommand({ KeyId: arn }));
    await expect(requireKey(arn)).rejects.toMatchObject({
      problem: { type: 'nolapse:key-unusable', fix: `aws kms enable-key --key-id ${arn}` },
    });
  });
});
