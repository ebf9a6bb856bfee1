/** Secrets Manager: secrets, their versions by client token, stages, tags, deletion with a way back. Asks no key service and rotates nothing. */
import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from './refusal.ts';
import type { AwsRequest } from './request.ts';
import { type SecretContent, type SecretVersion, sameContent, stagesOf, withCurrent, withVersion } from './versions.ts';

type Input = Readonly<Record<string, unknown>>;

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly tags: readonly Tag[];
  readonly versions: readonly SecretVersion[];
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** When it will be gone; absent = not marked for deletion. */
  readonly deletedAt?: Date;
}

const ACCOUNT = '000000000000';
const MAX_BYTES = 65_536;
const DAY_MS = 86_400_000;
const NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

const epoch = (date: Date): number => date.getTime() / 1_000;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const notFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);

const tooLong = (field: string, most: number): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );

function contentOf({ SecretString, SecretBinary }: Input): SecretContent | undefined {
  const text = textOf(SecretString);
  const binary = textOf(SecretBinary);
  if (text !== undefined && binary !== undefined)
    throw new AwsError('InvalidParameterException', 'You must provide SecretString or SecretBinary, but not both.');
  if (text !== undefined && Buffer.byteLength(text) > MAX_BYTES) throw tooLong('secretString', MAX_BYTES);
  if (binary !== undefined && Buffer.from(binary, 'base64').length > MAX_BYTES)
    throw tooLong('secretBinary', MAX_BYTES);
  if (text !== undefined) return { text };
  return binary === undefined ? undefined : { binary };
}

function tokenOf({ ClientRequestToken }: Input): string {
  const token = textOf(ClientRequestToken) ?? randomUUID();
  if (token.length < 32 || token.length > 64)
    throw new AwsError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
  return token;
}

const tagsOf = (value: unknown): readonly Tag[] =>
  listOf(value).map((tag) => {
    const { Key = '', Value = '' } = tag as Partial<Tag>;
    return { Key, Value };
  });

const joined = (tags: readonly Tag[], more: readonly Tag[]): readonly Tag[] => {
  const byKey = new Map([...tags, ...more].map((tag) => [tag.Key, tag]));
  return [...byKey.values()];
};

function described(secret: Secret): Input {
  const { arn, name, description, kmsKeyId, tags, versions, createdAt, changedAt, deletedAt } = secret;
  return {
    ARN: arn,
    Name: name,
    ...(description === undefined ? {} : { Description: description }),
    ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
    ...(deletedAt === undefined ? {} : { DeletedDate: epoch(deletedAt) }),
    Tags: tags,
    VersionIdsToStages: stagesOf(versions),
    CreatedDate: epoch(createdAt),
    LastChangedDate: epoch(changedAt),
  };
}

export class SecretsManager {
  readonly #secrets = new Map<string, Secret>();

  /** Throws AwsError; UnknownOperationException for what it does not do. */
  perform({ operation, region }: AwsRequest, input: Input): Input {
    const now = new Date();
    switch (operation) {
      case 'CreateSecret':
        return this.#create(input, { region, now });
      case 'PutSecretValue':
        return this.#putValue(input, now);
      case 'GetSecretValue':
        return this.#getValue(input);
      case 'DescribeSecret':
        return described(this.#find(input));
      case 'TagResource':
        return this.#retag(input, (tags) => joined(tags, tagsOf(input.Tags)));
      case 'UntagResource':
        return this.#retag(input, (tags) => tags.filter(({ Key }) => !listOf(input.TagKeys).includes(Key)));
      case 'UpdateSecretVersionStage':
        return this.#moveCurrent(input);
      case 'DeleteSecret':
        return this.#delete(input, now);
      case 'RestoreSecret':
        return this.#restore(input);
      case 'ListSecrets':
        return this.#list(input);
      default:
        throw new AwsError('UnknownOperationException', `The sandbox does not know ${operation}.`);
    }
  }

  #find({ SecretId }: Input): Secret {
    const id = textOf(SecretId) ?? '';
    const found = this.#secrets.get(id) ?? [...this.#secrets.values()].find(({ arn }) => arn === id);
    if (!found) throw notFound();
    return found;
  }

