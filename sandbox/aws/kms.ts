/** KMS: symmetric keys, data keys under them that are bound to an encryption context, keys that are switched off. Knows no policy and no alias. */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from './refusal.ts';
import type { AwsRequest } from './request.ts';

type Input = Readonly<Record<string, unknown>>;

interface Key {
  readonly id: string;
  readonly arn: string;
  readonly material: Uint8Array;
  readonly isEnabled: boolean;
}

const ACCOUNT = '000000000000';
const ALGORITHM = 'aes-256-gcm';
const ID_BYTES = 36;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };

/** One text for one context, whatever the order of its pairs. */
const boundTo = (context: unknown): Uint8Array =>
  Buffer.from(JSON.stringify(Object.entries((context ?? {}) as object).sort(([a], [b]) => (a < b ? -1 : 1))));

/** key id | nonce | ciphertext | tag */
function encrypted({ id, material }: Key, plain: Uint8Array, context: unknown): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, material, nonce).setAAD(boundTo(context));
  return Buffer.concat([Buffer.from(id), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypted({ material }: Key, blob: Buffer, context: unknown): Buffer {
  const nonce = blob.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
  try {
    const decipher = createDecipheriv(ALGORITHM, material, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(context)).setAuthTag(blob.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(blob.subarray(ID_BYTES + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw Object.assign(invalidCiphertext(), { cause: error });
  }
}

/** KMS says no more than that. */
const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

const described = ({ id, arn, isEnabled }: Key): Input => ({
  KeyMetadata: {
    KeyId: id,
    Arn: arn,
    Enabled: isEnabled,
    KeyState: isEnabled ? 'Enabled' : 'Disabled',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
  },
});

export class Kms {
  readonly #keys = new Map<string, Key>();

  /** Throws AwsError; UnknownOperationException for what it does not do. */
  perform({ operation, region }: AwsRequest, input: Input): Input {
    switch (operation) {
      case 'CreateKey':
        return this.#create(region);
      case 'DescribeKey':
        return described(this.#find(input.KeyId, region));
      case 'EnableKey':
      case 'DisableKey':
        return this.#switch(this.#find(input.KeyId, region), operation === 'EnableKey');
      case 'GenerateDataKey':
        return this.#generate(this.#usable(input.KeyId, region), input);
      case 'Decrypt':
        return this.#decrypt(input, region);
      default:
        throw new AwsError('UnknownOperationException', `The sandbox does not know ${operation}.`);
    }
  }

  #create(region: string): Input {
    const id = randomUUID();
    const arn = `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`;
    this.#keys.set(id, { id, arn, material: randomBytes(32), isEnabled: true });
    return described(this.#find(id, region));
  }

  /** By id or ARN. */
  #find(keyId: unknown, region: string): Key {
    const named = String(keyId);
    const key = this.#keys.get(named.split('/').at(-1) ?? '');
    if (key && [key.id, key.arn].includes(named)) return key;
    const arn = named.startsWith('arn:') ? named : `arn:aws:kms:${region}:${ACCOUNT}:key/${named}`;
    throw new AwsError('NotFoundException', `Key '${arn}' does not exist`);
  }

  #usable(keyId: unknown, region: string): Key {
    const key = this.#find(keyId, region);
    if (!key.isEnabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
    return key;
  }

  #switch(key: Key, isEnabled: boolean): Input {
    this.#keys.set(key.id, { ...key, isEnabled });
    return {};
  }

  #generate(key: Key, { KeySpec, EncryptionContext }: Input): Input {
    const bytes = DATA_KEY_BYTES[String(KeySpec)];
    if (bytes === undefined)
      throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
    const plain = randomBytes(bytes);
    const blob = encrypted(key, plain, EncryptionContext);
    return { KeyId: key.arn, Plaintext: plain.toString('base64'), CiphertextBlob: blob.toString('base64') };
  }

  #decrypt({ CiphertextBlob, KeyId, EncryptionContext }: Input, region: string): Input {
    const blob = Buffer.from(String(CiphertextBlob), 'base64');
    const pinned = KeyId === undefined ? undefined : this.#find(KeyId, region);
    const id = blob.subarray(0, ID_BYTES).toString();
    const key = this.#keys.has(id) ? this.#usable(id, region) : undefined;
    if (!key) throw invalidCiphertext();
    if (pinned && pinned.id !== key.id)
      throw new AwsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    const plain = decrypted(key, blob, EncryptionContext);
    return { KeyId: key.arn, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }
}
