/** ChangeResourceRecordSets as a decision: a zone's sets and one batch in, the new sets or everything that is wrong with it out. */
import { isIPv4, isIPv6 } from 'node:net';
import { parseText } from '../dns/text.ts';
import { isWithin, type RecordSet } from '../dns/zone.ts';

export type Action = 'CREATE' | 'DELETE' | 'UPSERT';

export interface Change {
  readonly action: Action;
  readonly set: RecordSet;
}

export type BatchResult = { readonly sets: readonly RecordSet[] } | { readonly messages: readonly string[] };

/** Limits of one request: ResourceRecord elements, characters of all values; an UPSERT counts twice. */
const MAX_RECORDS = 1_000;
const MAX_CHARACTERS = 32_000;

const weight = (change: Change): number => (change.action === 'UPSERT' ? 2 : 1);

/** Tokens of the change bucket: CREATE 1, DELETE 1, UPSERT 2. */
export const changeTokens = (changes: readonly Change[]): number =>
  changes.reduce((sum, change) => sum + weight(change), 0);

const sameSet = (a: RecordSet, b: RecordSet): boolean =>
  a.name === b.name && a.type === b.type && a.setIdentifier === b.setIdentifier;

const sameValues = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());

const sameContent = (a: RecordSet, b: RecordSet): boolean =>
  a.ttl === b.ttl && (a.multiValue ?? false) === (b.multiValue ?? false) && sameValues(a.values, b.values);

function limitProblems(changes: readonly Change[]): readonly string[] {
  const counted = changes.map((change) => ({
    records: weight(change) * change.set.values.length,
    characters: weight(change) * change.set.values.join('').length,
  }));
  const records = counted.reduce((sum, one) => sum + one.records, 0);
  const characters = counted.reduce((sum, one) => sum + one.characters, 0);
  return [
    ...(records > MAX_RECORDS ? [`Number of records limit of ${MAX_RECORDS} exceeded.`] : []),
    ...(characters > MAX_CHARACTERS ? [`Number of characters limit of ${MAX_CHARACTERS} exceeded.`] : []),
  ];
}

function valueProblem(set: RecordSet, value: string): string | undefined {
  const fatal = (what: string): string =>
    `Invalid Resource Record: 'FATAL problem: ${what} encountered with '${value}''`;
  if (set.type === 'A' && !isIPv4(value)) return fatal('ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)');
  if (set.type === 'AAAA' && !isIPv6(value))
    return fatal('AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)');
  if (set.type !== 'TXT') return undefined;
  const parsed = parseText(value);
  return 'problem' in parsed ? fatal(parsed.problem) : undefined;
}

function contentProblems(zoneName: string, { set }: Change): readonly string[] {
  const problems = set.values.flatMap((value) => valueProblem(set, value) ?? []);
  const repeated = set.values.find((value, index) => set.values.indexOf(value) !== index);
  if (repeated !== undefined) problems.push(`Duplicate Resource Record: '${repeated}'`);
  if (!isWithin(set.name, zoneName))
    problems.push(`RRSet with DNS name ${set.name} is not permitted in zone ${zoneName}`);
  return problems;
}

/** Beside which other sets a set may not stand. */
function neighbourProblem(zoneName: string, sets: readonly RecordSet[], set: RecordSet): string | undefined {
  const here = sets.filter((other) => other.name === set.name);
  const others = here.filter((other) => other.type === set.type && !sameSet(other, set));
  if (set.multiValue && others.some((other) => !other.multiValue))
    return `RRSet with DNS name ${set.name}, type ${set.type}, SetIdentifier ${set.setIdentifier} cannot be created because a non multivalue answer rrset exists with the same name and type.`;
  if (!set.multiValue && others.length > 0)
    return `RRSet with DNS name ${set.name}, type ${set.type}, SetIdentifier null cannot be created as other RRSets exist with the same name and type.`;
  const foreign = here.filter((other) => other.type !== set.type);
  if (set.type === 'CNAME' ? foreign.length > 0 : foreign.some((other) => other.type === 'CNAME'))
    return `RRSet of type ${set.type} with DNS name ${set.name} is not permitted as it conflicts with other records with the same DNS name in zone ${zoneName}`;
  return undefined;
}

type Applied = { readonly sets: readonly RecordSet[] } | { readonly message: string };

function apply(zoneName: string, sets: readonly RecordSet[], { action, set }: Change): Applied {
  const named = `[name='${set.name}', type='${set.type}'${set.setIdentifier === undefined ? '' : `, set-identifier='${set.setIdentifier}'`}]`;
  const current = sets.find((other) => sameSet(other, set));
  const others = sets.filter((other) => other !== current);
  if (action === 'DELETE') {
    if (!current) return { message: `Tried to delete resource record set ${named} but it was not found` };
    if (!sameContent(current, set))
      return {
        message: `Tried to delete resource record set ${named} but the values provided do not match the current values`,
      };
    return { sets: others };
  }
  if (action === 'CREATE' && current)
    return { message: `Tried to create resource record set ${named} but it already exists` };
  const message = neighbourProblem(zoneName, others, set);
  return message === undefined ? { sets: [...others, set] } : { message };
}

/** A set may be named twice in a batch only to be deleted and made again. */
function orderProblems(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((change, index) => {
    const earlier = changes.slice(0, index).filter((other) => sameSet(other.set, change.set));
    const isReplaced = earlier.length === 1 && earlier[0]?.action === 'DELETE' && change.action !== 'DELETE';
    if (earlier.length === 0 || isReplaced) return [];
    const { name, type } = change.set;
    return [`The request contains an invalid set of changes for a resource record set '${type} ${name}'`];
  });
}

const apexProblems = (zoneName: string, sets: readonly RecordSet[]): readonly string[] => {
  const has = (type: string): boolean => sets.some((set) => set.name === zoneName && set.type === type);
  return [
    ...(has('SOA') ? [] : ['A HostedZone must contain exactly one SOA record.']),
    ...(has('NS') ? [] : ['A HostedZone must contain at least one NS record for the zone itself.']),
  ];
};

/** All changes or none. The messages are AWS's own where they are known; the README says which are not. */
export function applyBatch(zoneName: string, before: readonly RecordSet[], changes: readonly Change[]): BatchResult {
  const messages = [
    ...limitProblems(changes),
    ...changes.flatMap((change) => contentProblems(zoneName, change)),
    ...orderProblems(changes),
  ];
  if (messages.length > 0) return { messages };
  let sets = before;
  for (const change of changes) {
    const applied = apply(zoneName, sets, change);
    if ('message' in applied) messages.push(applied.message);
    else sets = applied.sets;
  }
  messages.push(...apexProblems(zoneName, sets));
  return messages.length > 0 ? { messages } : { sets };
}
