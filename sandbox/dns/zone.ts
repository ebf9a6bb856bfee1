/** Zones as values: record sets in Route 53's order, every version of them, and from when each name server serves which. */

export const RECORD_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'NS', 'SOA', 'TXT'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

export interface RecordSet {
  /** Lower case, with the final dot, `*` as itself. */
  readonly name: string;
  readonly type: RecordType;
  readonly ttl: number;
  /** As the API holds them: TXT in quotes. */
  readonly values: readonly string[];
  readonly setIdentifier?: string;
  readonly multiValue?: boolean;
}

export interface ZoneVersion {
  readonly sets: readonly RecordSet[];
  /** Milliseconds since the epoch, one for each name server. */
  readonly servedAt: readonly number[];
}

export interface Zone {
  readonly id: string;
  /** With the final dot. */
  readonly name: string;
  readonly isPrivate: boolean;
  /** Oldest first; servedAt never falls from one to the next. */
  readonly versions: readonly ZoneVersion[];
}

export const isRecordType = (type: string): type is RecordType => (RECORD_TYPES as readonly string[]).includes(type);

/** The name as it is compared: lower case, final dot, `\052` and its like as the character they stand for. */
export function canonicalName(name: string): string {
  const plain = name
    .replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .toLowerCase();
  return plain.endsWith('.') ? plain : `${plain}.`;
}

/** The name as Route 53 writes it: all but a-z, 0-9, hyphen, underscore and dot as a backslash and three octal digits. */
export const encodedName = (name: string): string =>
  name.replace(/[^a-z0-9_.-]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

export const isWithin = (name: string, zoneName: string): boolean => name === zoneName || name.endsWith(`.${zoneName}`);

const reversed = (name: string): string => name.split('.').slice(0, -1).reverse().join('.').concat('.');

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By the labels from the right, then type, then set identifier: the order of ListResourceRecordSets. */
export const compareSets = (
  a: Pick<RecordSet, 'name' | 'setIdentifier'> & { readonly type: string },
  b: Pick<RecordSet, 'name' | 'setIdentifier'> & { readonly type: string },
): number =>
  order(reversed(a.name), reversed(b.name)) ||
  order(a.type, b.type) ||
  order(a.setIdentifier ?? '', b.setIdentifier ?? '');

/** What one name server serves at that instant. */
export function servedSets(zone: Zone, server: number, now: number): readonly RecordSet[] {
  return zone.versions.findLast((version) => (version.servedAt[server] ?? 0) <= now)?.sets ?? [];
}

/** What the API tells. */
export const currentSets = (zone: Zone): readonly RecordSet[] => zone.versions.at(-1)?.sets ?? [];

/** The zone with one more version, served by each server after its delay, and never before an earlier version. */
export function withVersion(
  zone: Zone,
  sets: readonly RecordSet[],
  { now, delaysMs }: { readonly now: number; readonly delaysMs: readonly number[] },
): Zone {
  const last = zone.versions.at(-1);
  const servedAt = delaysMs.map((delay, server) => Math.max(now + delay, last?.servedAt[server] ?? 0));
  return { ...zone, versions: [...zone.versions, { sets: sets.toSorted(compareSets), servedAt }] };
}

/** The hosted zone as AWS makes it: SOA and NS at its apex beside whatever it is given. */
export function newZone(
  id: string,
  name: string,
  { nsNames, sets }: { readonly nsNames: readonly string[]; readonly sets: readonly RecordSet[] },
): Zone {
  const apex = canonicalName(name);
  const own: readonly RecordSet[] = [
    { name: apex, type: 'NS', ttl: 172_800, values: nsNames },
    {
      name: apex,
      type: 'SOA',
      ttl: 900,
      values: [`${nsNames[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
    },
  ];
  const given = (set: RecordSet): boolean => sets.some((other) => other.name === set.name && other.type === set.type);
  const all = [...own.filter((set) => !given(set)), ...sets].toSorted(compareSets);
  return { id, name: apex, isPrivate: false, versions: [{ sets: all, servedAt: nsNames.map(() => 0) }] };
}
