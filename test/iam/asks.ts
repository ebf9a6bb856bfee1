/** What a request to AWS asks for, as IAM sees it: actions, resources and condition keys of each service that Nolapse talks to. */
import { asksOfTable } from './asks-of-table.ts';
import type { Context } from './conditions.ts';
import type { Ask } from './policy.ts';
import { elementsIn, formIn, type Json, jsonIn, operationIn, type WireAnswer, type WireRequest } from './wire.ts';

/** Where a request lands: the account of whoever asks, and the keys that services use in his name. */
export interface Landing {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** ARNs. */
  readonly stateKey: string;
  readonly topicKey: string;
}

export type AsksOf = (request: WireRequest, landing: Landing) => readonly Ask[];

/** All that an ask may have in its context, in lower case. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'aws:principalarn',
  'aws:tagkeys',
  'dynamodb:leadingkeys',
  'events:source',
  'events:detail-type',
  'kms:encryptioncontext:account',
  'kms:encryptioncontext:attempt',
  'kms:encryptioncontext:fleet',
  'kms:encryptioncontext:issuance',
  'kms:encryptioncontextkeys',
  'kms:viaservice',
  'route53:changeresourcerecordsetsactions',
  'route53:changeresourcerecordsetsnormalizedrecordnames',
  'route53:changeresourcerecordsetsrecordtypes',
  'secretsmanager:name',
  'sts:externalid',
  'sts:rolesessionname',
]);

const unknown = (request: WireRequest): TypeError =>
  new TypeError(`${request.method} ${request.path} ${operationIn(request)}: nobody has said what this asks for`);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const listIn = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);

export const arn = ({ partition, region, account }: Landing, service: string, rest: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${rest}`;

/** A name in this account, or an ARN as it is. */
const named = (landing: Landing, service: string, [before, name]: readonly [string, string]): string =>
  name.startsWith('arn:') ? name : arn(landing, service, before + name);

const ask = (action: string, resource: string, context: Context = {}): Ask => ({ action, resource, context });

/** What a service asks of KMS in the name of whoever asked it. */
export const viaKms = (landing: Landing, service: string, of: { actions: readonly string[]; key: string }) =>
  of.actions.map((action) =>
    ask(`kms:${action}`, of.key, { 'kms:ViaService': `${service}.${landing.region}.amazonaws.com` }),
  );

const table: AsksOf = (request, landing) => [
  ...asksOfTable(operationIn(request), jsonIn(request), (name) => named(landing, 'dynamodb', ['table/', name])),
  ...viaKms(landing, 'dynamodb', { actions: ['Decrypt'], key: landing.stateKey }),
];

/** Virtual-hosted style has the bucket in the host's name, path style in the path. */
function objectOf({ path, headers }: WireRequest): { readonly bucket: string; readonly key: string } {
  const [, hosted] = /^([a-z0-9.-]+)\.s3[.-]/.exec(String(headers.host ?? '')) ?? [];
  const words = path.split('/').slice(1).map(decodeURIComponent);
  const [bucket = '', ...key] = hosted === undefined ? words : [hosted, ...words];
  return { bucket, key: key.join('/') };
}

const OBJECT_ACTIONS: Readonly<Record<string, string>> = { GET: 'GetObject', HEAD: 'GetObject', PUT: 'PutObject' };

const bucketArn = (request: WireRequest, { partition }: Landing): string =>
  `arn:${partition}:s3:::${objectOf(request).bucket}`;

/** The file of the fleet is an asset of CDK's, which has a key of its own; blobs are under the key of the state. */
const isBlob = (key: string): boolean => /^(?:snapshots|reports)\//.test(key);

const blobs: AsksOf = (request, landing) => {
  const { key } = objectOf(request);
  const action = OBJECT_ACTIONS[request.method];
  if (action === undefined || key === '') throw unknown(request);
  const actions = action === 'PutObject' ? ['GenerateDataKey'] : ['Decrypt'];
  return [
    ask(`s3:${action}`, `${bucketArn(request, landing)}/${key}`),
    ...(isBlob(key) ? viaKms(landing, 's3', { actions, key: landing.stateKey }) : []),
  ];
};

const queue: AsksOf = (request, landing) => {
  const isJson = request.headers['x-amz-target'] !== undefined;
  const url = isJson ? text(jsonIn(request).QueueUrl) : (formIn(request).get('QueueUrl') ?? '');
  return [ask(`sqs:${operationIn(request)}`, arn(landing, 'sqs', url.split('/').at(-1) ?? ''))];
};

const topic: AsksOf = (request, landing) => {
  const operation = operationIn(request);
  const key = { actions: ['GenerateDataKey', 'Decrypt'], key: landing.topicKey };
  return [
    ask(`sns:${operation}`, formIn(request).get('TopicArn') ?? ''),
    ...(operation === 'Publish' ? viaKms(landing, 'sns', key) : []),
  ];
};

