/** KMS of the part `aws` by the stock SDK. */
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, test } from 'vitest';
import { awsWorld } from './world.ts';

const { settings } = awsWorld();

describe('KMS', () => {
  const context = { fleet: 'acme', attempt: '01' };
  let kms: KMSClient;
  let arn: string;
  const create = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  const generate = (KeyId: string) =>
    kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: context }));
  const decrypt = (CiphertextBlob: Uint8Array | undefined, EncryptionContext: Record<string, string>, KeyId?: string) =>
    kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, ...(KeyId ? { KeyId } : {}) }));

  beforeAll(async () => {
    kms = new KMSClient(settings());
    arn = await create();
  });

  test('a data key opens for its context, by the id or ARN of its key or by none', async () => {
    const { Plaintext, CiphertextBlob, KeyId } = await generate(arn);
    expect(KeyId).toBe(arn);
    expect(Plaintext).toHaveLength(32);
    expect(Buffer.from(CiphertextBlob ?? []).includes(Buffer.from(Plaintext ?? []))).toBe(false);
    for (const pinned of [arn, arn.split('/')[1], undefined]) {
      const opened = await decrypt(CiphertextBlob, { attempt: '01', fleet: 'acme' }, pinned);
      expect(opened).toMatchObject({ KeyId: arn, Plaintext });
    }
  });

  test('two data keys differ', async () => {
    const [one, other] = [await generate(arn), await generate(arn)];
    expect(one.Plaintext).not.toEqual(other.Plaintext);
  });

  test.each([
    ['another context', { ...context, attempt: '02' }],
    ['one pair more', { ...context, more: 'x' }],
    ['no context', {}],
  ])('does not open for %s', async (_, other) => {
    const { CiphertextBlob } = await generate(arn);
    await expect(decrypt(CiphertextBlob, other, arn)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  test('does not open when a byte was changed, wherever it is', async () => {
    const { CiphertextBlob = new Uint8Array() } = await generate(arn);
    for (const at of [0, 35, 36, 50, CiphertextBlob.length - 1]) {
      const changed = Uint8Array.from(CiphertextBlob, (byte, i) => (i === at ? byte ^ 1 : byte));
      await expect(decrypt(changed, context, arn)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    }
  });

  test('does not open under another key than the one that is named', async () => {
    const { CiphertextBlob } = await generate(arn);
    await expect(decrypt(CiphertextBlob, context, await create())).rejects.toMatchObject({
      name: 'IncorrectKeyException',
    });
  });

  test('a key that is off does nothing until it is on again', async () => {
    const other = await create();
    const { CiphertextBlob } = await generate(other);
    await kms.send(new DisableKeyCommand({ KeyId: other }));
    for (const use of [() => generate(other), () => decrypt(CiphertextBlob, context, other)])
      await expect(use()).rejects.toMatchObject({ name: 'DisabledException', message: `${other} is disabled.` });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: other }));
    expect(KeyMetadata).toMatchObject({ Arn: other, Enabled: false, KeyState: 'Disabled' });
    await kms.send(new EnableKeyCommand({ KeyId: other }));
    await decrypt(CiphertextBlob, context, other);
  });

  test('a key that is not there is not found', async () => {
    const gone = arn.replace(/[^/]+$/, 'gone');
    await expect(generate(gone)).rejects.toMatchObject({
      name: 'NotFoundException',
      message: `Key '${gone}' does not exist`,
    });
  });
});
