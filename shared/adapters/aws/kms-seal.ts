/** Port 4 on KMS: each text under a data key of its own, which KMS wraps and binds to the context. Sealing and opening are two factories. */
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Seal, Unseal } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { type DataKey, sealText, unsealText } from '../sealed-text.ts';
import { awsCode, awsProblem, awsText } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface KmsKey {
  /** ARN or id; aliases are not pinned to a key. */
  readonly keyId: string;
}

/** An answer without a key would be KMS's mistake; nothing can be done under it. */
const NO_KEY = new Uint8Array();
/** What KMS says to a text that it cannot open: damaged, for another context, or under another key than the one that is named. */
const BROKEN = /^(InvalidCiphertext|IncorrectKey)Exception$/;
/** Its word for a key that only the text names; a right that is missing on ours is told by its ARN. */
const OF_ANOTHER = /^The ciphertext refers to /;

const isBroken = (error: unknown): boolean => BROKEN.test(awsCode(error)) || OF_ANOTHER.test(awsText(error));

/** Seals with the right to GenerateDataKey alone. Throws ProblemError `aws:<ErrorCode>` or `nolapse:unreachable`. */
export function kmsSeal<Context extends object>({ keyId }: KmsKey): { readonly seal: Seal<Context>; close(): void } {
  const client = new KMSClient({ requestHandler: TIME_OUTS });
  const make = async (context: Readonly<Record<string, string>>): Promise<DataKey> => {
    try {
      const { Plaintext = NO_KEY, CiphertextBlob = NO_KEY } = await client.send(
        new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context }),
      );
      return { plain: Plaintext, wrapped: CiphertextBlob };
    } catch (error) {
      throw kmsProblem(error, keyId, 'making a data key');
    }
  };
  return {
    seal: (plain, context) => sealText(plain, context, (bound) => make(bound.context)),
    close: () => client.destroy(),
  };
}

/**
 * Opens what was sealed under this key and no other, with the right to Decrypt alone. Throws ProblemError `nolapse:seal-broken` as the port says,
 * `aws:<ErrorCode>` or `nolapse:unreachable` when KMS may not or cannot tell.
 */
export function kmsUnseal<Context extends object>({
  keyId,
}: KmsKey): {
  readonly unseal: Unseal<Context>;
  close(): void;
} {
  const client = new KMSClient({ requestHandler: TIME_OUTS });
  const open = async (wrapped: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array> => {
    try {
      const { Plaintext = NO_KEY } = await client.send(
        new DecryptCommand({ KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: context }),
      );
      return Plaintext;
    } catch (error) {
      throw isBroken(error) ? error : kmsProblem(error, keyId, 'opening a data key');
    }
  };
  return {
    unseal: (sealed, context) => unsealText(sealed, context, (wrapped, bound) => open(wrapped, bound.context)),
    close: () => client.destroy(),
  };
}

const FIXES: Readonly<Record<string, (keyId: string) => string>> = {
  DisabledException: (keyId) => `aws kms enable-key --key-id ${keyId}`,
  KMSInvalidStateException: (keyId) =>
    `aws kms cancel-key-deletion --key-id ${keyId}, then aws kms enable-key --key-id ${keyId}`,
  NotFoundException: (keyId) => `deploy again: this account and region have no key ${keyId}`,
};

function kmsProblem(error: unknown, keyId: string, doing: string): ProblemError {
  const problem = awsProblem(error, `${doing} under ${keyId}`);
  const fix = FIXES[awsCode(error)]?.(keyId);
  return new ProblemError(fix === undefined ? problem : { ...problem, fix });
}
