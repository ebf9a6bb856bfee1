/** The service as it would be deployed: what is made, how it is protected, and what each part is told. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { environmentOf, type FunctionName, NEEDS } from '../../shared/contract/environment.ts';
import { FINDING_CODES } from '../../shared/contract/finding.ts';
import { METRIC_NAMESPACE, METRICS } from '../../shared/contract/metrics.ts';
import { roleNames, rolePartsOf } from '../../shared/rights/role-names.ts';
import { ringsOf } from '../../shared/rights/roles.ts';
import { type Json, type Resource, synthesised } from './synthesised.ts';

const { fleet, service } = synthesised();
const roles = roleNames(fleet);
const rung = roles.filter((name) => name !== 'wake');

const ofType = (type: string): readonly Resource[] => service.resources.filter((resource) => resource.type === type);
function at(path: string): Resource {
  const found = service.resources.find((resource) => resource.path === `Certs/${path}`);
  if (!found) throw new Error(`nothing at ${path}`);
  return found;
}
const functionOf = (name: string): Json => at(`Functions/${name}`).properties;
const variablesOf = (name: string): Readonly<Record<string, string>> =>
  (functionOf(name).Environment as { Variables: Readonly<Record<string, string>> }).Variables;

const alarms = ofType('AWS::CloudWatch::Alarm');
const runbook = readFileSync(resolve(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
const codeIn = (description: unknown) => /docs\/runbook\.md#([\w-]+)$/.exec(String(description))?.[1];

test('cdk-nag would not let anything pass that is not acknowledged', () => {
  const plant = () => synthesised((stack) => new Queue(stack, 'planted'));
  expect(plant).toThrow("Acknowledge with 'AwsSolutions::AwsSolutions-SQS4'");
});

describe('the state', () => {
  test.each(['State/Table', 'State/Bucket', 'State/Key', 'State/AttemptKey', 'State/AccountKey', 'Whereabouts'])(
    '%s stays when the stack is removed',
    (path) => {
      expect(at(path).deletionPolicy).toBe('Retain');
    },
  );

  test('is made under generated names', () => {
    const names = ['TableName', 'BucketName', 'AliasName', 'QueueName', 'TopicName', 'FunctionName', 'LogGroupName'];
    const named = service.resources.filter(
      ({ type, properties }) => type !== 'AWS::Lambda::EventInvokeConfig' && names.some((name) => name in properties),
    );
    expect(named.filter(({ type }) => type !== 'AWS::Lambda::EventSourceMapping').map(({ path }) => path)).toEqual([]);
  });

  test('the table has its indexes, its end of rows, its history and its lock', () => {
    const index = (IndexName: string, HASH: string, RANGE: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: HASH, KeyType: 'HASH' },
        { AttributeName: RANGE, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    });
    expect(at('State/Table').properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [index('due', 'lane', 'wakeAt'), index('list', 'kind', 'ord')],
      TimeToLiveSpecification: { AttributeName: 'forgetAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, KMSMasterKeyId: `<${at('State/Key').id}.Arn>`, SSEType: 'KMS' },
      DeletionProtectionEnabled: true,
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  test('the bucket is private, encrypted, versioned, and forgets old versions', () => {
    expect(at('State/Bucket').properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: `<${at('State/Key').id}.Arn>`,
            },
          },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 30 } }] },
    });
  });

  test('every key turns', () => {
    expect(ofType('AWS::KMS::Key').map(({ properties }) => properties.EnableKeyRotation)).toEqual(Array(4).fill(true));
  });
});

describe('the queues', () => {
  test.each(rung)('%s hides a ring for as long as its function may run, and puts it aside after three', (name) => {
    const { properties } = at(`Queues/${name}`);
    expect(properties).toMatchObject({
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: `<${at(`Queues/${name} dead letters`).id}.Arn>`, maxReceiveCount: 3 },
    });
    expect(properties.VisibilityTimeout).toBeGreaterThan(functionOf(name).Timeout as number);
  });

  test.each(rung)('%s rings its function with one name a call', (name) => {
    expect(at(`Functions/${name}/Ring`).properties).toEqual({
      BatchSize: 1,
      EventSourceArn: `<${at(`Queues/${name}`).id}.Arn>`,
      FunctionName: `<${at(`Functions/${name}`).id}>`,
      ScalingConfig: { MaximumConcurrency: expect.any(Number) },
    });
    expect(at(`Functions/${name}/Ring`).dependsOn).toContain(at(`Functions/${name} rights/1`).id);
  });

  test('nothing is taken but over TLS', () => {
    const policies = service.resources.filter(({ type }) => /^AWS::(S3|SQS|SNS)::\w+Policy$/.test(type));
    const guarded =
      ofType('AWS::SQS::Queue').length + ofType('AWS::SNS::Topic').length + ofType('AWS::S3::Bucket').length;
    expect(policies.length).toBe(guarded);
    for (const { properties } of policies)
      expect((properties.PolicyDocument as { Statement: readonly Json[] }).Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
  });
});

describe('the functions', () => {
  const LONGEST = 900;
  test.each<[FunctionName, number, number]>([
    ['wake', 256, 60],
    ['inventory', 512, LONGEST],
    ['issue', 512, LONGEST],
    ['deliver', 512, LONGEST],
    ['notify', 256, 300],
  ])('%s has %i MiB and %i s', (runs, MemorySize, Timeout) => {
    for (const name of roles.filter((role) => rolePartsOf(role).name === runs))
      expect(functionOf(name)).toMatchObject({
        ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler', MemorySize, Timeout },
        LoggingConfig: { LogGroup: `<${at(`Functions/${name} log`).id}>` },
      });
    expect.hasAssertions();
  });

  test('keep their logs for a month', () => {
    expect(ofType('AWS::Logs::LogGroup').map(({ properties }) => properties.RetentionInDays)).toEqual(
      Array(roles.length).fill(30),
    );
  });

  test.each(roles)('%s understands its environment, and is told of the queues that it may ring alone', (name) => {
    const { name: runs } = rolePartsOf(name);
    const environment = environmentOf(runs, variablesOf(name));
    const queues = ringsOf(name, fleet).map((fed) => [fed, `<${at(`Queues/${fed}`).id}>`]);
    const others = ['bucket', 'attemptKey', 'accountKey', 'topicArn', 'bus'].filter((key) => key in environment);
    expect(environment.queues).toEqual(Object.fromEntries(queues));
    expect(environment).toMatchObject({ service: 'acme', table: `<${at('State/Table').id}>` });
    expect(others.toSorted()).toEqual(NEEDS[runs].toSorted());
  });

  test.each(roles)('%s has the fleet that was checked, as a layer', (name) => {
    const { file, sha256 } = environmentOf(rolePartsOf(name).name, variablesOf(name)).fleet;
    expect(functionOf(name).Layers).toEqual([`<${at('Fleet').id}>`]);
    expect({ file, sha256 }).toEqual({ file: '/opt/fleet.json', sha256: sha256Of(JSON.stringify(fleet)) });
  });

  test('the copies of a network are in it, the others in none', () => {
    const inside = { SubnetIds: fleet.reach[0]?.subnetIds, SecurityGroupIds: fleet.reach[0]?.securityGroupIds };
    expect(roles.map((name) => functionOf(name).VpcConfig)).toEqual(
      roles.map((name) => (name.endsWith('@office') ? inside : undefined)),
    );
  });
});

test('three schedules, each with an end to its tries and a queue for what could not be called', () => {
  const schedules = ofType('AWS::Scheduler::Schedule').map(({ properties }) => {
    const { Arn, Input, RetryPolicy, DeadLetterConfig } = properties.Target as Readonly<Record<string, Json & string>>;
    return {
      calls: [properties.ScheduleExpression, properties.ScheduleExpressionTimezone, Arn, Input],
      retry: RetryPolicy,
      dead: DeadLetterConfig,
    };
  });
  const dead = { Arn: `<${at('Schedules/dead letters').id}.Arn>` };
  const wake = `<${at('Functions/wake').id}.Arn>`;
  const notify = `<${at('Functions/notify').id}.Arn>`;
  const retry = (seconds: number) => ({ MaximumEventAgeInSeconds: seconds, MaximumRetryAttempts: 3 });
  expect(schedules).toEqual([
    { calls: ['rate(1 minute)', 'Etc/UTC', wake, '{"wake":"due"}'], retry: retry(60), dead },
    { calls: ['rate(1 hour)', 'Etc/UTC', wake, '{"wake":"inventory"}'], retry: retry(1800), dead },
    {
      calls: ['cron(5 9 ? * MON,FRI *)', 'Europe/Berlin', notify, '{"digest":"due"}'],
      ...{ retry: retry(14_400), dead },
    },
  ]);
});

describe('the alarms', () => {
  test('watch every function, every queue of dead letters, and what the service says of itself', () => {
    const named = (code: string, names: readonly string[]) => names.map((name) => `acme-${code}-${name}`);
    expect(alarms.map(({ properties }) => properties.AlarmName)).toEqual([
      ...['acme-no-inventory', 'acme-work-waits', 'acme-last-tenth', 'acme-no-subscription'],
      ...named('function-errors', roles),
      ...named('dead-letters', [...rung, 'schedules']),
    ]);
  });

  test.each([
    ['no-inventory', METRICS.inventoryDone, 'LessThanThreshold', 1, 'breaching'],
    ['work-waits', METRICS.oldestDue, 'GreaterThanThreshold', 3600, 'breaching'],
    ['last-tenth', METRICS.leastLifetime, 'LessThanThreshold', 10, 'ignore'],
    ['no-subscription', METRICS.confirmedSubscriptions, 'LessThanThreshold', 1, 'ignore'],
  ])('%s looks at %s', (code, MetricName, ComparisonOperator, Threshold, TreatMissingData) => {
    expect(at(`Alarms/${code}`).properties).toMatchObject({
      ...{ Namespace: METRIC_NAMESPACE, MetricName, Dimensions: [{ Name: 'service', Value: 'acme' }] },
      ...{ ComparisonOperator, Threshold, TreatMissingData },
    });
  });

  test.each(alarms.map(({ properties }) => [properties.AlarmName, properties]))(
    '%s goes to the topic itself, and leads to its section of the runbook',
    (_, { AlarmActions, OKActions, AlarmDescription }) => {
      expect([AlarmActions, OKActions]).toEqual(Array(2).fill([`<${at('Announcements/Topic').id}>`]));
      const code = codeIn(AlarmDescription);
      const section = runbook.split(/^## /m).find((text) => text.startsWith(`${code}\n`));
      for (const part of ['Meaning', 'Look', 'Do'])
        expect(section).toMatch(new RegExp(`^\\*\\*${part}:\\*\\* \\S`, 'm'));
    },
  );
});

test('the runbook has a section for every finding too', () => {
  const headings = [...runbook.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(expect.arrayContaining([...FINDING_CODES]));
});

test('the parameter says where everything is, and how a next stack goes on with what stays', () => {
  const { Name, Value } = at('Whereabouts').properties;
  expect(Name).toBe('/nolapse/acme');
  const parts = JSON.parse(String(Value));
  expect(Object.keys(parts.functions)).toEqual(roles);
  expect(Object.keys(parts.queues)).toEqual(rung);
  expect(parts).toMatchObject({ table: `<${at('State/Table').id}>`, topic: `<${at('Announcements/Topic').id}>` });
  const kept = service.resources.filter((one) => one.deletionPolicy === 'Retain' && one.path !== 'Certs/Whereabouts');
  expect(Object.keys(parts.kept).toSorted()).toEqual(kept.map(({ id }) => id).toSorted());
});

test('the last output says what to do next', () => {
  const [name = '', output] =
    Object.entries(service.outputs)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .at(-1) ?? [];
  expect(name).toContain('WhatNext');
  expect((output as Json).Value).toMatch(/^aws sns subscribe .* --payload '\{"test":"sns"\}' \/dev\/stdout$/);
});
