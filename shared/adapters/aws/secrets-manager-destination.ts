/** Port 10 on Secrets Manager: one secret, one JSON document. Values are written and never read: tags and version ids tell what is there. */
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretResponse,
  PutSecretValueCommand,
  SecretsManagerClient,
  type Tag,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type Place, placeParts } from '../../contract/ids.ts';
import { MAX_SECRET_BYTES } from '../../contract/limits.ts';
import { MARK } from '../../contract/marks.ts';
import type { Observation } from '../../contract/observation.ts';
import type { Bundle, DestinationAdapter, Released, Written } from '../../contract/ports.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { OWNING_SERVICE } from '../../standards/kubernetes/ownership.ts';
import { awsCode, awsProblem } from './aws-problem.ts';
import { bundleDocument, leafSha256, marksOf, type Tags, tagsOf } from './secret-bundle.ts';
import { TIME_OUTS } from './time-outs.ts';
import { versionIdOf } from './version-id.ts';

export interface SecretsManagerOptions {
  readonly fleet: string;
  readonly installation: () => Promise<string> | string;
  /** For places without a region of their own; default: the environment's. */
  readonly region?: string;
}

const CURRENT = 'AWSCURRENT';
/** A secret that was never given a value. */
const NO_VERSION = '';

/**
 * Places `secretsmanager/<name>` and `secretsmanager.<region>/<name>`. An Observation's `chain` is always empty: the marks, kept as
 * tags, say which certificate is there, and those of its content are left out when the current version is not the one they describe.
 * Throws ProblemError: `nolapse:secret-being-deleted` (never), `nolapse:seen-version-changed` (later), `aws:<ErrorCode>`,
 * `nolapse:unreachable`. Refuses with `nolapse:bundle-too-large` and what AWS will never take.
 */
export function secretsManagerDestination(options: SecretsManagerOptions): DestinationAdapter & { close(): void } {
  const clients = new Map<string | undefined, SecretsManagerClient>();
  const secretAt = (place: Place): Secret => {
    const at = placeParts(place);
    if (at.at !== 'secretsManager') throw new TypeError(`${place} is no place in Secrets Manager`);
    const region = at.region ?? options.region;
    const client =
      clients.get(region) ??
      new SecretsManagerClient({ requestHandler: TIME_OUTS, ...(region === undefined ? {} : { region }) });
    clients.set(region, client);
    return { client, name: at.name };
  };
  return {
    read: async (place) => {
      const found = await described(secretAt(place));
      return found && observationOf(place, found);
    },
    write: async (place, bundle, seenVersion) => {
      const marks = { [MARK.fleet]: options.fleet, [MARK.installation]: await options.installation() };
      const tags = tagsOf({ ...marks, ...bundle.annotations });
      return written(secretAt(place), { bundle, tags, seenVersion });
    },
    release: (place, seenVersion) => released(secretAt(place), seenVersion),
    close: () => {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}

interface Secret {
  readonly client: SecretsManagerClient;
  readonly name: string;
}

interface Wish {
  readonly bundle: Bundle;
  readonly tags: Tags;
  readonly seenVersion: string | undefined;
}

/** Undefined = there is none. */
async function described({ client, name }: Secret): Promise<DescribeSecretResponse | undefined> {
  let found: DescribeSecretResponse;
  try {
    found = await client.send(new DescribeSecretCommand({ SecretId: name }));
  } catch (error) {
    if (awsCode(error) === 'ResourceNotFoundException') return undefined;
    throw new ProblemError(awsProblem(error, `looking at the secret ${name}`));
  }
  if (found.DeletedDate === undefined) return found;
  throw new ProblemError({
    type: 'nolapse:secret-being-deleted',
    detail: `the secret ${name} is marked for deletion on ${found.DeletedDate.toISOString()}`,
    retry: 'never',
    fix: `aws secretsmanager restore-secret --secret-id ${name}, or name another secret`,
  });
}

const currentVersion = ({ VersionIdsToStages = {} }: DescribeSecretResponse): string =>
  Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes(CURRENT))?.[0] ?? NO_VERSION;

const tagsIn = ({ Tags = [] }: DescribeSecretResponse): Tags =>
  Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));

function observationOf(place: Place, found: DescribeSecretResponse): Observation {
  const tags = tagsIn(found);
  const version = currentVersion(found);
  const isContentCurrent = version === versionIdOf(tags[MARK.sha256] ?? '');
  const { ARN = '', OwningService, CreatedDate } = found;
  return {
    place,
    uid: ARN,
    version,
    type: 'secretsmanager',
    immutable: false,
    chain: [],
    ...(version === NO_VERSION ? { problem: { code: 'missing-data', detail: 'the secret has no value' } } : {}),
    managers: [],
    owners: [],
    labels: {},
    annotations: {
      ...marksOf(tags, { isContentCurrent }),
      ...(OwningService === undefined ? {} : { [OWNING_SERVICE]: OwningService }),
    },
    ...(CreatedDate === undefined ? {} : { createdAt: CreatedDate.toISOString() }),
  };
}

