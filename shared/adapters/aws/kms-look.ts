/** Whether a key of KMS can be used. Asks, and uses it for nothing. */
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ProblemError } from '../../contract/problem.ts';
import { awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

/** The fix of a key that is not enabled, by KMS's word for how it is. */
const FIXES: Readonly<Record<string, string>> = {
  Disabled: 'aws kms enable-key --key-id',
  PendingDeletion: 'aws kms cancel-key-deletion --key-id',
};

/** Right: `kms:DescribeKey`. Throws ProblemError `nolapse:key-unusable` where it is not enabled, else `aws:<ErrorCode>` or `nolapse:unreachable`. */
export async function requireKey(arn: string): Promise<void> {
  const [, , , region] = arn.split(':');
  const client = new KMSClient({ requestHandler: TIME_OUTS, ...(region ? { region } : {}) });
  try {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: arn })).catch((error: unknown) => {
      throw new ProblemError(awsProblem(error, `looking at the key ${arn}`));
    });
    const state = KeyMetadata?.KeyState ?? 'unknown';
    if (state === 'Enabled') return;
    const command = FIXES[state];
    throw new ProblemError({
      ...{ type: 'nolapse:key-unusable', detail: `the key ${arn} is ${state}`, retry: 'later' },
      ...(command === undefined ? {} : { fix: `${command} ${arn}` }),
    });
  } finally {
    client.destroy();
  }
}
