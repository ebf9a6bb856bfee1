/** What a secret of Secrets Manager is called in a policy. */

export interface SecretsOf {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** Secrets Manager ends the ARN of a secret with a hyphen and six characters that nobody knows before. */
const SUFFIX = '-??????';
const IS_WHOLE = /-[A-Za-z0-9]{6}$/;

/** The secret of that name in a region, by default the service's own. */
export const secretNamed = ({ partition, region, account }: SecretsOf, name: string, where = region): string =>
  `arn:${partition}:secretsmanager:${where}:${account}:secret:${name}${SUFFIX}`;

/** The secret that a fleet file names: by its name, its ARN, or its ARN without the end. */
export function secretCalled(secrets: SecretsOf, id: string): string {
  if (!id.startsWith('arn:')) return secretNamed(secrets, id);
  return IS_WHOLE.test(id) ? id : `${id}${SUFFIX}`;
}