  /** One that is not marked for deletion. */
  #usable(input: Input): Secret {
    const secret = this.#find(input);
    if (secret.deletedAt)
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
    return secret;
  }

  #store(secret: Secret): void {
    this.#secrets.set(secret.name, secret);
  }

  #create(input: Input, { region, now }: { readonly region: string; readonly now: Date }): Input {
    const name = textOf(input.Name) ?? '';
    if (!NAME.test(name))
      throw new AwsError(
        'ValidationException',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );
    const content = contentOf(input);
    const token = tokenOf(input);
    const there = this.#secrets.get(name);
    if (there) return this.#createdAlready(there, token, content);
    const description = textOf(input.Description);
    const kmsKeyId = textOf(input.KmsKeyId);
    const version = content && { ...content, id: token, createdAt: now, stages: ['AWSCURRENT'] };
    const secret: Secret = {
      arn: `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-${randomBytes(3).toString('hex')}`,
      name,
      ...(description === undefined ? {} : { description }),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      tags: tagsOf(input.Tags),
      versions: version ? [version] : [],
      createdAt: now,
      changedAt: now,
    };
    this.#store(secret);
    return { ARN: secret.arn, Name: name, ...(version ? { VersionId: token } : {}) };
  }

  #createdAlready({ arn, name, versions, deletedAt }: Secret, token: string, content?: SecretContent): Input {
    if (deletedAt)
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    const same = versions.find(({ id }) => id === token);
    if (same && content && sameContent(same, content)) return { ARN: arn, Name: name, VersionId: token };
    throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
  }

  #putValue(input: Input, now: Date): Input {
    const content = contentOf(input);
    if (!content)
      throw new AwsError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
    const token = tokenOf(input);
    const secret = this.#usable(input);
    const { arn, name, versions } = secret;
    const wanted = listOf(input.VersionStages).map(String);
    const same = versions.find(({ id }) => id === token);
    if (same && !sameContent(same, content))
      throw new AwsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
      );
    if (same) return { ARN: arn, Name: name, VersionId: token, VersionStages: same.stages };
    const stages = wanted.length > 0 ? wanted : ['AWSCURRENT'];
    const added = { ...content, id: token, createdAt: now, stages };
    this.#store({ ...secret, versions: withVersion(versions, added), changedAt: now });
    return { ARN: arn, Name: name, VersionId: token, VersionStages: stages };
  }

  #getValue(input: Input): Input {
    const { arn, name, versions } = this.#usable(input);
    const { VersionId, VersionStage } = input;
    const stage = textOf(VersionStage) ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
    const version = versions.find(
      ({ id, stages }) =>
        (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(stage)),
    );
    if (!version) {
      const which = stage === undefined ? `VersionId: ${VersionId}` : `staging label: ${stage}`;
      throw new AwsError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${which}`,
      );
    }
    return {
      ARN: arn,
      Name: name,
      VersionId: version.id,
      ...(version.text === undefined ? { SecretBinary: version.binary } : { SecretString: version.text }),
      VersionStages: version.stages,
      CreatedDate: epoch(version.createdAt),
    };
  }

  #retag(input: Input, change: (tags: readonly Tag[]) => readonly Tag[]): Input {
    const secret = this.#usable(input);
    this.#store({ ...secret, tags: change(secret.tags) });
    return {};
  }

  #moveCurrent(input: Input): Input {
    const { VersionStage, MoveToVersionId, RemoveFromVersionId } = input;
    const secret = this.#usable(input);
    const { arn, name, versions } = secret;
    const target = versions.find(({ id }) => id === MoveToVersionId);
    if (VersionStage !== 'AWSCURRENT' || !target)
      throw new AwsError(
        'InvalidParameterException',
        'The sandbox moves AWSCURRENT alone, and to a version that it has.',
      );
    const holder = versions.find(({ stages }) => stages.includes('AWSCURRENT'));
    if (holder?.id !== RemoveFromVersionId)
      throw new AwsError(
        'InvalidParameterException',
        `Staging label AWSCURRENT is currently attached to version ${holder?.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    this.#store({ ...secret, versions: withCurrent(versions, target) });
    return { ARN: arn, Name: name };
  }

  #delete(input: Input, now: Date): Input {
    if (input.ForceDeleteWithoutRecovery === true) {
      const { arn, name } = this.#find(input);
      this.#secrets.delete(name);
      return { ARN: arn, Name: name, DeletionDate: epoch(now) };
    }
    const secret = this.#usable(input);
    const days = typeof input.RecoveryWindowInDays === 'number' ? input.RecoveryWindowInDays : 30;
    if (days < 7 || days > 30)
      throw new AwsError('InvalidParameterException', 'The RecoveryWindowInDays value must be between 7 and 30 days.');
    const deletedAt = new Date(now.getTime() + days * DAY_MS);
    this.#store({ ...secret, deletedAt });
    return { ARN: secret.arn, Name: secret.name, DeletionDate: epoch(deletedAt) };
  }

  #restore(input: Input): Input {
    const { deletedAt: _, ...secret } = this.#find(input);
    this.#store(secret);
    return { ARN: secret.arn, Name: secret.name };
  }

  #list({ MaxResults, NextToken, IncludePlannedDeletion, Filters }: Input): Input {
    const filters = listOf(Filters) as readonly { readonly Key?: string; readonly Values?: readonly string[] }[];
    const isWanted = ({ name, tags }: Secret): boolean =>
      filters.every(({ Key, Values = [] }) => {
        if (Key === 'name') return Values.some((value) => name.startsWith(value));
        if (Key === 'tag-key') return Values.some((value) => tags.some((tag) => tag.Key.startsWith(value)));
        if (Key === 'tag-value') return Values.some((value) => tags.some((tag) => tag.Value.startsWith(value)));
        throw new AwsError('InvalidParameterException', `The sandbox does not filter by ${Key}.`);
      });
    const all = [...this.#secrets.values()].filter(
      (secret) => (IncludePlannedDeletion === true || !secret.deletedAt) && isWanted(secret),
    );
    const from = Number(textOf(NextToken) ?? 0);
    const to = from + (typeof MaxResults === 'number' ? MaxResults : 100);
    const told = all.slice(from, to).map((secret) => {
      const { VersionIdsToStages, ...others } = described(secret);
      return { ...others, SecretVersionsToStages: VersionIdsToStages };
    });
    return { SecretList: told, ...(to < all.length ? { NextToken: String(to) } : {}) };
  }
}
