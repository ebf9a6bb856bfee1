/** STS: who am I, and credentials of any role that is asked for. Checks neither trust nor external ids. */
import { randomBytes } from 'node:crypto';
import type { Answer, Asked } from '../listen.ts';
import type { Identity } from './eks.ts';
import { AwsError, escapeXml, queryAnswer } from './refusal.ts';
import { type AwsRequest, formOf } from './request.ts';

const ACCOUNT = '000000000000';
const ROLE = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;

interface Caller {
  readonly arn: string;
  readonly account: string;
  readonly userId: string;
}

const element = (name: string, value: string): string => `<${name}>${escapeXml(value)}</${name}>`;

export class Sts {
  /** By the access key ids that were given out. */
  readonly #identities = new Map<string, Caller & Identity>();

  /** Whose access key it is, where it was given out here. */
  identityOf(accessKeyId: string): Identity | undefined {
    return this.#identities.get(accessKeyId);
  }

  /** Throws AwsError. */
  perform({ operation, accessKeyId }: AwsRequest, asked: Asked): Answer {
    if (operation === 'GetCallerIdentity') {
      const identity = this.#identities.get(accessKeyId) ?? this.#user(accessKeyId);
      const { arn, account, userId } = identity;
      const inner = element('Arn', arn) + element('UserId', userId) + element('Account', account);
      return queryAnswer('sts', operation, inner);
    }
    if (operation === 'AssumeRole') return this.#assume(formOf(asked));
    throw new AwsError('InvalidAction', `Could not find operation ${operation} for version 2011-06-15`);
  }

  #user(accessKeyId: string): Caller {
    return { arn: `arn:aws:iam::${ACCOUNT}:user/${accessKeyId}`, account: ACCOUNT, userId: accessKeyId };
  }

  #assume(form: URLSearchParams): Answer {
    const principalArn = form.get('RoleArn') ?? '';
    const [, account, role] = ROLE.exec(principalArn) ?? [];
    const session = form.get('RoleSessionName') ?? '';
    if (account === undefined || role === undefined)
      throw new AwsError('ValidationError', `${principalArn} is invalid`);
    if (!/^[\w+=,.@-]{2,64}$/.test(session))
      throw new AwsError(
        'ValidationError',
        `1 validation error detected: Value '${session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
      );
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const arn = `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
    const userId = `AROA${randomBytes(8).toString('hex').toUpperCase()}:${session}`;
    const secretAccessKey = randomBytes(30).toString('base64');
    const sessionToken = randomBytes(120).toString('base64');
    this.#identities.set(accessKeyId, { arn, account, userId, principalArn, secretAccessKey, sessionToken });
    const seconds = Number(form.get('DurationSeconds') ?? 3_600);
    const credentials = [
      element('AccessKeyId', accessKeyId),
      element('SecretAccessKey', secretAccessKey),
      element('SessionToken', sessionToken),
      element('Expiration', new Date(Date.now() + seconds * 1_000).toISOString()),
    ].join('');
    const who = element('AssumedRoleId', userId) + element('Arn', arn);
    const inner = `<Credentials>${credentials}</Credentials><AssumedRoleUser>${who}</AssumedRoleUser>`;
    return queryAnswer('sts', 'AssumeRole', inner);
  }
}
