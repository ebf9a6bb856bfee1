/**
 * Puts a synthesised service up against an AWS endpoint on this machine: state, queues, topic and bus are made there, and what CloudFormation
 * would tell Lambda is read out of the templates: each function's variables, its role, the statements of that role, its queue.
 */
import { basename, join } from 'node:path';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { StatementJson } from '../iam/policy.ts';
import { type Made, type Make, type Place, Stacks, templatesIn } from './template.ts';

type Properties = Readonly<Record<string, unknown>>;

export interface PutUpFunction {
  /** As CloudFormation would name it. */
  readonly name: string;
  /** Folder of the bundle. */
  readonly code: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly role: string;
  readonly timeoutMs: number;
  readonly queues: readonly string[];
  readonly concurrency: number;
}

export interface PutUp {
  readonly functions: readonly PutUpFunction[];
  readonly roles: readonly {
    readonly name: string;
    readonly arn: string;
    readonly statements: readonly StatementJson[];
  }[];
  /** Who of them EKS is told of, by the name of the cluster. */
  readonly entries: readonly {
    readonly cluster: string;
    readonly principalArn: string;
    readonly groups: readonly string[];
  }[];
  /** ARNs of the customer keys that AWS's own services encrypt with. */
  readonly keys: { readonly state: string; readonly topic: string };
  /** Values of Systems Manager parameters by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** What each schedule calls, with what, and as whom. */
  readonly schedules: readonly { readonly function: string; readonly payload: unknown; readonly role: string }[];
}

export interface At extends Place {
  readonly endpoint: string;
  /** Told apart from other services at the same endpoint by it. */
  readonly prefix: string;
  /** A topic that people listen to already, in the place of a new one that nobody does. */
  readonly topicArn: string;
}

const clientOf = ({ endpoint, region }: Pick<At, 'endpoint' | 'region'>) => ({
  ...{ endpoint, region, credentials: { accessKeyId: 'administrator', secretAccessKey: 'administrator' } },
});

const text = (properties: Properties, name: string): string | undefined => {
  const value = properties[name];
  return typeof value === 'string' ? value : undefined;
};

/** State is made once: a second deployment of the service finds it, whatever else it changes. */
export type State = Map<string, Promise<Made>>;

class Makers {
  readonly #at: At;
  readonly #dynamodb: DynamoDBClient;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #kms: KMSClient;
  readonly #events: EventBridgeClient;

  constructor(at: At) {
    const client = clientOf(at);
    this.#at = at;
    this.#dynamodb = new DynamoDBClient(client);
    this.#s3 = new S3Client({ ...client, forcePathStyle: true });
    this.#sqs = new SQSClient(client);
    this.#kms = new KMSClient(client);
    this.#events = new EventBridgeClient(client);
  }

