/** What an authoritative server says to one question (RFC 1034 §4.3.2): answer, referral, NODATA or NXDOMAIN with the SOA, or REFUSED outside its zones. */
import type { Answer, Question } from 'dns-packet';
import { parseText } from './text.ts';
import { canonicalName, isWithin, type RecordSet } from './zone.ts';

/** One zone as one server serves it now. */
export interface ServedZone {
  readonly name: string;
  readonly sets: readonly RecordSet[];
}

export interface Reply {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  /** That others are named who would know. */
  readonly isReferral?: true;
}

const CHAIN_LIMIT = 8;

const undotted = (name: string): string => name.replace(/\.$/, '');

function soa(value: string) {
  const [mname = '', rname = '', serial, refresh, retry, expire, minimum] = value.split(/\s+/);
  const numbers = { serial, refresh, retry, expire, minimum };
  const parsed = Object.fromEntries(Object.entries(numbers).map(([key, text]) => [key, Number(text)]));
  return { mname: undotted(mname), rname: undotted(rname), ...parsed };
}

function caa(value: string) {
  const [, flags = '0', tag = '', text = ''] = /^(\d+)\s+(\w+)\s+"(.*)"$/.exec(value) ?? [];
  return { flags: Number(flags), tag: tag as 'issue', value: text };
}

function text(value: string): Buffer[] {
  const parsed = parseText(value);
  return 'strings' in parsed ? parsed.strings.map((string) => Buffer.from(string, 'latin1')) : [];
}

function record(set: RecordSet, owner: string, value: string): Answer {
  const base = { name: undotted(owner), ttl: set.ttl, class: 'IN' as const };
  switch (set.type) {
    case 'SOA':
      return { ...base, type: 'SOA', data: soa(value) };
    case 'CAA':
      return { ...base, type: 'CAA', data: caa(value) };
    case 'TXT':
      return { ...base, type: 'TXT', data: text(value) };
    default:
      return { ...base, type: set.type, data: undotted(value) };
  }
}

/** The sets of a name: its own, else those of the wildcard at its closest encloser (RFC 4592). Undefined = no such name. */
function setsAt(zone: ServedZone, name: string): readonly RecordSet[] | undefined {
  const exists = (other: string): boolean => zone.sets.some((set) => isWithin(set.name, other));
  if (exists(name)) return zone.sets.filter((set) => set.name === name);
  let encloser = name;
  while (!exists(encloser)) encloser = encloser.slice(encloser.indexOf('.') + 1);
  const wildcard = zone.sets.filter((set) => set.name === `*.${encloser}`);
  return wildcard.length > 0 ? wildcard : undefined;
}

const closestZone = (zones: readonly ServedZone[], name: string): ServedZone | undefined =>
  zones.filter((zone) => isWithin(name, zone.name)).toSorted((a, b) => b.name.length - a.name.length)[0];

const soaOf = (zone: ServedZone): readonly Answer[] =>
  zone.sets
    .filter((set) => set.type === 'SOA' && set.name === zone.name)
    .flatMap((set) => set.values.map((value) => record(set, zone.name, value)));

/** The NS set by which the name is handed to others: that of the cut nearest to the zone's apex. */
const cutAbove = (zone: ServedZone, name: string): RecordSet | undefined =>
  zone.sets
    .filter((set) => set.type === 'NS' && set.name !== zone.name && isWithin(name, set.name))
    .toSorted((a, b) => a.name.length - b.name.length)[0];

/** Follows CNAMEs as far as the zones go. */
export function replyTo(zones: readonly ServedZone[], question: Question): Reply {
  const answers: Answer[] = [];
  let name = canonicalName(question.name);
  for (let step = 0; step <= CHAIN_LIMIT; step += 1) {
    const zone = closestZone(zones, name);
    if (!zone) return { rcode: answers.length > 0 ? 'NOERROR' : 'REFUSED', answers, authorities: [] };
    const cut = cutAbove(zone, name);
    if (cut) {
      const authorities = cut.values.map((value) => record(cut, cut.name, value));
      return { rcode: 'NOERROR', answers, authorities, ...(answers.length > 0 ? {} : { isReferral: true }) };
    }
    const sets = setsAt(zone, name);
    if (!sets) return { rcode: 'NXDOMAIN', answers, authorities: soaOf(zone) };
    const found = sets.filter((set) => set.type === question.type);
    answers.push(...found.flatMap((set) => set.values.map((value) => record(set, name, value))));
    if (found.length > 0) return { rcode: 'NOERROR', answers, authorities: [] };
    const alias = sets.find((set) => set.type === 'CNAME');
    const target = alias?.values[0];
    if (!alias || target === undefined) return { rcode: 'NOERROR', answers, authorities: soaOf(zone) };
    answers.push(record(alias, name, target));
    name = canonicalName(target);
  }
  return { rcode: 'NOERROR', answers, authorities: [] };
}
