/** The zone, the queue and the secret store of a world, looked at through the AWS SDK past the recorder. */
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueMessage, RecordSet, WorldQueue, WorldSecrets, WorldZone } from './world.ts';

export const REGION = 'eu-west-1';

/** Settings for a client of one endpoint. */
export const clientOf = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: 'test-admin', secretAccessKey: 'test-admin' },
});

const byNameAndType = (a: RecordSet, b: RecordSet): number =>
  a.name === b.name ? a.type.localeCompare(b.type) : a.name.localeCompare(b.name);

async function recordSetsOf(client: Route53Client, zoneId: string): Promise<readonly RecordSet[]> {
  const sets: RecordSet[] = [];
  let from: { StartRecordName?: string; StartRecordType?: 'TXT' } = {};
  for (;;) {
    const page: ListResourceRecordSetsCommandOutput = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, ...from }),
    );
    for (const set of page.ResourceRecordSets ?? [])
      sets.push({
        name: (set.Name ?? '').replace(/\.$/, ''),
        type: set.Type ?? '',
        ttl: set.TTL ?? 0,
        values: (set.ResourceRecords ?? []).map((record) => record.Value ?? ''),
      });
    if (!page.IsTruncated) return sets.sort(byNameAndType);
    from = { StartRecordName: page.NextRecordName ?? '', StartRecordType: page.NextRecordType as 'TXT' };
  }
}

/** The hosted zone by its API. */
export function worldZone(endpoint: string, zone: { readonly name: string; readonly id: string }): WorldZone {
  const client = new Route53Client(clientOf(endpoint));
  return {
    ...zone,
    recordSets: () => recordSetsOf(client, zone.id),
    snapshot: async () => (await recordSetsOf(client, zone.id)).map((set) => JSON.stringify(set)).join('\n'),
    addForeign: async (set) => {
      const ResourceRecordSet = {
        Name: set.name,
        Type: set.type as 'TXT',
        TTL: set.ttl,
        ResourceRecords: set.values.map((Value) => ({ Value })),
      };
      const Changes = [{ Action: 'CREATE' as const, ResourceRecordSet }];
      await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone.id, ChangeBatch: { Changes } }));
    },
  };
}

async function receiveAll(client: SQSClient, url: string): Promise<readonly QueueMessage[]> {
  const messages: QueueMessage[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: messages.length ? 0 : 1 }),
    );
    if (Messages.length === 0) return messages;
    for (const message of Messages) {
      messages.push(JSON.parse(message.Body ?? '{}') as QueueMessage);
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle ?? '' }));
    }
  }
}

/** A new topic with a new queue subscribed to it. */
export async function worldQueue(endpoint: string): Promise<WorldQueue> {
  const sns = new SNSClient(clientOf(endpoint));
  const sqs = new SQSClient(clientOf(endpoint));
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'nolapse' }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'subscriber' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Endpoint = Attributes?.QueueArn ?? '';
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  return {
    topicArn: TopicArn,
    receive: () => receiveAll(sqs, QueueUrl),
    removeTopic: async () => void (await sns.send(new DeleteTopicCommand({ TopicArn }))),
  };
}

/** Secrets Manager as somebody else with all rights sees it. */
export function worldSecrets(endpoint: string): WorldSecrets {
  const client = new SecretsManagerClient(clientOf(endpoint));
  const value = async (name: string): Promise<string | undefined> => {
    try {
      // left to itself moto tells the value that was put last, AWS the current one
      const asked = new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSCURRENT' });
      return (await client.send(asked)).SecretString;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    value,
    versions: async (name) =>
      (await client.send(new DescribeSecretCommand({ SecretId: name }))).VersionIdsToStages ?? {},
    put: async (name, text) => {
      if ((await value(name)) === undefined)
        await client.send(new CreateSecretCommand({ Name: name, SecretString: text }));
      else await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
    },
    remove: async (name) => {
      await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    },
  };
}
