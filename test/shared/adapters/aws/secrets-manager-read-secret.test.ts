/** Secrets that the fleet file refers to: which secret, what in it, and what to do where there is none. */
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { secretsManagerReader } from '../../../../shared/adapters/aws/secrets-manager-read-secret.ts';
import { startRecorder } from '../../../scenarios/harness/recorder.ts';
import { problemThrown } from '../local/thrown.ts';
import { type AwsWorld, openAws } from './world.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const HMAC = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';

let aws: AwsWorld;
let client: SecretsManagerClient;
let reader: ReturnType<typeof secretsManagerReader>;
beforeAll(async () => {
  aws = await openAws();
  client = new SecretsManagerClient({});
  reader = secretsManagerReader({ fleet: 'acme' });
});
afterEach(() => aws.mend());
afterAll(async () => {
  reader.close();
  client.destroy();
  await aws.close();
});

const make = async (Name: string, value: string | Uint8Array) =>
  (
    await client.send(
      new CreateSecretCommand({
        Name,
        ...(typeof value === 'string' ? { SecretString: value } : { SecretBinary: value }),
      }),
    )
  ).ARN ?? '';
const read = async (name: string, key: string): Promise<string> =>
  Buffer.from(await reader.readSecret({ from: 'fleet', name, key })).toString();

test('a key of a JSON object is its text, as it is', async () => {
  await make('nolapse/acme/ca', JSON.stringify({ 'tls.crt': PEM, 'tls.key': 'k\n', ß: 'ü' }));
  expect(await read('ca', 'tls.crt')).toBe(PEM);
  expect(await read('ca', 'tls.key')).toBe('k\n');
  expect(await read('ca', 'ß')).toBe('ü');
});

test.each<[string, string | Uint8Array, string]>([
  ['a text', HMAC, HMAC],
  ['a PEM file', PEM, PEM],
  ['digits', '12345', '12345'],
  ['a JSON string', '"quoted"', '"quoted"'],
  ['bytes', Buffer.from(PEM), PEM],
])('a secret that is %s is one value, whatever key is asked for', async (what, value, whole) => {
  const name = what.replaceAll(' ', '-');
  await make(`nolapse/acme/${name}`, value);
  expect(await read(name, 'secret')).toBe(whole);
  expect(await read(name, 'other')).toBe(whole);
});

test('a whole text by name and by ARN, JSON or not', async () => {
  const kubeconfig = JSON.stringify({ kind: 'Config' });
  const arn = await make('nolapse/edge-kubeconfig', kubeconfig);
  expect(await reader.readSecretText('nolapse/edge-kubeconfig')).toBe(kubeconfig);
  expect(await reader.readSecretText(arn)).toBe(kubeconfig);
});

test('an ARN is asked for in its own region', async () => {
  const recorder = await startRecorder();
  const upstream = { url: aws.url };
  process.env.AWS_ENDPOINT_URL = await recorder.front({ server: 'aws', protocol: 'aws', tls: false, upstream });
  const elsewhere = secretsManagerReader({ fleet: 'acme' });
  for (const id of ['arn:aws:secretsmanager:us-east-1:111111111111:secret:gone-AbCdEf', 'gone'])
    await problemThrown(() => elsewhere.readSecretText(id));
  const scopes = recorder.seen().map(({ requestHeaders }) => requestHeaders.authorization?.split('/')[2]);
  expect(scopes).toEqual(['us-east-1', 'eu-west-1']);
  elsewhere.close();
  await recorder.close();
});

describe('what is missing', () => {
  const problemOf = (name: string, key = 'secret') =>
    problemThrown(() => reader.readSecret({ from: 'fleet', name, key }));

  test('a secret that is not there, with the command that makes it', async () => {
    expect(await problemOf('eab')).toEqual({
      type: 'nolapse:secret-missing',
      detail: 'there is no secret nolapse/acme/eab in Secrets Manager, or it has no value',
      retry: 'later',
      fix: `aws secretsmanager create-secret --name nolapse/acme/eab --secret-string '{"secret":"…"}'`,
    });
    expect(await problemThrown(() => reader.readSecretText('nolapse/slack'))).toMatchObject({
      type: 'nolapse:secret-missing',
      fix: 'aws secretsmanager create-secret --name nolapse/slack --secret-string file://FILE',
    });
  });

  test('a key that is not there, with the names of those that are and no value', async () => {
    await make('nolapse/acme/half', JSON.stringify({ 'tls.crt': PEM, number: 1, empty: '' }));
    for (const key of ['tls.key', 'number', 'empty', 'toString', '__proto__']) {
      const problem = await problemOf('half', key);
      expect(problem).toMatchObject({ type: 'nolapse:secret-missing', retry: 'later' });
      expect(problem.detail).toContain(`no text under the key ${key}; it has empty, number, tls.crt`);
      expect(problem.fix).toMatch(/^aws secretsmanager put-secret-value --secret-id nolapse\/acme\/half /);
      expect(problem.fix).toContain(`"${key}":"…"`);
      expect(JSON.stringify(problem)).not.toContain('MIIB');
    }
  });

  test('a secret that is empty or marked for deletion', async () => {
    await make('nolapse/acme/empty', '');
    expect(await problemOf('empty')).toMatchObject({
      type: 'nolapse:secret-missing',
      fix: expect.stringContaining('put-secret-value --secret-id nolapse/acme/empty'),
    });
    await make('nolapse/acme/deleted', HMAC);
    await client.send(new DeleteSecretCommand({ SecretId: 'nolapse/acme/deleted' }));
    expect(await problemOf('deleted')).toMatchObject({
      type: 'nolapse:secret-missing',
      retry: 'later',
      fix: 'aws secretsmanager restore-secret --secret-id nolapse/acme/deleted',
    });
  });

  test('a right', async () => {
    await aws.fault({ kind: 'access-denied', operation: 'GetSecretValue' });
    expect(await problemOf('eab')).toMatchObject({
      type: 'aws:AccessDeniedException',
      fix: expect.stringContaining('allow secretsmanager:GetSecretValue'),
    });
  });

  test('a Secret of a cluster is not looked for here', async () => {
    const ref = { from: 'cluster', cluster: 'prod', namespace: 'shop', name: 'ca', key: 'tls.key' } as const;
    expect(await problemThrown(() => reader.readSecret(ref))).toMatchObject({
      type: 'nolapse:secret-missing',
      detail: expect.stringContaining('prod/shop/ca is in a cluster'),
    });
  });
});
