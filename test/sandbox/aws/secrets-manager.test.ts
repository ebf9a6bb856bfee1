/** Secrets Manager of the part `aws` by the stock SDK. */
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, test } from 'vitest';
import { awsWorld } from './world.ts';

const { settings } = awsWorld();
const token = (digit: number): string => String(digit).repeat(32);
let made = 0;

describe('Secrets Manager', () => {
  const client = () => new SecretsManagerClient(settings());
  let name: string;

  beforeEach(() => {
    made += 1;
    name = `certs/shop-${made}`;
  });

  const create = (text = 'one', id = token(1)) =>
    client().send(
      new CreateSecretCommand({
        Name: name,
        SecretString: text,
        ClientRequestToken: id,
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
  const put = (text: string, id: string) =>
    client().send(new PutSecretValueCommand({ SecretId: name, SecretString: text, ClientRequestToken: id }));
  const describeIt = () => client().send(new DescribeSecretCommand({ SecretId: name }));

  test('a secret is created with its tags, described and read by name and by ARN', async () => {
    const { ARN = '', VersionId } = await create();
    expect(ARN).toMatch(new RegExp(`^arn:aws:secretsmanager:eu-west-1:000000000000:secret:${name}-\\w{6}$`));
    expect(VersionId).toBe(token(1));
    const described = await describeIt();
    expect(described.Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    expect(described.VersionIdsToStages).toEqual({ [token(1)]: ['AWSCURRENT'] });
    expect(Math.abs((described.LastChangedDate?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
    for (const SecretId of [name, ARN])
      expect((await client().send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('one');
  });

  test('the same token and content make one version, however often they are sent', async () => {
    const first = await create();
    expect((await create()).ARN).toBe(first.ARN);
    await put('two', token(2));
    expect((await put('two', token(2))).VersionStages).toEqual(['AWSCURRENT']);
    expect((await describeIt()).VersionIdsToStages).toEqual({
      [token(1)]: ['AWSPREVIOUS'],
      [token(2)]: ['AWSCURRENT'],
    });
  });

  test('stages move on, and a version that lost both is no longer told', async () => {
    await create();
    await put('two', token(2));
    await put('three', token(3));
    expect((await describeIt()).VersionIdsToStages).toEqual({
      [token(2)]: ['AWSPREVIOUS'],
      [token(3)]: ['AWSCURRENT'],
    });
    const previous = await client().send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSPREVIOUS' }));
    expect(previous.SecretString).toBe('two');
  });

  test('tags are added, replaced and removed', async () => {
    await create();
    await client().send(
      new TagResourceCommand({
        SecretId: name,
        Tags: [
          { Key: 'a', Value: 'c' },
          { Key: 'd', Value: 'e' },
        ],
      }),
    );
    await client().send(new UntagResourceCommand({ SecretId: name, TagKeys: ['d'] }));
    expect((await describeIt()).Tags).toEqual([{ Key: 'a', Value: 'c' }]);
  });

  test('a secret marked for deletion takes nothing until it is restored', async () => {
    await create();
    await client().send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    const marked = { name: 'InvalidRequestException', message: expect.stringContaining('deletion') };
    await expect(put('two', token(2))).rejects.toMatchObject(marked);
    await expect(create('x', token(3))).rejects.toMatchObject(marked);
    expect((await describeIt()).DeletedDate).toBeInstanceOf(Date);
    await client().send(new RestoreSecretCommand({ SecretId: name }));
    expect((await put('two', token(2))).VersionId).toBe(token(2));
  });

  test('AWSCURRENT moves to a version that is there, from the one that has it', async () => {
    await create();
    await put('two', token(2));
    const move = (RemoveFromVersionId: string) =>
      client().send(
        new UpdateSecretVersionStageCommand({
          SecretId: name,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: token(1),
          RemoveFromVersionId,
        }),
      );
    await expect(move(token(1))).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await move(token(2));
    expect((await describeIt()).VersionIdsToStages).toEqual({
      [token(1)]: ['AWSCURRENT'],
      [token(2)]: ['AWSPREVIOUS'],
    });
  });

  test('lists go by pages and by the beginning of the name', async () => {
    await create();
    const Filters = [{ Key: 'name' as const, Values: ['certs/'] }];
    const page = await client().send(new ListSecretsCommand({ Filters, MaxResults: 1 }));
    expect(page.SecretList).toHaveLength(1);
    const rest = await client().send(new ListSecretsCommand({ Filters, NextToken: page.NextToken ?? '' }));
    expect(rest.SecretList?.map((one) => one.Name)).toContain(name);
    expect(
      (await client().send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['none'] }] }))).SecretList,
    ).toEqual([]);
  });

  test.each([
    [
      'another content for the same token',
      () => put('other', token(1)),
      'ResourceExistsException',
      /already in use for a version of secret arn:/,
    ],
    ['a second secret of the name', () => create('other', token(9)), 'ResourceExistsException', /already exists/],
    ['65,537 bytes', () => put('x'.repeat(65_537), token(4)), 'ValidationException', /less than or equal to 65536/],
    ['65,537 bytes in fewer characters', () => put('é'.repeat(32_769), token(4)), 'ValidationException', /65536/],
    ['a token of 31 characters', () => put('x', 'x'.repeat(31)), 'InvalidParameterException', /32-64 characters/],
    [
      'a name with a space',
      () => client().send(new CreateSecretCommand({ Name: 'a b' })),
      'ValidationException',
      /Invalid name/,
    ],
    [
      'a secret that is not there',
      () => client().send(new DescribeSecretCommand({ SecretId: 'none' })),
      'ResourceNotFoundException',
      /can't find the specified secret/,
    ],
    [
      'a stage that no version has',
      () => client().send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'X' })),
      'ResourceNotFoundException',
      /staging label: X/,
    ],
  ])('%s is refused', async (_, ask, errorName, message) => {
    await create();
    await expect(ask()).rejects.toMatchObject({ name: errorName, message: expect.stringMatching(message) });
  });

  test('65,536 bytes are taken', async () => {
    await create();
    expect((await put('x'.repeat(65_536), token(5))).VersionId).toBe(token(5));
  });
});