  #arn(service: string, rest: string, { regional = true } = {}): string {
    const { account, region } = this.#at;
    return `arn:aws:${service}:${regional ? region : ''}:${account}:${rest}`;
  }

  readonly #by: Readonly<Record<string, (name: string, properties: Properties) => Promise<Made>>> = {
    'AWS::DynamoDB::Table': async (name, { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes }) => {
      const shape = { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } as Partial<CreateTableCommandInput>;
      await this.#dynamodb.send(
        new CreateTableCommand({
          ...shape,
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
        } as CreateTableCommandInput),
      );
      return { ref: name, attributes: { Arn: this.#arn('dynamodb', `table/${name}`), TableId: name } };
    },
    'AWS::S3::Bucket': async (name) => {
      await this.#s3.send(new CreateBucketCommand({ Bucket: name }));
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    },
    'AWS::SQS::Queue': async (name, { VisibilityTimeout, RedrivePolicy }) => {
      const Attributes = {
        ...(VisibilityTimeout === undefined ? {} : { VisibilityTimeout: String(VisibilityTimeout) }),
        ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
      };
      const { QueueUrl = '' } = await this.#sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      return { ref: QueueUrl, attributes: { Arn: this.#arn('sqs', name), QueueName: name, QueueUrl } };
    },
    'AWS::KMS::Key': async () => {
      const { KeyMetadata: { Arn = '', KeyId = '' } = {} } = await this.#kms.send(new CreateKeyCommand({}));
      return { ref: KeyId, attributes: { Arn, KeyId } };
    },
    'AWS::SNS::Topic': async () => {
      const { topicArn: TopicArn } = this.#at;
      return { ref: TopicArn, attributes: { TopicArn, TopicName: TopicArn.split(':').at(-1) ?? '' } };
    },
    'AWS::Events::EventBus': async (name) => {
      await this.#events.send(new CreateEventBusCommand({ Name: name }));
      return { ref: name, attributes: { Arn: this.#arn('events', `event-bus/${name}`), Name: name } };
    },
    'AWS::IAM::Role': async (id, properties) => {
      const name = text(properties, 'RoleName') ?? id;
      return {
        ref: name,
        attributes: {
          Arn: this.#arn('iam', `role${text(properties, 'Path') ?? '/'}${name}`, { regional: false }),
          RoleId: name,
        },
      };
    },
    'AWS::Lambda::Function': async (name) => ({
      ref: name,
      attributes: { Arn: this.#arn('lambda', `function:${name}`) },
    }),
  };

  /** Names as CloudFormation makes them up, which are all that most kinds need to be referred to. */
  async make(id: string, type: string, properties: Properties): Promise<Made> {
    const name = `${this.#at.prefix}-${id}`.toLowerCase();
    const by = this.#by[type];
    if (by) return by(type.startsWith('AWS::S3') ? name.slice(0, 63) : name.slice(0, 80), properties);
    return { ref: id, attributes: { Arn: this.#arn(type.toLowerCase(), id), Name: id } };
  }

  close(): void {
    for (const client of [this.#dynamodb, this.#s3, this.#sqs, this.#kms, this.#events]) client.destroy();
  }
}

type Up = Awaited<ReturnType<Stacks['up']>>;
const LAYER = 'AWS::Lambda::LayerVersion';

/** Where the content of a function or of a layer is: its asset's key names the folder in the assembly. */
const contentIn = (assembly: string, content: unknown): string =>
  join(assembly, `asset.${basename(String((content as Properties).S3Key), '.zip')}`);

/** The variables of a function, with the folder of its layer in the place of /opt. */
function variablesIn(up: Up, assembly: string, { Environment, Layers }: Properties): Readonly<Record<string, string>> {
  const [layer] = up.filter(({ type, made }) => type === LAYER && (Layers as readonly string[]).includes(made.ref));
  const opt = contentIn(assembly, layer?.properties.Content);
  const { Variables } = Environment as { readonly Variables: Readonly<Record<string, string>> };
  return Object.fromEntries(
    Object.entries(Variables).map(([name, value]) => [name, value.replace(/^\/opt(?=\/)/, opt)]),
  );
}

function functionsOf(up: Up, assembly: string): readonly PutUpFunction[] {
  const mappings = up.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping');
  const queueUrls = new Map(
    up.filter(({ type }) => type === 'AWS::SQS::Queue').map(({ made }) => [made.attributes.Arn, made.ref]),
  );
  return up
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map(({ made, properties }) => {
      const own = mappings.filter(
        ({ properties: { FunctionName } }) => FunctionName === made.ref || FunctionName === made.attributes.Arn,
      );
      const scaling = own[0]?.properties.ScalingConfig as { readonly MaximumConcurrency?: number } | undefined;
      return {
        name: made.ref,
        code: contentIn(assembly, properties.Code),
        variables: variablesIn(up, assembly, properties),
        role: basename(String(properties.Role)),
        timeoutMs: Number(properties.Timeout) * 1_000,
        queues: own.map((mapping) => queueUrls.get(String(mapping.properties.EventSourceArn)) ?? ''),
        concurrency: scaling?.MaximumConcurrency ?? 2,
      };
    });
}

function policiesOf(up: Up): ReadonlyMap<string, readonly StatementJson[]> {
  const policies = new Map<string, StatementJson[]>();
  const add = (role: string, document: unknown): void => {
    const { Statement: statements } = document as { readonly Statement: readonly StatementJson[] };
    policies.set(role, [...(policies.get(role) ?? []), ...statements]);
  };
  for (const { type, properties, made } of up) {
    if (type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy')
      for (const role of (properties.Roles ?? []) as readonly string[]) add(role, properties.PolicyDocument);
    if (type === 'AWS::IAM::Role')
      for (const { PolicyDocument } of (properties.Policies ?? []) as readonly { PolicyDocument: unknown }[])
        add(made.ref, PolicyDocument);
  }
  return policies;
}

const rolesIn = (up: Up): PutUp['roles'] => {
  const policies = policiesOf(up);
  return up
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .map(({ made: { ref: name, attributes } }) => ({
      name,
      arn: attributes.Arn ?? '',
      statements: policies.get(name) ?? [],
    }));
};

const keyIn = (up: Up, name: RegExp): string =>
  up.find(({ type, id }) => type === 'AWS::KMS::Key' && name.test(id))?.made.attributes.Arn ?? '';

/** Empties a table and a bucket: what is left when state is lost. */
export async function empty(
  { table, bucket }: { readonly table: string; readonly bucket: string },
  at: Pick<At, 'endpoint' | 'region'>,
): Promise<void> {
  const [dynamodb, s3] = [new DynamoDBClient(clientOf(at)), new S3Client({ ...clientOf(at), forcePathStyle: true })];
  try {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }));
    for (const { pk, sk } of Items)
      if (pk && sk) await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: { pk, sk } }));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  } finally {
    dynamodb.destroy();
    s3.destroy();
  }
}

/** Puts the service of a cloud assembly up. State that `kept` holds from before is found again. */
export async function putUp(assembly: string, at: At, kept: State = new Map()): Promise<PutUp> {
  const makers = new Makers(at);
  try {
    const make: Make = (id, type, properties) => {
      const known = kept.get(id) ?? makers.make(id, type, properties);
      kept.set(id, known);
      return known;
    };
    const up = await new Stacks(templatesIn(assembly), make, at).up();
    const ofType = (type: string) => up.filter((one) => one.type === type).map(({ properties }) => properties);
    return {
      functions: functionsOf(up, assembly),
      roles: rolesIn(up),
      entries: ofType('AWS::EKS::AccessEntry').map(({ ClusterName, PrincipalArn, KubernetesGroups }) => ({
        ...{ cluster: String(ClusterName), principalArn: String(PrincipalArn) },
        groups: KubernetesGroups as readonly string[],
      })),
      keys: { state: keyIn(up, /StateKey/), topic: keyIn(up, /Announcements/) },
      parameters: new Map(ofType('AWS::SSM::Parameter').map(({ Name, Value }) => [String(Name), String(Value)])),
      schedules: ofType('AWS::Scheduler::Schedule').map(({ Target }) => {
        const { Arn, Input, RoleArn } = Target as Readonly<Record<'Arn' | 'Input' | 'RoleArn', string>>;
        return { function: Arn.split(':').at(-1) ?? '', payload: JSON.parse(Input), role: basename(RoleArn) };
      }),
    };
  } finally {
    makers.close();
  }
}
