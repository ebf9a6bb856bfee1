/**
 * `cdk bootstrap`, `deploy` and `destroy` by the real command against moto's CloudFormation, as far as moto goes: what it made is looked at, what it
 * does not know is printed. Also by itself: `node test/real/deployment.ts`.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListLayersCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { command } from './command.ts';
import { ensureMoto, type Moto, startMoto } from './moto.ts';

const root = resolve(import.meta.dirname, '../..');
const FLEET = 'docs/examples/service/fleet.yaml';
const REGION = 'eu-west-1';
/** Of moto. */
const ACCOUNT = '123456789012';
const SERVICE = 'nolapse-acme-service';
const PARAMETER = '/nolapse/acme';

const credentials = { accessKeyId: 'administrator', secretAccessKey: 'administrator' };

/** The environment of the command: this endpoint, and nothing of the person who runs it. */
const cdkEnvironment = (endpoint: string) => ({
  PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  AWS_ENDPOINT_URL: endpoint,
  // where CloudFormation is told to read templates from: moto takes a path for a bucket at this name alone
  AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: endpoint.replace('127.0.0.1', 'localhost'),
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: REGION,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** What the deployment left behind, by the parameter that leads to it. */
async function found(endpoint: string) {
  const settings = { endpoint, region: REGION, credentials };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const { Parameter } = await new SSMClient(settings).send(new GetParameterCommand({ Name: PARAMETER }));
  const { table, bucket, functions, kept } = JSON.parse(Parameter?.Value ?? '');
  const { Table } = await new DynamoDBClient(settings).send(new DescribeTableCommand({ TableName: table }));
  await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  const { Layers = [] } = await new LambdaClient(settings).send(new ListLayersCommand({}));
  const { Keys = [] } = await new KMSClient(settings).send(new ListKeysCommand({}));
  return {
    isTableLocked: Table?.DeletionProtectionEnabled,
    layers: Layers.map(({ LatestMatchingVersion: latest }) => latest?.Description),
    wake: functions.wake,
    keys: Keys.map(({ KeyId = '' }) => KeyId),
    keptKeys: Object.values<{ KeyId?: string }>(kept).flatMap(({ KeyId }) => KeyId ?? []),
  };
}

/** Of `wake`: moto cannot tell of a function whose variables name an event bus. */
async function runtimeOf(endpoint: string, name: string | undefined): Promise<string | undefined> {
  const client = new LambdaClient({ endpoint, region: REGION, credentials });
  try {
    return (await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))).Runtime;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function deployed(endpoint: string): Promise<void> {
  const { wake, keys, keptKeys, ...state } = await found(endpoint);
  deepStrictEqual(state, { isTableLocked: true, layers: ['Nolapse: the fleet acme'] });
  deepStrictEqual(await runtimeOf(endpoint, wake), 'nodejs24.x');
  ok(keptKeys.length === 3 && keptKeys.every((key) => keys.includes(key)), 'the parameter names the keys');
}

async function stays(endpoint: string): Promise<void> {
  const { isTableLocked, wake, keys, keptKeys } = await found(endpoint);
  ok(isTableLocked, 'the table stays');
  deepStrictEqual(keys.toSorted(), keptKeys.toSorted(), 'the keys of the state stay, that of the topic does not');
  deepStrictEqual(await runtimeOf(endpoint, wake), undefined, 'the function does not stay');
}

/** Types that moto passed over. */
async function unknownTypes(log: string): Promise<readonly string[]> {
  const lines = (await readFile(log, 'utf8')).matchAll(/No Moto CloudFormation support for (\S+)/g);
  return [...new Set([...lines].map(([, type = '']) => type))].sort();
}

/** Leaves moto empty. Throws with the command's last words when a step fails. */
export async function checkDeployment(moto: Moto, folder: string): Promise<void> {
  const startedAt = performance.now();
  await moto.reset();
  const assembly = join(folder, 'assembly');
  const cdk = (...args: readonly string[]) =>
    command('cdk', ['--ci', ...args], { cwd: root, env: cdkEnvironment(moto.url) });
  await cdk('synth', '--quiet', '--output', assembly, '--context', `fleet=${FLEET}`);
  const app = ['--app', assembly] as const;
  await cdk('bootstrap', ...app, `aws://${ACCOUNT}/${REGION}`);
  // moto keeps the exports of stacks that were made directly, not of those that were made by a change set
  await cdk('deploy', ...app, '--all', '--method', 'direct', '--require-approval', 'never');
  await deployed(moto.url);
  await cdk('destroy', ...app, SERVICE, '--force');
  await stays(moto.url);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `\n  passed  cdk deploys to moto, and destroys all but the state (${seconds} s); moto's CloudFormation passes over`,
  );
  for (const type of await unknownTypes(join(folder, 'moto.log'))) console.log(`            ${type}`);
  await moto.reset();
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), 'nolapse-deployment-'));
  const moto = await startMoto(await ensureMoto(), folder);
  try {
    await checkDeployment(moto, folder);
  } finally {
    await moto.stop();
    await rm(folder, { recursive: true });
  }
}
