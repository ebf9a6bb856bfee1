/** A statement with its reasons: what docs/security.md says of it, and what a reviewer asks first. */
import type { Statement } from './statements.ts';

export interface Granted {
  readonly statement: Statement;
  /** Why it is needed. */
  readonly because: string;
  /** What whoever steals the role can do with it. */
  readonly thief: string;
}

type Reasons = Pick<Granted, 'because' | 'thief'>;

export const granted = (statement: Omit<Statement, 'effect'>, reasons: Reasons): Granted => ({
  statement: { effect: 'Allow', ...statement },
  ...reasons,
});

/** So many resources fit into a managed policy (6,144 characters) whatever they are called. */
const AT_ONCE = 40;

/** None where there is nothing to allow, several where one would be too long for IAM. */
export function grantedOn(
  resources: readonly string[],
  statement: Omit<Statement, 'effect' | 'resources'>,
  reasons: Reasons,
): readonly Granted[] {
  const distinct = [...new Set(resources)];
  const parts = Array.from({ length: Math.ceil(distinct.length / AT_ONCE) }, (_, i) =>
    distinct.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
  return parts.map((part, i) =>
    granted({ ...statement, sid: i === 0 ? statement.sid : `${statement.sid}${i + 1}`, resources: part }, reasons),
  );
}