const key: AsksOf = (request, landing) => {
  const { KeyId, EncryptionContext = {} } = jsonIn(request);
  if (typeof KeyId !== 'string') throw new TypeError('a request to KMS must say under which key');
  const bound = EncryptionContext as Readonly<Record<string, string>>;
  const context: Context = {
    'kms:EncryptionContextKeys': Object.keys(bound),
    ...Object.fromEntries(Object.entries(bound).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
  };
  return [ask(`kms:${operationIn(request)}`, named(landing, 'kms', ['key/', KeyId]), context)];
};

/** Six characters that Secrets Manager would have chosen. */
const CHOSEN = '-a1B2c3';

const secret: AsksOf = (request, landing) => {
  const { SecretId, Name, Tags, TagKeys = [] } = jsonIn(request);
  const operation = operationIn(request);
  const called = text(operation === 'CreateSecret' ? Name : SecretId);
  const isWhole = called.startsWith('arn:') && /-[A-Za-z0-9]{6}$/.test(called);
  const resource = named(landing, 'secretsmanager', ['secret:', called]) + (isWhole ? '' : CHOSEN);
  const tags = [...listIn(Tags).map(({ Key }) => text(Key)), ...(TagKeys as readonly string[])];
  const tagged: Context = tags.length > 0 ? { 'aws:TagKeys': tags } : {};
  const context: Context = operation === 'CreateSecret' ? { 'secretsmanager:Name': called, ...tagged } : tagged;
  return [
    ask(`secretsmanager:${operation}`, resource, context),
    // what is created with tags is also tagged
    ...(operation === 'CreateSecret' && tags.length > 0 ? [ask('secretsmanager:TagResource', resource, tagged)] : []),
  ];
};

const role: AsksOf = (request) => {
  const form = formIn(request);
  if (operationIn(request) === 'GetCallerIdentity') return [];
  const [externalId, session] = [form.get('ExternalId'), form.get('RoleSessionName')];
  const context = {
    ...(externalId === null ? {} : { 'sts:ExternalId': externalId }),
    ...(session === null ? {} : { 'sts:RoleSessionName': session }),
  };
  return [ask(`sts:${operationIn(request)}`, form.get('RoleArn') ?? '', context)];
};

const bus: AsksOf = (request, landing) =>
  listIn(jsonIn(request).Entries).map(({ EventBusName, Source, DetailType }) =>
    ask('events:PutEvents', named(landing, 'events', ['event-bus/', text(EventBusName) || 'default']), {
      'events:source': text(Source),
      'events:detail-type': text(DetailType),
    }),
  );

const cluster: AsksOf = (request, landing) => {
  const [, name] = /^\/clusters\/([^/]+)$/.exec(request.path) ?? [];
  if (request.method !== 'GET' || name === undefined) throw unknown(request);
  return [ask('eks:DescribeCluster', arn(landing, 'eks', `cluster/${decodeURIComponent(name)}`))];
};

const call: AsksOf = (request, landing) => {
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path) ?? [];
  if (name === undefined) throw unknown(request);
  return [ask('lambda:InvokeFunction', named(landing, 'lambda', ['function:', decodeURIComponent(name)]))];
};

/** As Route 53 normalises names: lower case, no final dot, other characters than these as an octal code. */
const normalized = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replaceAll(/[^a-z0-9_.\\-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);

const zone: AsksOf = (request, { partition }) => {
  const [, kind, id, rest = ''] = /^\/2013-04-01\/(hostedzone|change)\/([^/]+)(\/rrset)?\/?$/.exec(request.path) ?? [];
  const resource = `arn:${partition}:route53:::${kind}/${id}`;
  const asked = `${request.method} ${kind}${rest}`;
  if (asked === 'GET change') return [ask('route53:GetChange', resource)];
  if (asked === 'GET hostedzone/rrset') return [ask('route53:ListResourceRecordSets', resource)];
  if (asked !== 'POST hostedzone/rrset') throw unknown(request);
  const xml = request.body.toString();
  const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];
  return [
    ask('route53:ChangeResourceRecordSets', resource, {
      'route53:ChangeResourceRecordSetsActions': distinct(elementsIn(xml, 'Action').map((one) => one.toUpperCase())),
      'route53:ChangeResourceRecordSetsRecordTypes': distinct(elementsIn(xml, 'Type').map((one) => one.toUpperCase())),
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': distinct(elementsIn(xml, 'Name').map(normalized)),
    }),
  ];
};

const SERVICES: Readonly<Record<string, AsksOf>> = {
  dynamodb: table,
  s3: blobs,
  sqs: queue,
  sns: topic,
  kms: key,
  secretsmanager: secret,
  sts: role,
  events: bus,
  eks: cluster,
  lambda: call,
  route53: zone,
};

/** Throws TypeError where nobody has said what the request asks for. */
export function asksOf(service: string, request: WireRequest, landing: Landing): readonly Ask[] {
  const asks = SERVICES[service];
  if (!asks) throw new TypeError(`the service ${service} is not known here`);
  return asks(request, landing);
}

/** What only the answer tells: S3 says that an object is not there only to those who may list its bucket. */
export const asksAfter = (
  service: string,
  request: WireRequest,
  { status, landing }: Pick<WireAnswer, 'status'> & { readonly landing: Landing },
): readonly Ask[] =>
  service === 's3' && status === 404 && request.method !== 'PUT'
    ? [ask('s3:ListBucket', bucketArn(request, landing))]
    : [];
