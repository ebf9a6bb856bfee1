/** EKS: DescribeCluster of the clusters that it was told of, and the question of their API servers: whose token is this? */
import { type Answer, type Asked, json } from '../listen.ts';
import { checkToken, TokenError } from './eks-token.ts';
import { AwsError } from './refusal.ts';
import type { AwsRequest } from './request.ts';

/** Whose access key it is. */
export interface Identity {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** As access entries name it: of a role its own ARN, not that of the session. */
  readonly principalArn: string;
}

export interface EksTold {
  readonly clusters: readonly {
    readonly name: string;
    readonly endpoint: string;
    readonly caPem: string;
    readonly accessEntries: readonly AccessEntry[];
  }[];
  /** Who asks with keys that STS has not given out. */
  readonly users?: readonly (Identity & { readonly accessKeyId: string })[];
}

export interface AccessEntry {
  readonly principalArn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

export interface EksOptions {
  /** Of keys that STS has given out. */
  identityOf(accessKeyId: string): Identity | undefined;
  /** Whether a token is refused whatever it is. */
  isRefused(): boolean;
}

const PATH = '/_sandbox/eks';
const REVIEW = /^\/_sandbox\/eks\/token-review\/([^/]+)$/;

export class Eks {
  readonly #options: EksOptions;
  #told: EksTold = { clusters: [] };

  constructor(options: EksOptions) {
    this.#options = options;
  }

  /** Throws AwsError. */
  perform({ operation, region }: AwsRequest, { method, path }: Asked): Answer {
    const [, name] = /^\/clusters\/([^/]+)$/.exec(path) ?? [];
    if (method !== 'GET' || name === undefined)
      throw new AwsError('UnknownOperationException', `The sandbox does not know ${operation} of EKS.`, 404);
    const cluster = this.#told.clusters.find((one) => one.name === name);
    if (!cluster) throw new AwsError('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
    const { endpoint, caPem } = cluster;
    return json({
      cluster: {
        name,
        arn: `arn:aws:eks:${region}:000000000000:cluster/${name}`,
        endpoint,
        certificateAuthority: { data: Buffer.from(caPem).toString('base64') },
        status: 'ACTIVE',
      },
    });
  }

  /** `POST /_sandbox/eks` tells the clusters; `POST /_sandbox/eks/token-review/<cluster>` is the webhook of its API server. */
  backDoor({ path, body }: Asked): Answer | undefined {
    if (path === PATH) {
      this.#told = JSON.parse(body.toString()) as EksTold;
      return json({ told: this.#told.clusters.length });
    }
    const [, cluster] = REVIEW.exec(path) ?? [];
    if (cluster === undefined) return undefined;
    const { spec } = JSON.parse(body.toString()) as { readonly spec: { readonly token: string } };
    const status = this.#review(cluster, spec.token);
    return json({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status });
  }

  #review(cluster: string, token: string): object {
    try {
      if (this.#options.isRefused()) throw new TokenError('refused by a fault');
      const { users = [] } = this.#told;
      const credentialsOf = (id: string): Identity | undefined =>
        this.#options.identityOf(id) ?? users.find(({ accessKeyId }) => accessKeyId === id);
      const { principalArn } = checkToken(token, { cluster, now: new Date(), credentialsOf });
      const entries = this.#told.clusters.find(({ name }) => name === cluster)?.accessEntries ?? [];
      const entry = entries.find((one) => one.principalArn === principalArn);
      if (!entry) throw new TokenError(`ARN is not mapped: ${principalArn}`);
      return { authenticated: true, user: { username: entry.username, groups: entry.groups } };
    } catch (error) {
      if (error instanceof TokenError) return { authenticated: false, error: error.message };
      throw error;
    }
  }
}
