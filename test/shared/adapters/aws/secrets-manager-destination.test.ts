/** Secrets Manager as a destination: the contract, what is in the secret, and what others did to it. */
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { secretsManagerDestination } from '../../../../shared/adapters/aws/secrets-manager-destination.ts';
import { versionIdOf } from '../../../../shared/adapters/aws/version-id.ts';
import { type Place, secretsManagerPlace } from '../../../../shared/contract/ids.ts';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { DestinationAdapter } from '../../../../shared/contract/ports.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import { bundleOf, destinationAdapterContract, expectNoKey } from '../../../contracts/destination-adapter.ts';
import { type MadeChain, makeChain } from '../../../fixtures/x509.ts';
import { type AwsWorld, openAws } from './world.ts';

const OPTIONS = { fleet: 'test', installation: () => 'c0ffee' };
const WRITES = /CreateSecret|PutSecretValue|TagResource|UntagResource|UpdateSecretVersionStage/;
const nameOf = (place: Place): string => place.slice(place.indexOf('/') + 1);

const writesOf = async (aws: AwsWorld) =>
  (await aws.requests()).map(({ kind }) => kind).filter((kind) => WRITES.test(kind));

/** The same adapter while every write is denied. */
const denied = (aws: AwsWorld, adapter: DestinationAdapter): DestinationAdapter => ({
  read: (place) => adapter.read(place),
  write: async (place, bundle, seen) => {
    for (const operation of ['CreateSecret', 'PutSecretValue', 'TagResource'])
      await aws.fault({ kind: 'access-denied', operation });
    return adapter.write(place, bundle, seen).finally(() => aws.mend());
  },
  release: async (place, seen) => {
    await aws.fault({ kind: 'access-denied', operation: 'UntagResource' });
    return adapter.release(place, seen).finally(() => aws.mend());
  },
});

destinationAdapterContract('Secrets Manager', async () => {
  const aws = await openAws();
  const adapter = secretsManagerDestination(OPTIONS);
  const client = new SecretsManagerClient({});
  return {
    adapter,
    readOnly: denied(aws, adapter),
    place: (name) => secretsManagerPlace(`certs/${name}`),
    remove: async (place) => {
      await client.send(new DeleteSecretCommand({ SecretId: nameOf(place), ForceDeleteWithoutRecovery: true }));
    },
    value: async (place) => (await client.send(new GetSecretValueCommand({ SecretId: nameOf(place) }))).SecretString,
    looksInside: false,
    writes: async () => (await writesOf(aws)).length,
    close: async () => {
      adapter.close();
      client.destroy();
      await aws.close();
    },
  };
});

