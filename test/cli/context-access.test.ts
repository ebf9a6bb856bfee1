/** How a context becomes an access of a fleet file: EKS by name where its plugin is understood, else the context itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { accessOfContext } from '../../cli/context-access.ts';

const ROLE = 'arn:aws:iam::111111111111:role/reader';
const EKS = 'https://0A1B.gr7.us-west-2.eks.amazonaws.com';

function accessBy(user: object, { server = 'https://10.0.0.1', env = {} } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'nolapse-context-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const path = join(home, 'config');
  const config = {
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return accessOfContext({ by: 'kubeconfig', path, context: 'here' }, { home, env });
}

const aws = (...args: readonly string[]) => ({ exec: { command: 'aws', args: ['eks', 'get-token', ...args] } });

test.each([
  [
    'aws eks get-token with all it needs',
    aws('--cluster-name', 'prod', '--region', 'eu-west-1', '--role-arn', ROLE, '--profile', 'ops'),
    {},
    {
      access: { by: 'eks', clusterName: 'prod', region: 'eu-west-1', roleArn: ROLE },
      from: 'the exec entry of the context',
      profile: 'ops',
    },
  ],
  [
    'aws-iam-authenticator with an external id',
    { exec: { command: '/opt/aws-iam-authenticator', args: ['token', '-i', 'prod', '-r', ROLE, '-e', 'x'] } },
    { env: { AWS_REGION: 'eu-west-1' } },
    {
      access: { by: 'eks', clusterName: 'prod', region: 'eu-west-1', roleArn: ROLE, externalId: 'x' },
      from: 'the exec entry of the context, region of AWS_REGION here',
    },
  ],
  [
    'a region that the address tells, before the environment',
    aws('--cluster-name', 'prod'),
    { server: EKS, env: { AWS_REGION: 'eu-west-1' } },
    {
      access: { by: 'eks', clusterName: 'prod', region: 'us-west-2' },
      from: "the exec entry of the context, region of its API server's address",
    },
  ],
])('%s is EKS', (_, user, around, found) => {
  expect(accessBy(user, around)).toEqual(found);
});

test.each([
  ['a token', { token: 'a' }, undefined],
  ['EKS of no known region', aws('--cluster-name', 'prod'), 'a credential plugin'],
  ['a plugin that is not understood', { exec: { command: 'gke-gcloud-auth-plugin' } }, 'a credential plugin'],
  ['a token file', { tokenFile: 'token' }, 'a token file'],
])('%s stays a context of the kubeconfig, at home', (_, user, onlyHere) => {
  expect(accessBy(user)).toEqual({
    access: { by: 'kubeconfig', path: '~/config', context: 'here' },
    from: 'the context of that name',
    ...(onlyHere && { onlyHere }),
  });
});
