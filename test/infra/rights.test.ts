/** Nobody may do more, or less, than shared/rights says: every statement of every policy, and the policies of the resources themselves. */
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { inPolicies, Rights } from '../../infra/rights.ts';
import { granted } from '../../shared/rights/granted.ts';
import type { Resources } from '../../shared/rights/resources.ts';
import { roleNameOf, roleNames } from '../../shared/rights/role-names.ts';
import { rolesOf } from '../../shared/rights/roles.ts';
import { statementJson } from '../../shared/rights/statements.ts';
import { type Json, type Resource, synthesised } from './synthesised.ts';

const { fleet, access, service } = synthesised();
const all = [...access.resources, ...service.resources];

function at(path: string): Resource {
  const found = all.find((resource) => resource.path === path);
  if (!found) throw new Error(`nothing at ${path}`);
  return found;
}
const ref = (path: string): string => `<${at(path).id}>`;
const arn = (path: string): string => `<${at(path).id}.Arn>`;

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.toSorted() : [value]);
/** Lists in one order, and single values as lists, as IAM reads them. */
const asIam = ({ Action, Resource: on, ...rest }: Json): Json => ({
  ...rest,
  Action: listed(Action),
  Resource: listed(on),
});
const statementsIn = (document: unknown): readonly Json[] => (document as { Statement: readonly Json[] }).Statement;

const resources: Resources = {
  ...{ partition: '<AWS::Partition>', region: '<AWS::Region>', account: '<AWS::AccountId>' },
  table: arn('Certs/State/Table'),
  stateKey: arn('Certs/State/Key'),
  bucket: arn('Certs/State/Bucket'),
  queues: Object.fromEntries(roleNames(fleet).flatMap((n) => (n === 'wake' ? [] : [[n, arn(`Certs/Queues/${n}`)]]))),
  attemptKey: arn('Certs/State/AttemptKey'),
  accountKey: arn('Certs/State/AccountKey'),
  topic: ref('Certs/Announcements/Topic'),
  topicKey: arn('Certs/Announcements/Key'),
  bus: arn('Certs/Bus'),
};