describe('Secrets Manager', () => {
  let aws: AwsWorld;
  let adapter: ReturnType<typeof secretsManagerDestination>;
  let client: SecretsManagerClient;
  let one: MadeChain;
  let two: MadeChain;
  beforeAll(async () => {
    aws = await openAws();
    adapter = secretsManagerDestination(OPTIONS);
    client = new SecretsManagerClient({});
    [one, two] = await Promise.all([makeChain(), makeChain()]);
  });
  afterEach(() => aws.mend());
  afterAll(async () => {
    adapter.close();
    client.destroy();
    await aws.close();
  });

  let made = 0;
  /** A place of its own, with a certificate in it. */
  const written = async (chain: MadeChain): Promise<{ place: Place; name: string; version: string }> => {
    made += 1;
    const name = `certs/shop-${made}`;
    const place = secretsManagerPlace(name);
    const answer = await adapter.write(place, bundleOf(chain), undefined);
    return { place, name, version: answer.outcome === 'refused' ? '' : answer.version };
  };
  const documentIn = async (SecretId: string) =>
    JSON.parse((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '');
  const problemOf = async (doing: Promise<unknown>) => {
    const error = await doing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    return (error as ProblemError).problem;
  };

  test('a secret is one document in the words of all who read it', async () => {
    const { name } = await written(one);
    const { leaf, intermediate, root, chainPem } = one;
    expect(await documentIn(name)).toEqual({
      'tls.crt': chainPem,
      'tls.key': leaf.keyPem,
      'ca.crt': root.pem,
      certificate: leaf.pem,
      private_key: leaf.keyPem,
      chain: intermediate.pem,
      fullchain: chainPem,
    });
  });

  test('a look never asks for the value', async () => {
    const { place } = await written(one);
    const before = (await aws.requests()).length;
    await adapter.read(place);
    expect((await aws.requests()).slice(before).map(({ kind }) => kind)).toEqual(['secretsmanager DescribeSecret']);
  });

  test("marks of a certificate are not believed when the value is somebody else's", async () => {
    const { place, name } = await written(one);
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'theirs' }));
    const annotations = (await adapter.read(place))?.annotations;
    expect(annotations).toMatchObject({ [MARK.fleet]: 'test', [MARK.installation]: 'c0ffee' });
    expect(annotations).not.toHaveProperty([MARK.sha256]);
  });

  test('a value that was there before becomes current again', async () => {
    const { place, name, version } = await written(one);
    const { VersionId } = await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'theirs' }));
    expect(await adapter.write(place, bundleOf(one), VersionId)).toEqual({ outcome: 'written', version });
    expect(await documentIn(name)).toMatchObject({ certificate: one.leaf.pem });
    expect((await adapter.read(place))?.version).toBe(version);
  });

  test('so does one of the same certificate that was written with another chain', async () => {
    const { place, name, version } = await written(one);
    const { VersionId } = await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'theirs' }));
    const other = { ...bundleOf(one), caPem: two.root.pem };
    expect(await adapter.write(place, other, VersionId)).toEqual({ outcome: 'written', version });
    expect(await documentIn(name)).toMatchObject({ certificate: one.leaf.pem });
  });

  test('but not over a value that came meanwhile', async () => {
    const { place, name } = await written(one);
    const put = (SecretString: string) => client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
    const { VersionId } = await put('"theirs"');
    const moves = async () => (await writesOf(aws)).filter((kind) => kind.includes('UpdateSecretVersionStage')).length;
    const before = await moves();
    await aws.fault({ kind: 'throttle', operation: 'UpdateSecretVersionStage' });
    const problem = problemOf(adapter.write(place, bundleOf(one), VersionId));
    await expect.poll(moves).toBeGreaterThan(before);
    await put('"theirs, newer"');
    await aws.mend();
    expect(await problem).toMatchObject({ retry: 'later' });
    expect(await documentIn(name)).toBe('theirs, newer');
  });

  test('a write that was ended before its tags is mended by the next one, without a new version', async () => {
    const { place, name, version } = await written(one);
    await aws.fault({ kind: 'down', operation: 'TagResource', count: 9 });
    expect(await problemOf(adapter.write(place, bundleOf(two), version))).toMatchObject({ retry: 'later' });
    await aws.mend();
    const looked = await adapter.read(place);
    expect(looked?.annotations).not.toHaveProperty([MARK.sha256]);
    expect(await adapter.write(place, bundleOf(two), looked?.version)).toMatchObject({ outcome: 'unchanged' });
    expect((await adapter.read(place))?.annotations).toMatchObject(bundleOf(two).annotations);
    expect(await documentIn(name)).toMatchObject({ certificate: two.leaf.pem });
  });

  test('what others put beside our tags stays', async () => {
    const { place, name, version } = await written(one);
    await client.send(new TagResourceCommand({ SecretId: name, Tags: [{ Key: 'team', Value: 'shop' }] }));
    await adapter.write(place, bundleOf(two), version);
    const { Tags } = await client.send(new DescribeSecretCommand({ SecretId: name }));
    expect(Tags).toContainEqual({ Key: 'team', Value: 'shop' });
  });

  test('a secret that has no value yet says so and can be filled', async () => {
    await client.send(new CreateSecretCommand({ Name: 'certs/empty' }));
    const place = secretsManagerPlace('certs/empty');
    const looked = await adapter.read(place);
    expect(looked).toMatchObject({ version: '', problem: { code: 'missing-data' } });
    expect(await adapter.write(place, bundleOf(one), looked?.version)).toMatchObject({ outcome: 'written' });
  });

  test('a secret that is marked for deletion is neither read nor written', async () => {
    const { place, name, version } = await written(one);
    await client.send(new DeleteSecretCommand({ SecretId: name }));
    const marked = {
      type: 'nolapse:secret-being-deleted',
      retry: 'never',
      fix: expect.stringContaining('restore-secret'),
    };
    expect(await problemOf(adapter.read(place))).toMatchObject(marked);
    expect(await adapter.write(place, bundleOf(two), version)).toMatchObject({ outcome: 'refused', problem: marked });
  });

  test('a bundle that is too large is refused before anything is asked', async () => {
    const before = (await aws.requests()).length;
    const large = { ...bundleOf(one), caPem: one.root.pem.repeat(200) };
    const answer = await adapter.write(secretsManagerPlace('certs/large'), large, undefined);
    expect(answer).toMatchObject({ outcome: 'refused', problem: { type: 'nolapse:bundle-too-large' } });
    expectNoKey(answer, one);
    expect(await aws.requests()).toHaveLength(before);
  });

  test('a place may be in another region', async () => {
    const place = secretsManagerPlace('certs/far', 'us-east-1');
    await adapter.write(place, bundleOf(one), undefined);
    expect((await adapter.read(place))?.uid).toMatch(/^arn:aws:secretsmanager:us-east-1:/);
  });

  test('the version is made of the certificate alone', async () => {
    const { version } = await written(one);
    const sha256 = bundleOf(one).annotations[MARK.sha256] ?? '';
    expect(version).toBe(versionIdOf(sha256));
    expect(version).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(versionIdOf('00')).not.toBe(versionIdOf('01'));
  });
});
