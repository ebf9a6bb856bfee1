/** The answers of Route 53's list operations: where a page begins, where it ends, and what the next one must ask for. */
import { canonicalName, compareSets, currentSets, encodedName, type RecordSet, type Zone } from '../dns/zone.ts';
import { Route53Error } from './request.ts';
import type { XmlValue } from './xml.ts';

type XmlRecord = { readonly [name: string]: XmlValue };

const MAX_SETS = 300;
const MAX_ZONES = 100;

function maxItems(query: URLSearchParams, limit: number): number {
  const text = query.get('maxitems');
  if (text === null) return limit;
  if (!/^[1-9]\d*$/.test(text)) throw new Route53Error(400, 'InvalidInput', `maxitems ${text}: not a positive number`);
  return Math.min(Number(text), limit);
}

const renderSet = (set: RecordSet): XmlRecord => ({
  Name: encodedName(set.name),
  Type: set.type,
  SetIdentifier: set.setIdentifier,
  MultiValueAnswer: set.multiValue,
  TTL: set.ttl,
  ResourceRecords: { ResourceRecord: set.values.map((Value) => ({ Value })) },
});

/** The page of record sets from the start that the query names. */
export function listSets(sets: readonly RecordSet[], query: URLSearchParams): XmlRecord {
  const [name, type, identifier] = ['name', 'type', 'identifier'].map((key) => query.get(key) ?? undefined);
  if (type !== undefined && name === undefined)
    throw new Route53Error(400, 'InvalidInput', 'The request contains a record type but no record name.');
  const limit = maxItems(query, MAX_SETS);
  const start = { name: canonicalName(name ?? '.'), type: type ?? '' };
  const from = identifier === undefined ? start : { ...start, setIdentifier: identifier };
  const rest = name === undefined ? sets : sets.filter((set) => compareSets(set, from) >= 0);
  const next = rest[limit];
  return {
    ResourceRecordSets: { ResourceRecordSet: rest.slice(0, limit).map(renderSet) },
    IsTruncated: next !== undefined,
    NextRecordName: next && encodedName(next.name),
    NextRecordType: next?.type,
    NextRecordIdentifier: next?.setIdentifier,
    MaxItems: limit,
  };
}

export const renderZone = (zone: Zone): XmlRecord => ({
  Id: `/hostedzone/${zone.id}`,
  Name: encodedName(zone.name),
  CallerReference: `sandbox-${zone.id}`,
  Config: { PrivateZone: zone.isPrivate },
  ResourceRecordSetCount: currentSets(zone).length,
});

/** The page of zones in the order of their names, from `dnsname` and `hostedzoneid` on, or from the zone that `marker` names. */
export function listZones(zones: readonly Zone[], query: URLSearchParams): XmlRecord {
  const limit = maxItems(query, MAX_ZONES);
  const keyOf = (zone: Zone) => ({ name: zone.name, type: '', setIdentifier: zone.id });
  const name = query.get('dnsname');
  const from = { name: canonicalName(name ?? '.'), type: '', setIdentifier: query.get('hostedzoneid') ?? '' };
  const sorted = zones.toSorted((a, b) => compareSets(keyOf(a), keyOf(b)));
  const marked = sorted.findIndex(({ id }) => id === query.get('marker'));
  const rest = sorted.slice(Math.max(marked, 0)).filter((zone) => name === null || compareSets(keyOf(zone), from) >= 0);
  const next = rest[limit];
  return {
    HostedZones: { HostedZone: rest.slice(0, limit).map(renderZone) },
    DNSName: name ?? undefined,
    HostedZoneId: query.get('hostedzoneid') ?? undefined,
    IsTruncated: next !== undefined,
    NextDNSName: next && encodedName(next.name),
    NextHostedZoneId: next?.id,
    NextMarker: next?.id,
    MaxItems: limit,
  };
}