/** Of Lambda itself, which does these things with the role of the function. */
const lambdasOwn = (name: string): readonly Json[] => [
  {
    ...{ Sid: 'WriteLog', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
    Resource: [arn(`Certs/Functions/${name} log`)],
  },
  ...(name.includes('@')
    ? [
        {
          ...{ Sid: 'EnterNetwork', Effect: 'Allow', Resource: ['*'] },
          Action: [
            ...['ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface'],
            ...['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets'],
            ...['ec2:DescribeVpcs', 'ec2:UnassignPrivateIpAddresses'],
          ],
          // present in whatever the code of a function asks for
          Condition: { Null: { 'lambda:SourceFunctionArn': ['true'] } },
        },
      ]
    : []),
];

const schedulesOwn: readonly Json[] = [
  {
    ...{ Sid: 'Call', Effect: 'Allow', Action: ['lambda:InvokeFunction'] },
    Resource: [arn('Certs/Functions/notify'), arn('Certs/Functions/wake')],
  },
  {
    ...{ Sid: 'DeadLetters', Effect: 'Allow', Action: ['sqs:SendMessage'] },
    Resource: [arn('Certs/Schedules/dead letters')],
  },
];

/** What a role may do, from all policies of both stacks. */
const rightsOf = (role: Resource): readonly Json[] =>
  all
    .filter(({ properties }) => (properties.Roles as readonly string[] | undefined)?.includes(`<${role.id}>`))
    .flatMap(({ properties }) => statementsIn(properties.PolicyDocument))
    .map(asIam);

describe('what roles may do', () => {
  const rights = new Map(rolesOf(fleet, resources).map((one) => [one.role, one.granted]));

  test.each(roleNames(fleet))('%s may do what shared/rights says, and Lambda its own part', (name) => {
    expect(rightsOf(at(`Roles/${name}`))).toEqual([
      ...(rights.get(name) ?? []).map(({ statement }) => asIam({ ...statementJson(statement) })),
      ...lambdasOwn(name),
    ]);
  });

  test('the schedules may call the two functions that they call', () => {
    expect(rightsOf(at('Certs/Schedules/Role'))).toEqual(schedulesOwn);
  });

  test('nobody else may do anything, and by no other kind of policy', () => {
    const kinds = all.filter(({ type }) => type.startsWith('AWS::IAM::'));
    const known = [...roleNames(fleet).map((name) => `Roles/${name}`), 'Certs/Schedules/Role'];
    expect(kinds.filter(({ type }) => type === 'AWS::IAM::Role').map(({ path }) => path)).toEqual(known);
    for (const { type, properties } of kinds) {
      expect(['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']).toContain(type);
      expect(properties).not.toHaveProperty('ManagedPolicyArns');
      expect(properties).not.toHaveProperty('Policies');
    }
    expect(all.filter(({ type }) => type === 'AWS::Lambda::Permission')).toEqual([]);
  });
});

describe('who roles are', () => {
  test.each(roleNames(fleet))('%s is known by its name, and taken by Lambda alone', (name) => {
    const { RoleName, AssumeRolePolicyDocument } = at(`Roles/${name}`).properties;
    expect(RoleName).toBe(roleNameOf('acme', name));
    expect(statementsIn(AssumeRolePolicyDocument)).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  });

  test('the role of the schedules is taken by the Scheduler of this account', () => {
    expect(statementsIn(at('Certs/Schedules/Role').properties.AssumeRolePolicyDocument)).toEqual([
      {
        ...{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' } },
        Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
      },
    ]);
  });
});

describe('what resources let in by themselves', () => {
  const administered = {
    ...{ Action: 'kms:*', Effect: 'Allow', Resource: '*' },
    Principal: { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' },
  };
  const alarms = {
    ...{ Sid: 'Alarms', Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } },
    Condition: {
      StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
      ArnLike: {
        'aws:SourceArn': 'arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:acme-*',
      },
    },
  };

  test.each(['Key', 'AttemptKey', 'AccountKey'])('State/%s: whom the policies of this account name', (key) => {
    expect(statementsIn(at(`Certs/State/${key}`).properties.KeyPolicy)).toEqual([administered]);
  });

  test("the topic's key: the same, and the alarms of this service", () => {
    expect(statementsIn(at('Certs/Announcements/Key').properties.KeyPolicy)).toEqual([
      administered,
      { ...alarms, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' },
    ]);
  });

  test('the topic: the alarms of this service', () => {
    const statements = statementsIn(at('Certs/Announcements/Topic/Policy').properties.PolicyDocument);
    expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      { ...alarms, Action: 'sns:Publish', Resource: ref('Certs/Announcements/Topic') },
    ]);
  });

  test('queues and buckets: nobody', () => {
    const policies = all.filter(({ type }) => /^AWS::(S3::Bucket|SQS::Queue)Policy$/.test(type));
    expect(policies.length).toBeGreaterThan(1);
    expect(
      policies.flatMap(({ properties }) => statementsIn(properties.PolicyDocument)).filter((s) => s.Effect !== 'Deny'),
    ).toEqual([]);
  });
});

describe('statements in policies', () => {
  const one = (sid: string, length: number) =>
    granted(
      { sid, actions: ['a:B'], resources: [`arn:aws:s3:::${'-'.repeat(length)}`] },
      { because: 'test', thief: 'nothing' },
    );
  const sids = (policies: ReturnType<typeof inPolicies>) =>
    policies.map((policy) => policy.map(({ statement }) => statement.sid));

  test('stand together, in their order, as long as a policy has room', () => {
    expect(sids(inPolicies([one('A', 2000), one('B', 2000), one('C', 2000), one('D', 10)]))).toEqual([
      ['A', 'B'],
      ['C', 'D'],
    ]);
  });

  test('are more than IAM attaches: a warning in time, an error when no quota helps', () => {
    const said = (policies: number) => {
      const stack = new Stack();
      const role = new Role(stack, 'deliver', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new Rights(stack, 'Rights', { role, granted: Array.from({ length: policies }, (_, i) => one(`S${i}`, 5000)) });
      const annotations = Annotations.fromStack(stack);
      const [warning, error] = [
        annotations.findWarning('*', Match.anyValue()),
        annotations.findError('*', Match.anyValue()),
      ];
      return [...warning, ...error].map(({ level, entry }) => `${level}: ${entry.data}`);
    };
    expect(said(10)).toEqual([]);
    expect(said(11)).toEqual([
      expect.stringMatching(/^warning: .*deliver needs 11 managed policies.* attaches 10: ask/),
    ]);
    expect(said(21)).toEqual([expect.stringMatching(/^error: .*at most 20: make two fleets/)]);
  });

  test('nothing needs no policy', () => {
    expect(inPolicies([])).toEqual([]);
  });
});
