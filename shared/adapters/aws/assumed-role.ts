/** Credentials of a role in another account, taken with the process's own and renewed by the SDK before they end. */
import { AssumeRoleCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { TIME_OUTS } from './time-outs.ts';

export interface Role {
  readonly arn: string;
  /** Asked for by the trust policies of roles that third parties may take. */
  readonly externalId?: string;
  /** What CloudTrail and the audit log of an EKS cluster show; default `nolapse`. */
  readonly sessionName?: string;
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** The SDK asks again some minutes before. */
  readonly expiration?: Date;
}

const SESSION_NAME = 'nolapse';
const MAX_SESSION_NAME = 64;

/** `nolapse-<who>-<fleet>`: which function, or the command, of which fleet it was; cut where STS takes no more. */
export const sessionNameOf = (who: string, fleet: string): string =>
  `${SESSION_NAME}-${who}-${fleet}`.slice(0, MAX_SESSION_NAME);

/** A credentials provider for an SDK client. It rejects with the error of STS, which names the role and what is missing. */
export const assumedRole =
  ({ arn, externalId, sessionName = SESSION_NAME }: Role, taker: STSClientConfig = {}) =>
  async (): Promise<RoleCredentials> => {
    const sts = new STSClient({ requestHandler: TIME_OUTS, ...taker });
    try {
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: arn,
          RoleSessionName: sessionName,
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
        }),
      );
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = Credentials ?? {};
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        ...(Expiration === undefined ? {} : { expiration: Expiration }),
      };
    } finally {
      sts.destroy();
    }
  };
