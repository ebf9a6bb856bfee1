/** The topic that people subscribe to: notify and the alarms publish to it, each on its own, so that neither can silence the other. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export class Announcements extends Construct {
  readonly topic: Topic;
  /** A key of its own: CloudWatch may use it, and must not come near the rows. Nothing that lasts is under it, so it goes with the stack. */
  readonly key: Key;

  constructor(scope: Construct, id: string, { service }: { readonly service: string }) {
    super(scope, id);
    const description = `Nolapse ${service}: messages of the topic`;
    this.key = new Key(this, 'Key', { description, enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
    this.topic = new Topic(this, 'Topic', { displayName: `Nolapse ${service}`, masterKey: this.key, enforceSSL: true });
    const { account, partition, region } = Stack.of(this);
    const asAlarm = {
      sid: 'Alarms',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:${service}-*` },
      },
    };
    const publish = new PolicyStatement({ ...asAlarm, actions: ['sns:Publish'], resources: [this.topic.topicArn] });
    this.topic.addToResourcePolicy(publish);
    // in a key's own policy `*` is the key itself
    const seal = new PolicyStatement({
      ...asAlarm,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    });
    this.key.addToResourcePolicy(seal);
  }
}
