/** A gate in front of AWS: lets through what the policies of whoever asks allow, answers the rest as AWS does, and remembers which rights were used. */
import { asksAfter, asksOf, KNOWN_KEYS, type Landing } from './asks.ts';
import { listOf } from './conditions.ts';
import { denialOf } from './denial.ts';
import { type AllowedBy, type Ask, decide, isTrusted, type PolicyJson, statementsOf } from './policy.ts';
import { elementsIn, formIn, operationIn, scopeOf, type WireAnswer, type WireRequest } from './wire.ts';

/** A role: what its own policies allow together, and who may take it. */
export interface GateRole {
  readonly arn: string;
  /** What it is to a service, where its rights are told; default its name. */
  readonly called?: string;
  readonly policies: readonly PolicyJson[];
  readonly trust?: PolicyJson;
}

export interface GateOptions {
  readonly roles: readonly GateRole[];
  /** ARN of the role that an access key id stands for. Keys of roles that are taken are learnt from STS's answers. */
  readonly principals: Readonly<Record<string, string>>;
  /** ARNs of the customer keys that DynamoDB, S3 and SNS use. */
  readonly stateKey: string;
  readonly topicKey: string;
}

export type Verdict =
  | { readonly is: 'allowed' }
  /** `answer` is what AWS would say. */
  | { readonly is: 'denied'; readonly reason: string; readonly answer: WireAnswer };

export interface Gate {
  /** Whether it is signed by somebody whose policies are known. */
  knows(request: Pick<WireRequest, 'headers'>): boolean;
  /** Throws TypeError for a request that nobody has said anything about, and for somebody who is not known. */
  judge(request: WireRequest): Verdict;
  /**
   * Told of every answer to what was let through, before it is passed on: keys of taken roles are learnt from it. Denied where the answer
   * would tell what may not be known.
   */
  answered(request: WireRequest, answer: Pick<WireAnswer, 'status' | 'body'>): Verdict;
  /** Every allowed action of every role, and whether anything has used it. */
  rights(): readonly SeenRight[];
  /** Every request that was denied. */
  readonly denied: readonly string[];
}

export interface SeenRight {
  /** `<role>: <Sid or number of the statement> <action>`. */
  readonly right: string;
  readonly isUsed: boolean;
}

/** Rights that nothing has used. Seen by several gates, one that any of them saw used is used. */
export function unusedOf(seen: readonly SeenRight[]): readonly string[] {
  const used = new Set(seen.filter(({ isUsed }) => isUsed).map(({ right }) => right));
  return [...new Set(seen.map(({ right }) => right))].filter((right) => !used.has(right));
}

interface Right extends AllowedBy {
  readonly role: string;
}

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? arn;

const rightsOf = ({ arn, policies }: GateRole): readonly Right[] =>
  policies
    .flatMap(statementsOf)
    .flatMap((statement) =>
      statement.Effect === 'Deny' ? [] : listOf(statement.Action).map((action) => ({ role: arn, statement, action })),
    );

const said = ({ action, resource }: Ask): string => `${action} on ${resource}`;

interface Asker {
  readonly role: GateRole;
  readonly service: string;
  readonly landing: Landing;
}

class PolicyGate implements Gate {
  readonly denied: string[] = [];
  readonly #options: GateOptions;
  readonly #principals: Map<string, string>;
  readonly #roles: ReadonlyMap<string, GateRole>;
  readonly #used = new Map<AllowedBy['statement'], Set<string>>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#principals = new Map(Object.entries(options.principals));
    this.#roles = new Map(options.roles.map((role) => [role.arn, role]));
  }

  knows({ headers }: Pick<WireRequest, 'headers'>): boolean {
    const [, accessKeyId = ''] = /Credential=([^/]+)\//.exec(String(headers.authorization ?? '')) ?? [];
    return this.#principals.has(accessKeyId);
  }

  judge(request: WireRequest): Verdict {
    const who = this.#whoAsks(request);
    return this.#verdict(asksOf(who.service, request, who.landing), who);
  }

  answered(request: WireRequest, { status, body }: Pick<WireAnswer, 'status' | 'body'>): Verdict {
    const who = this.#whoAsks(request);
    if (who.service === 'sts' && status === 200 && operationIn(request) === 'AssumeRole')
      for (const key of elementsIn(body, 'AccessKeyId'))
        this.#principals.set(key, formIn(request).get('RoleArn') ?? '');
    return this.#verdict(asksAfter(who.service, request, { status, landing: who.landing }), who);
  }

  rights(): readonly SeenRight[] {
    return this.#options.roles.flatMap((role) => {
      const all = role.policies.flatMap(statementsOf);
      return rightsOf(role).map(({ statement, action }) => {
        const which = statement.Sid ?? `statement ${all.indexOf(statement) + 1}`;
        const isUsed = this.#used.get(statement)?.has(action) ?? false;
        return { right: `${role.called ?? nameOf(role.arn)}: ${which} ${action}`, isUsed };
      });
    });
  }

  #whoAsks(request: WireRequest): Asker {
    const { accessKeyId, region, service } = scopeOf(request);
    const arn = this.#principals.get(accessKeyId);
    const role = arn === undefined ? undefined : this.#roles.get(arn);
    if (!role) throw new TypeError(`the access key ${accessKeyId} is of no role that is known here`);
    const [, partition = '', , , account = ''] = role.arn.split(':');
    const { stateKey, topicKey } = this.#options;
    return { role, service, landing: { partition, account, region, stateKey, topicKey } };
  }

  #verdict(asks: readonly Ask[], { role, service }: Asker): Verdict {
    for (const ask of asks) {
      const reason = this.#whyNot(role, ask);
      if (reason === undefined) continue;
      this.denied.push(`${nameOf(role.arn)}: ${said(ask)}: ${reason}`);
      return { is: 'denied', reason, answer: denialOf(service, { principal: role.arn, ask, reason }) };
    }
    return { is: 'allowed' };
  }

  /** Taking a role is allowed twice: by one's own policy, and by the role's. */
  #whyNot(role: GateRole, ask: Ask): string | undefined {
    const Statement = role.policies.flatMap(statementsOf);
    const decision = decide({ Statement }, ask, KNOWN_KEYS);
    if (decision.is === 'denied') return `no identity-based policy allows the ${ask.action} action`;
    if (ask.action === 'sts:AssumeRole') {
      const trust = this.#roles.get(ask.resource)?.trust;
      const asking = { principal: role.arn, context: ask.context };
      if (!trust || !isTrusted(trust, asking, KNOWN_KEYS)) return `${ask.resource} does not trust it`;
    }
    const { statement, action } = decision.by;
    this.#used.set(statement, (this.#used.get(statement) ?? new Set()).add(action));
    return undefined;
  }
}

export const iamGate = (options: GateOptions): Gate => new PolicyGate(options);
