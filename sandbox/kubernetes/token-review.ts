/** Tokens that the cluster does not know itself: asked of a webhook (authentication.k8s.io/v1), as an API server of EKS does. */
import { type Answer, type Asked, json } from '../listen.ts';
import { type User, withAuthenticated } from './access.ts';
import { unauthorized } from './status.ts';

interface Reviewed {
  readonly status: {
    readonly authenticated: boolean;
    readonly user?: { readonly username: string; readonly groups?: readonly string[] };
  };
}

export class TokenReviews {
  #webhook: string | undefined;

  /** `POST /_sandbox/token-review` tells the URL of the webhook. */
  backDoor({ path, body }: Asked): Answer | undefined {
    if (path !== '/_sandbox/token-review') return undefined;
    this.#webhook = (JSON.parse(body.toString()) as { readonly url: string }).url;
    return json({ url: this.#webhook });
  }

  /** Undefined = none that a webhook would know. Throws 401. */
  async userOf({ headers: { authorization = '' } }: Asked): Promise<User | undefined> {
    const [, token] = /^Bearer (k8s-aws-v1\..*)$/i.exec(authorization) ?? [];
    if (token === undefined || this.#webhook === undefined) return undefined;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
    const answer = await fetch(this.#webhook, { method: 'POST', body: JSON.stringify(review) });
    const { status } = (await answer.json()) as Reviewed;
    if (!status.authenticated || !status.user) throw unauthorized();
    const { username, groups = [] } = status.user;
    return withAuthenticated({ name: username, groups });
  }
}
