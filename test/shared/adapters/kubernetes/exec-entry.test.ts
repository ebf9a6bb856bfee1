/** Which credential plugins are understood, and what of them. */
import { describe, expect, test } from 'vitest';
import { eksCallOf, execEntryOf } from '../../../../shared/adapters/kubernetes/exec-entry.ts';

const callOf = (command: string, args: string, env: Record<string, string> = {}) => {
  const list = Object.entries(env).map(([name, value]) => ({ name, value }));
  const entry = execEntryOf({ command, args: args.split(' '), env: list });
  return entry && eksCallOf(entry);
};

const EKS = '--region eu-west-1 eks get-token --cluster-name shop';

describe('a plugin', () => {
  test.each([
    ['aws', `${EKS} --output json`, {}, { cluster: 'shop', region: 'eu-west-1' }],
    [
      '/usr/local/bin/aws',
      'eks get-token --cluster-name=shop --role-arn arn:x',
      {},
      { cluster: 'shop', roleArn: 'arn:x' },
    ],
    ['aws', EKS, { AWS_PROFILE: 'p', AWS_REGION: 'x' }, { cluster: 'shop', region: 'eu-west-1', profile: 'p' }],
    ['aws', 'eks get-token --cluster-id i --profile q', { AWS_PROFILE: 'p' }, { cluster: 'i', profile: 'q' }],
    [
      'aws-iam-authenticator',
      'token -i shop -r arn:x',
      { AWS_DEFAULT_REGION: 'x' },
      { cluster: 'shop', roleArn: 'arn:x', region: 'x' },
    ],
    [
      'aws-iam-authenticator.exe',
      'token --cluster-id shop --external-id e --session-name s --cache',
      {},
      { cluster: 'shop', externalId: 'e', sessionName: 's' },
    ],
  ] as const)('%s %s is understood', (command, args, env, call) => {
    expect(callOf(command, args, env)).toEqual(call);
  });

  test.each([
    ['aws', 'eks get-token', {}],
    ['aws', 's3 ls --cluster-name shop', {}],
    ['aws', `${EKS} --endpoint-url http://evil`, {}],
    ['aws', EKS, { AWS_ACCESS_KEY_ID: 'another identity' }],
    ['aws-iam-authenticator', 'verify -i shop', {}],
    ['aws-vault', `exec prod -- aws ${EKS}`, {}],
    ['gke-gcloud-auth-plugin', '', {}],
  ] as const)('%s %s %j is not', (command, args, env) => {
    expect(callOf(command, args, env)).toBeUndefined();
  });
});