async function written(secret: Secret, wish: Wish): Promise<Written> {
  const document = bundleDocument(wish.bundle);
  const bytes = Buffer.byteLength(document);
  if (bytes > MAX_SECRET_BYTES) return { outcome: 'refused', problem: tooLarge(secret.name, bytes) };
  const token = versionIdOf(leafSha256(wish.bundle));
  try {
    const found = await described(secret);
    if (!found) return await created(secret, wish, { token, document });
    return await replaced(secret, wish, { token, document, found });
  } catch (error) {
    return refused(error, `writing the secret ${secret.name}`);
  }
}

/** Throws what may be otherwise soon. */
function refused(error: unknown, what: string): Extract<Written, { readonly outcome: 'refused' }> {
  const problem = awsProblem(error, what);
  if (problem.retry === 'never') return { outcome: 'refused', problem };
  throw new ProblemError(problem);
}

/** Tags have no version that a request could carry: between look and removal only another value is noticed. */
async function released(secret: Secret, seenVersion: string): Promise<Released> {
  const { client, name } = secret;
  const found = await described(secret);
  if (!found) throw movedOn(name, 'was deleted');
  if (currentVersion(found) !== seenVersion) throw movedOn(name, 'was given another value');
  const marks = Object.keys(marksOf(tagsIn(found), { isContentCurrent: true }));
  if (marks.length === 0) return { outcome: 'unchanged' };
  try {
    await client.send(new UntagResourceCommand({ SecretId: name, TagKeys: marks }));
    return { outcome: 'released' };
  } catch (error) {
    return refused(error, `taking the tags off the secret ${name}`);
  }
}

const tooLarge = (name: string, bytes: number): Problem => ({
  type: 'nolapse:bundle-too-large',
  detail: `the document for the secret ${name} has ${bytes} bytes; Secrets Manager takes ${MAX_SECRET_BYTES}`,
  retry: 'never',
  fix: 'ask for fewer names in one certificate, or for a smaller key',
});

const movedOn = (name: string, how: string): ProblemError =>
  new ProblemError({
    type: 'nolapse:seen-version-changed',
    detail: `the secret ${name} ${how} since it was looked at`,
    retry: 'later',
  });

const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

interface Value {
  /** The version's id. */
  readonly token: string;
  readonly document: string;
}

async function created({ client, name }: Secret, { tags, seenVersion }: Wish, value: Value): Promise<Written> {
  if (seenVersion !== undefined) throw movedOn(name, 'was deleted');
  try {
    await client.send(
      new CreateSecretCommand({
        Name: name,
        Description: 'TLS certificate and key, kept by Nolapse',
        ClientRequestToken: value.token,
        SecretString: value.document,
        Tags: tagList(tags),
      }),
    );
  } catch (error) {
    if (awsCode(error) === 'ResourceExistsException') throw movedOn(name, 'was created');
    throw error;
  }
  return { outcome: 'written', version: value.token };
}

/** Value before tags: a run that is ended between them leaves tags of another version, which the next look does not believe. */
async function replaced(
  secret: Secret,
  { tags, seenVersion }: Wish,
  value: Value & { readonly found: DescribeSecretResponse },
): Promise<Written> {
  const { token, found } = value;
  const current = currentVersion(found);
  const isCurrent = current === token;
  if (!isCurrent && current !== seenVersion)
    throw movedOn(secret.name, seenVersion === undefined ? 'was created' : 'was given another value');
  if (!isCurrent) await put(secret, value, current);
  const there = tagsIn(found);
  const missing = Object.entries(tags).filter(([key, text]) => there[key] !== text);
  if (missing.length > 0)
    await secret.client.send(
      new TagResourceCommand({ SecretId: secret.name, Tags: tagList(Object.fromEntries(missing)) }),
    );
  return { outcome: isCurrent ? 'unchanged' : 'written', version: token };
}

/** A version that was current once is not made again by AWS: its stage is moved back, from the version that was seen and no other. */
async function put({ client, name }: Secret, { token, document }: Value, current: string): Promise<void> {
  try {
    const { VersionStages = [] } = await client.send(
      new PutSecretValueCommand({ SecretId: name, ClientRequestToken: token, SecretString: document }),
    );
    if (VersionStages.includes(CURRENT)) return;
  } catch (error) {
    // the same certificate, written differently: with another chain, or its key in another encoding
    if (awsCode(error) !== 'ResourceExistsException') throw error;
  }
  try {
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: name,
        VersionStage: CURRENT,
        MoveToVersionId: token,
        ...(current === NO_VERSION ? {} : { RemoveFromVersionId: current }),
      }),
    );
  } catch (error) {
    if (awsCode(error) === 'InvalidParameterException') throw movedOn(name, 'was given another value');
    throw error;
  }
}
