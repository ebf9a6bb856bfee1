/** Whether roles have the rights they need and no other: what was asked once is allowed, what is next to it is not, and nothing is unused. */
import { asksAfter, asksOf, KNOWN_KEYS, type Landing } from './asks.ts';
import { type Context, listOf } from './conditions.ts';
import { type Ask, decide, type PolicyJson, statementsOf } from './policy.ts';
import { scopeOf, type WireRequest } from './wire.ts';

/** A role's policies, and what it was seen to ask. */
export interface Seen {
  readonly name: string;
  readonly policies: readonly PolicyJson[];
  readonly asks: readonly Ask[];
}

const isOfBlobs = ({ path }: WireRequest): boolean => path.includes('/snapshots/');

/** All that requests ask, S3's answers that there is no such object included. */
export const asksIn = (requests: readonly WireRequest[], landing: Omit<Landing, 'region'>): readonly Ask[] =>
  requests.flatMap((request) => {
    const { service, region } = scopeOf(request);
    const here = { ...landing, region };
    const asks = asksOf(service, request, here);
    // the file of the fleet is always there
    return isOfBlobs(request) ? [...asks, ...asksAfter(service, request, { status: 404, landing: here })] : asks;
  });

/** What a thief would like to do as well, by service. */
const NEXT_TO: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['Scan', 'UpdateItem', 'BatchWriteItem', 'DeleteTable'],
  eks: ['DeleteCluster', 'CreateAccessEntry'],
  events: ['PutRule'],
  kms: ['Encrypt', 'ReEncryptFrom', 'CreateGrant', 'PutKeyPolicy', 'ScheduleKeyDeletion'],
  route53: ['DeleteHostedZone', 'ListHostedZones'],
  s3: ['DeleteObject', 'PutBucketPolicy'],
  secretsmanager: ['DeleteSecret', 'PutResourcePolicy', 'UpdateSecret'],
  sns: ['Subscribe', 'SetTopicAttributes'],
  sqs: ['PurgeQueue', 'SetQueueAttributes'],
  sts: ['TagSession', 'GetFederationToken'],
};

/** Keys that no policy of ours asks for: what they hold is no matter of rights, or the other side's. */
const FREE = new Set([
  'aws:TagKeys',
  'events:detail-type',
  'events:source',
  'secretsmanager:Name',
  'sts:ExternalId',
  'sts:RoleSessionName',
]);

/** What is marked is no matter of rights, and what marks are taken off is. */
const isFree = ({ action }: Ask, key: string): boolean =>
  FREE.has(key) && !(key === 'aws:TagKeys' && action === 'secretsmanager:UntagResource');

/** Keys that must be there, whatever they hold. */
const THERE = new Set(['issuance', 'attempt', 'account'].map((key) => `kms:EncryptionContext:${key}`));
/** Keys that the other keys of the same request imply. */
const IMPLIED = new Set(['kms:EncryptionContextKeys']);

const without = (context: Context, key: string): Context =>
  Object.fromEntries(Object.entries(context).filter(([name]) => name !== key));

const otherActions = ({ action }: Ask): readonly string[] => {
  const [service = ''] = action.split(':');
  const words = NEXT_TO[service];
  if (!words) throw new TypeError(`nobody has said what is next to ${action}`);
  return words.map((word) => `${service}:${word}`);
};

/** Longer than it, and with its last parts changed. An id that anything may follow has only the second. */
const otherResources = ({ resource }: Ask): readonly string[] => {
  const elsewhere = resource.replace(/[^:/]+([:/][^:/]*)?$/, 'elsewhere');
  return resource.includes(':change/')
    ? [elsewhere]
    : [`${resource}-other`, elsewhere, elsewhere.replace(/:\d{12}:/, ':999999999999:')];
};

/** Without a key, with another value, and with another value beside the right one. */
const otherContexts = (ask: Ask): readonly Context[] =>
  Object.entries(ask.context)
    .filter(([key]) => !isFree(ask, key))
    .flatMap(([key, value]) => [
      ...(IMPLIED.has(key) ? [] : [without(ask.context, key)]),
      ...(THERE.has(key) ? [] : [{ ...ask.context, [key]: typeof value === 'string' ? 'other' : ['other'] }]),
      ...(typeof value === 'string' ? [] : [{ ...ask.context, [key]: [...value, 'other'] }]),
    ]);

/** What must be denied because it is only next to what is needed. */
const nextTo = (ask: Ask): readonly Ask[] => [
  ...otherActions(ask).map((action) => ({ ...ask, action })),
  ...otherResources(ask).map((resource) => ({ ...ask, resource })),
  ...otherContexts(ask).map((context) => ({ ...ask, context })),
];

const said = ({ action, resource, context }: Ask): string => `${action} on ${resource} ${JSON.stringify(context)}`;

/** A sentence for everything that is allowed too narrowly or too widely. */
export function* wrongRights({ name, policies, asks }: Seen): Generator<string> {
  const policy: PolicyJson = { Statement: policies.flatMap(statementsOf) };
  const used = new Map<object, Set<string>>();
  for (const ask of asks) {
    const decision = decide(policy, ask, KNOWN_KEYS);
    if (decision.is === 'denied') yield `${name} may not ${said(ask)}`;
    else {
      const { statement, action } = decision.by;
      used.set(statement, (used.get(statement) ?? new Set()).add(action));
    }
    for (const other of nextTo(ask))
      if (decide(policy, other, KNOWN_KEYS).is === 'allowed') yield `${name} may ${said(other)}`;
  }
  for (const statement of statementsOf(policy))
    for (const action of listOf(statement.Action))
      if (!used.get(statement)?.has(action)) yield `${name} never uses ${action} of ${statement.Sid}`;
}
