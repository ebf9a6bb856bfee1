/** Route 53 requests read from method, path and XML (REST API of 2013-04-01); refuses what the sandbox does not imitate. */
import { canonicalName, isRecordType, type RecordSet } from '../dns/zone.ts';
import type { Asked } from '../listen.ts';
import type { Action, Change } from './batch.ts';
import { child, childText, type Element, parseXml, XmlError } from './xml.ts';

/** A refusal in AWS's words. */
export class Route53Error extends Error {
  override readonly name = 'Route53Error';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Operation =
  | { readonly kind: 'ChangeResourceRecordSets' | 'ListResourceRecordSets' | 'GetHostedZone'; readonly zoneId: string }
  | { readonly kind: 'GetChange'; readonly changeId: string }
  | { readonly kind: 'ListHostedZones' | 'ListHostedZonesByName' };

const ROOT = '/2013-04-01/';

/** Undefined = no operation that is imitated. */
export function readOperation({ method, path }: Asked): Operation | undefined {
  if (!path.startsWith(ROOT)) return undefined;
  const [resource, id, sub, ...more] = path.slice(ROOT.length).replace(/\/$/, '').split('/').map(decodeURIComponent);
  if (more.length > 0) return undefined;
  if (resource === 'hostedzone' && id && sub === 'rrset') {
    if (method === 'POST') return { kind: 'ChangeResourceRecordSets', zoneId: id };
    return method === 'GET' ? { kind: 'ListResourceRecordSets', zoneId: id } : undefined;
  }
  if (method !== 'GET' || sub !== undefined) return undefined;
  if (resource === 'hostedzone') return id ? { kind: 'GetHostedZone', zoneId: id } : { kind: 'ListHostedZones' };
  if (resource === 'change' && id) return { kind: 'GetChange', changeId: id };
  return resource === 'hostedzonesbyname' && id === undefined ? { kind: 'ListHostedZonesByName' } : undefined;
}

const invalid = (message: string): Route53Error => new Route53Error(400, 'InvalidInput', message);

const isAction = (text: string): text is Action => text === 'CREATE' || text === 'DELETE' || text === 'UPSERT';

/** Routing policies and aliases, which the sandbox does not hold. */
const NOT_IMITATED = ['AliasTarget', 'Weight', 'Region', 'GeoLocation', 'Failover', 'TrafficPolicyInstanceId'];
const MAX_TTL = 2_147_483_647;

function readSet(action: Action, element: Element | undefined): RecordSet {
  const [name = '', type = '', identifier] = ['Name', 'Type', 'SetIdentifier'].map((one) => childText(element, one));
  const foreign = NOT_IMITATED.find((one) => child(element, one));
  if (foreign) throw invalid(`The sandbox does not hold record sets with ${foreign}`);
  if (!isRecordType(type)) throw invalid(`The sandbox does not hold record sets of type ${type}`);
  const values = (child(element, 'ResourceRecords')?.children ?? []).map((one) => childText(one, 'Value') ?? '');
  const ttl = childText(element, 'TTL');
  if (ttl === undefined || values.length === 0)
    throw invalid(
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${identifier ?? 'null'}]`,
    );
  if (!/^\d+$/.test(ttl) || Number(ttl) > MAX_TTL) throw invalid(`TTL ${ttl}: not a number from 0 to ${MAX_TTL}`);
  const multiValue = childText(element, 'MultiValueAnswer') === 'true';
  if (multiValue !== (identifier !== undefined))
    throw invalid(
      `Invalid request: Missing field '${multiValue ? 'SetIdentifier' : 'Weight'}' in Change with [Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${identifier ?? 'null'}]`,
    );
  const own = { name: canonicalName(name), type, ttl: Number(ttl), values };
  return identifier === undefined ? own : { ...own, setIdentifier: identifier, multiValue };
}

export interface BatchRequest {
  readonly changes: readonly Change[];
  readonly comment: string | undefined;
}

/** The batch of a ChangeResourceRecordSets body. Throws Route53Error for what is malformed. */
export function readBatch(body: Buffer): BatchRequest {
  const root = parseBody(body);
  if (root.name !== 'ChangeResourceRecordSetsRequest')
    throw new Route53Error(
      400,
      'MalformedInput',
      `${root.name} is not valid, expected ChangeResourceRecordSetsRequest`,
    );
  const batch = child(root, 'ChangeBatch');
  const changes = (child(batch, 'Changes')?.children ?? []).map((element) => {
    const action = childText(element, 'Action') ?? '';
    if (!isAction(action)) throw invalid(`Invalid XML ; Action ${action}: not one of CREATE, DELETE, UPSERT`);
    return { action, set: readSet(action, child(element, 'ResourceRecordSet')) };
  });
  if (changes.length === 0) throw invalid("Invalid XML ; The content of element 'Changes' is not complete.");
  return { changes, comment: childText(batch, 'Comment') };
}

function parseBody(body: Buffer): Element {
  try {
    return parseXml(body.toString());
  } catch (error) {
    if (error instanceof XmlError) throw new Route53Error(400, 'MalformedInput', `Unexpected: ${error.message}`);
    throw error;
  }
}
