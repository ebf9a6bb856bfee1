/**
 * Where everything is: one parameter, and what is printed after a deployment. The parameter outlives the stack: who comes later finds the state
 * by it, and a deployment that would begin a second state beside the first fails at its name.
 */
import { CfnOutput, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { type Deployed, type ParameterValue, parameterName } from '../shared/contract/deployed.ts';
import { VERSION } from '../shared/contract/version.ts';
import type { RoleName } from '../shared/rights/role-names.ts';
import { eachBell, type Parts } from './parts.ts';

export interface WhereaboutsProps {
  readonly parts: Parts;
  readonly lambdas: ReadonlyMap<RoleName, IFunction>;
}

const idOf = (construct: Construct): string => {
  const resource = construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) throw new TypeError(`${construct.node.path} is no resource`);
  return Stack.of(construct).getLogicalId(resource);
};

export class Whereabouts extends Construct {
  constructor(scope: Construct, id: string, { parts, lambdas }: WhereaboutsProps) {
    super(scope, id);
    const name = parameterName(parts.service);
    const parameter = new CfnParameter(this, 'Resource', {
      ...{ name, type: 'String', value: '-', tier: 'Intelligent-Tiering' },
      description: `Nolapse ${parts.service}: where everything is`,
    });
    parameter.applyRemovalPolicy(RemovalPolicy.RETAIN);
    parameter.value = Stack.of(this).toJsonString(this.#value(parts, lambdas));
    this.#say(parts, name, lambdas);
  }

  #value(parts: Parts, lambdas: WhereaboutsProps['lambdas']): ParameterValue {
    const { state, queues, announcements, bus } = parts;
    const functions = Object.fromEntries([...lambdas].map(([role, { functionName }]) => [role, functionName]));
    return {
      version: VERSION,
      table: state.table.tableName,
      bucket: state.bucket.bucketName,
      keys: { state: state.key.keyArn, attempts: state.attemptKey.keyArn, accounts: state.accountKey.keyArn },
      queues: eachBell(queues, ({ queue }) => queue.queueUrl),
      deadLetters: eachBell(queues, ({ deadLetters }) => deadLetters.queueUrl),
      topic: announcements.topic.topicArn,
      bus: bus.eventBusName,
      // every fleet has the five: `copiesOf`
      functions: functions as Deployed['functions'],
      kept: this.#kept(parts),
    };
  }

  #kept({ state }: Parts): ParameterValue['kept'] {
    const keys = [state.key, state.attemptKey, state.accountKey];
    return {
      [idOf(state.table)]: { TableName: state.table.tableName },
      [idOf(state.bucket)]: { BucketName: state.bucket.bucketName },
      ...Object.fromEntries(keys.map((key) => [idOf(key), { KeyId: key.keyId }])),
    };
  }

  /** cdk prints outputs in the order of their names: the last one says what to do next. */
  #say({ announcements, bus }: Parts, name: string, lambdas: WhereaboutsProps['lambdas']): void {
    const { topicArn } = announcements.topic;
    const { region } = Stack.of(this);
    const next = [
      `aws sns subscribe --region ${region} --topic-arn ${topicArn} --protocol email --notification-endpoint <you@example.com>`,
      'confirm it in your mailbox',
      `aws lambda invoke --region ${region} --function-name ${lambdas.get('notify')?.functionName} --cli-binary-format raw-in-base64-out --payload '{"test":"sns"}' /dev/stdout`,
    ].join(', then: ');
    const outputs = { Bus: bus.eventBusName, Parameter: name, Topic: topicArn, WhatNext: next };
    for (const [id, value] of Object.entries(outputs)) new CfnOutput(this, id, { value });
  }
}
