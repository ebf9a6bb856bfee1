/** IAM's words as types, and as the JSON that IAM reads. Resources are opaque: infra puts CloudFormation tokens where others put ARNs. */

/** The operators that our policies use, and no other. */
export type Operator = 'StringEquals' | 'ArnEquals' | 'Null' | 'ForAllValues:StringEquals' | 'ForAllValues:StringLike';

/** Operator, then condition key, then the values of which one must match. */
export type Conditions = Readonly<Partial<Record<Operator, Readonly<Record<string, readonly string[]>>>>>;

export interface Statement {
  /** Letters and digits, unique in its policy. */
  readonly sid: string;
  readonly effect: 'Allow';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
}

export interface Policy {
  readonly statements: readonly Statement[];
}

/** Who may take a role. */
export interface TrustPolicy {
  readonly statements: readonly TrustStatement[];
}

export interface TrustStatement {
  readonly sid: string;
  readonly effect: 'Allow';
  readonly actions: readonly string[];
  /** ARNs of accounts (`…:root`) or roles. */
  readonly principals: readonly string[];
  readonly conditions?: Conditions;
}

/** A key that a service uses in the name of whoever asks it, and nobody by himself. */
export const onlyVia = (service: string, region: string): Conditions => ({
  StringEquals: { 'kms:ViaService': [`${service}.${region}.amazonaws.com`] },
});

const VERSION = '2012-10-17';

export interface StatementJson {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal?: { readonly AWS: readonly string[] };
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Conditions;
}

export interface PolicyDocument {
  readonly Version: typeof VERSION;
  readonly Statement: readonly StatementJson[];
}

export const statementJson = ({ sid, effect, actions, resources, conditions }: Statement): StatementJson => ({
  ...{ Sid: sid, Effect: effect, Action: actions, Resource: resources },
  ...(conditions === undefined ? {} : { Condition: conditions }),
});

export const policyJson = ({ statements }: Policy): PolicyDocument => ({
  Version: VERSION,
  Statement: statements.map(statementJson),
});

export const trustJson = ({ statements }: TrustPolicy): PolicyDocument => ({
  Version: VERSION,
  Statement: statements.map(({ sid, effect, actions, principals, conditions }) => ({
    ...{ Sid: sid, Effect: effect, Principal: { AWS: principals }, Action: actions },
    ...(conditions === undefined ? {} : { Condition: conditions }),
  })),
});
