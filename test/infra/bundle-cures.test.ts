/** What bundles leave out of the SDK: whatever a service refuses, we read the same of it with and without. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CURES } from '../../infra/bundle-cures.ts';
import { awsProblem } from '../../shared/adapters/aws/aws-problem.ts';

const root = resolve(import.meta.dirname, '../..');
const NAMES = { region: 'eu-west-1', credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' } };

type Refusal = { readonly type: string; readonly body: string; readonly headers?: Record<string, string> };

const MESSAGE = 'not <so> & "thus"';
const XML = MESSAGE.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const json = (error: string): Refusal => ({
  type: 'application/x-amz-json-1.0',
  body: JSON.stringify({ __type: `com.amazonaws.any#${error}`, message: MESSAGE }),
});
const restJson = (error: string): Refusal => ({
  type: 'application/json',
  body: JSON.stringify({ message: MESSAGE }),
  headers: { 'x-amzn-errortype': error },
});
const errorXml = (error: string, more = ''): string =>
  `<Error><Type>Sender</Type><Code>${error}</Code><Message>${XML}</Message>${more}</Error>`;
const xml = (error: string, more = ''): Refusal => ({
  type: 'text/xml',
  body: `<ErrorResponse xmlns="https://any">${errorXml(error, more)}<RequestId>1</RequestId></ErrorResponse>`,
});
/** Without anything around it. */
const bare = (error: string): Refusal => ({ type: 'text/xml', body: errorXml(error) });
/** Of a service that once spoke the query protocol, and says the name from there beside the one of now. */
const bilingual = (error: string, code: string): Refusal => ({
  ...json(error),
  headers: { 'x-amzn-query-error': `${code};Sender` },
});
const query = (_error: string, code: string): Refusal => xml(code);
/** One error has a list, which we read. */
const listing = (error: string): Refusal =>
  xml(error, error === 'InvalidChangeBatch' ? '<messages><Message>one</Message><Message>two</Message></messages>' : '');

/** Each with an operation that functions call. */
const CLIENTS = [
  ['dynamodb', 'DynamoDBClient', 'GetItemCommand', { TableName: 't', Key: { pk: { S: 'a' } } }, json],
  ['eks', 'EKSClient', 'DescribeClusterCommand', { name: 'c' }, restJson],
  ['eventbridge', 'EventBridgeClient', 'PutEventsCommand', { Entries: [] }, json],
  ['kms', 'KMSClient', 'DecryptCommand', { CiphertextBlob: new Uint8Array(1) }, json],
  ['route-53', 'Route53Client', 'GetChangeCommand', { Id: 'C1' }, listing],
  ['s3', 'S3Client', 'GetObjectCommand', { Bucket: 'b', Key: 'k' }, bare],
  ['secrets-manager', 'SecretsManagerClient', 'GetSecretValueCommand', { SecretId: 's' }, json],
  ['sns', 'SNSClient', 'PublishCommand', { TopicArn: 't', Message: 'm' }, query],
  ['sqs', 'SQSClient', 'SendMessageCommand', { QueueUrl: 'http://127.0.0.1/q', MessageBody: 'm' }, bilingual],
  ['sts', 'STSClient', 'AssumeRoleCommand', { RoleArn: 'arn:aws:iam::1:role/r', RoleSessionName: 's' }, query],
] as const;

type Loaded = Readonly<
  Record<string, new (...args: unknown[]) => { send(command: unknown): Promise<unknown>; destroy(): void }>
>;

let answer: Refusal;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(400, { 'content-type': answer.type, ...answer.headers }).end(answer.body);
  });
});
let folder: string;
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-cures-'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** The client alone, as it is in a bundle. */
async function cured(service: string, names: readonly string[]): Promise<Loaded> {
  const outfile = join(folder, `${service}.mjs`);
  await build({
    stdin: { contents: `export { ${names.join(', ')} } from '@aws-sdk/client-${service}';`, resolveDir: root },
    ...{ outfile, bundle: true, platform: 'node', target: 'node24', format: 'esm', mainFields: ['module', 'main'] },
    plugins: CURES,
  });
  return (await import(outfile)) as Loaded;
}

/** What the query protocol calls an error, as its schema says: often not what its class is called. */
function queryCodeOf(of: Readonly<Record<string, unknown>>, error: string): string {
  const [, , , traits] = (of[`${error}$`] ?? []) as readonly { readonly awsQueryError?: readonly [string, number] }[];
  return traits?.awsQueryError?.[0] ?? error;
}

async function refusals(
  of: Loaded,
  [client, command, input]: readonly [string, string, object],
  errors: readonly Refusal[],
) {
  const open = new (of[client] as Loaded[string])({ ...NAMES, endpoint, maxAttempts: 1, forcePathStyle: true });
  const problems: object[] = [];
  for (const error of errors) {
    answer = error;
    problems.push(
      await open.send(new (of[command] as Loaded[string])(input)).then(
        () => ({}),
        (thrown: unknown) => awsProblem(thrown, 'asking'),
      ),
    );
  }
  open.destroy();
  return problems;
}

describe.each(CLIENTS)('%s', (service, client, command, input, refusal) => {
  test('is told the same of every error of the service, and of one that nobody knows', async () => {
    const whole = (await import(`@aws-sdk/client-${service}`)) as Loaded;
    const errors = Object.entries(whole).flatMap(([name, one]) => (one.prototype instanceof Error ? [name] : []));
    expect(errors.length).toBeGreaterThan(5);
    const refused = [...errors, 'ThrottlingException', 'AccessDenied', 'Unheard'].map((error) =>
      refusal(error, queryCodeOf(whole, error)),
    );
    const asked = [client, command, input] as const;
    const expected = await refusals(whole, asked, refused);
    expect(await refusals(await cured(service, [client, command]), asked, refused)).toEqual(expected);
    expect(expected).toContainEqual(
      expect.objectContaining({ type: 'aws:Unheard', detail: `asking: ${MESSAGE}`, status: 400 }),
    );
  });
});
