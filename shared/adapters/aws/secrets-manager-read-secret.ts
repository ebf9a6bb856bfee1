/** Port 5 on Secrets Manager: what documents of the fleet file refer to, and whole texts by the id that the fleet names. Writes nothing. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fleetSecretId } from '../../contract/ids.ts';
import type { ReadSecret } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { awsCode, awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface SecretsManagerReader {
  /**
   * Keys of `nolapse/<fleet>/<name>`: of a JSON object, key to text. A secret that is anything else is one value, and every key stands for it:
   * whoever has nothing but an HMAC key or a PEM file to keep puts it there as it is. Refs of clusters are not answered here.
   */
  readonly readSecret: ReadSecret;
  /** The whole text of a secret by its name or ARN: a kubeconfig, the URL of a webhook. */
  readonly readSecretText: (secretId: string) => Promise<string>;
  close(): void;
}

/**
 * Both throw ProblemError `nolapse:secret-missing` (retry later) with the command that makes what is missing, else `aws:<ErrorCode>` or
 * `nolapse:unreachable`. A secret is asked for in the region that its ARN names, else in the environment's.
 */
export function secretsManagerReader({ fleet }: { readonly fleet: string }): SecretsManagerReader {
  const clients = new Map<string | undefined, SecretsManagerClient>();
  const clientOf = (secretId: string): SecretsManagerClient => {
    const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secretId)?.[1];
    const client =
      clients.get(region) ??
      new SecretsManagerClient({ requestHandler: TIME_OUTS, ...(region === undefined ? {} : { region }) });
    clients.set(region, client);
    return client;
  };
  return {
    readSecret: async (ref) => {
      if (ref.from !== 'fleet')
        throw missing(`the Secret ${ref.cluster}/${ref.namespace}/${ref.name} is in a cluster`, 'read it there');
      const { name, key } = ref;
      const id = fleetSecretId(fleet, name);
      return fieldOf(await valueIn(clientOf(id), id, `'{"${key}":"…"}'`), { id, key });
    },
    readSecretText: async (id) => Buffer.from(await valueIn(clientOf(id), id, 'file://FILE')).toString(),
    close: () => {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}

const missing = (detail: string, fix: string): ProblemError =>
  new ProblemError({ type: 'nolapse:secret-missing', detail, retry: 'later', fix });

/** `as` is how its text is written in a command of the shell. */
async function valueIn(client: SecretsManagerClient, id: string, as: string): Promise<Uint8Array> {
  try {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    const value = SecretString === undefined ? SecretBinary : Buffer.from(SecretString);
    if (value && value.length > 0) return value;
  } catch (error) {
    throw refused(error, id, as);
  }
  throw missing(
    `the secret ${id} is empty`,
    `aws secretsmanager put-secret-value --secret-id ${id} --secret-string ${as}`,
  );
}

function refused(error: unknown, id: string, as: string): ProblemError {
  const problem = awsProblem(error, `reading the secret ${id}`);
  if (awsCode(error) === 'ResourceNotFoundException')
    return missing(
      `there is no secret ${id} in Secrets Manager, or it has no value`,
      `aws secretsmanager create-secret --name ${id} --secret-string ${as}`,
    );
  if (awsCode(error) === 'InvalidRequestException' && /marked for deletion/.test(problem.detail))
    return missing(`the secret ${id} is marked for deletion`, `aws secretsmanager restore-secret --secret-id ${id}`);
  return new ProblemError(problem);
}

interface Asked {
  readonly id: string;
  readonly key: string;
}

function fieldOf(value: Uint8Array, { id, key }: Asked): Uint8Array {
  const fields = fieldsIn(Buffer.from(value).toString());
  if (!fields) return value;
  const text = fields[key];
  if (typeof text === 'string' && text !== '') return Buffer.from(text);
  const names = Object.keys(fields).sort();
  const all = [...new Set([...names, key])].map((name) => `"${name}":"…"`).join(',');
  throw missing(
    `the secret ${id} has no text under the key ${key}; it has ${names.join(', ') || 'none'}`,
    `aws secretsmanager put-secret-value --secret-id ${id} --secret-string '{${all}}'`,
  );
}

/** Undefined = it is no JSON object. */
function fieldsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
