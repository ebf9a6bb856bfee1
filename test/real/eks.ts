/** What moto cannot be: EKS of clusters that exist, and the webhook that their API servers ask about tokens. It stands before moto's own STS. */
import { Eks, type Identity } from '../../sandbox/aws/eks.ts';
import { AwsError, errorAnswer } from '../../sandbox/aws/refusal.ts';
import { awsRequestOf, formOf } from '../../sandbox/aws/request.ts';
import { Control } from '../../sandbox/control.ts';
import { type Answer, type Asked, json, listen } from '../../sandbox/listen.ts';

export interface EksStandIn {
  /** Origin that answers STS and EKS, with the back door of `sandbox/aws/eks.ts` and the fault `token-refused`. */
  readonly url: string;
  /** What an API server is to ask about tokens for the cluster of that name. */
  tokenReviewUrl(cluster: string): string;
  stop(): Promise<void>;
}

interface TokenFault {
  readonly kind: 'token-refused';
  readonly count?: number;
}

const PASSED = ['authorization', 'content-type', 'x-amz-date', 'x-amz-security-token'];

const element = (xml: string, name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';

/** moto gives credentials out and cannot be asked for them again. */
class PassedSts {
  readonly #moto: string;
  readonly #identities = new Map<string, Identity>();

  constructor(moto: string) {
    this.#moto = moto;
  }

  identityOf(accessKeyId: string): Identity | undefined {
    return this.#identities.get(accessKeyId);
  }

  async perform(asked: Asked): Promise<Answer> {
    const headers = PASSED.flatMap((name) => {
      const value = asked.headers[name];
      return typeof value === 'string' ? [[name, value] as [string, string]] : [];
    });
    const answer = await fetch(this.#moto, { method: 'POST', headers, body: asked.body.toString() });
    const body = await answer.text();
    this.#remember(formOf(asked).get('RoleArn'), body);
    return { status: answer.status, headers: { 'content-type': 'text/xml' }, body };
  }

  #remember(principalArn: string | null, xml: string): void {
    const [secretAccessKey, sessionToken] = [element(xml, 'SecretAccessKey'), element(xml, 'SessionToken')];
    if (principalArn === null || secretAccessKey === '') return;
    this.#identities.set(element(xml, 'AccessKeyId'), { principalArn, secretAccessKey, sessionToken });
  }
}

export async function startEks(moto: string): Promise<EksStandIn> {
  const control = new Control<TokenFault>(['token-refused']);
  const sts = new PassedSts(moto);
  const eks = new Eks({
    identityOf: (accessKeyId) => sts.identityOf(accessKeyId),
    isRefused: () => control.take('token-refused') !== undefined,
  });
  const { url, close } = await listen(async (asked) => {
    const byDoor = eks.backDoor(asked) ?? control.intercept(asked);
    if (byDoor) return byDoor;
    const request = awsRequestOf(asked);
    if (request?.service === 'sts') return sts.perform(asked);
    if (request?.service !== 'eks') return json({ message: 'neither STS nor EKS' }, 400);
    try {
      return eks.perform(request, asked);
    } catch (error) {
      if (error instanceof AwsError) return errorAnswer('eks', error);
      throw error;
    }
  });
  return { url, tokenReviewUrl: (cluster) => `${url}/_sandbox/eks/token-review/${cluster}`, stop: close };
}
