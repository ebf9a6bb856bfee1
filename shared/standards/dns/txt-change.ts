/** Values of TXT record sets as changes of a zone that leave everybody else's values and TTL as they are. Pure. */
import type { TxtKey } from '../../contract/step.ts';

/** A record set as it is in the zone: values in their written form (quoted), in its order. */
export interface TxtSet {
  readonly ttl: number;
  readonly values: readonly string[];
}

/** `name` without final dot. All changes of one batch are done together or not at all. */
export interface TxtChange {
  readonly action: 'CREATE' | 'DELETE';
  readonly name: string;
  readonly set: TxtSet;
}

/** What was read of a zone, by name; a name that is in it without a set has none; one that is not in it was not read. */
export type ReadSets = ReadonlyMap<string, TxtSet | undefined>;

/** Seconds; for sets that nobody else has a value in. */
export const CHALLENGE_TTL = 60;

/** A character-string of RFC 1035 §5.1. Values of challenges are base64url, so nothing is ever escaped. */
export const quoted = (value: string): string => `"${value}"`;

/**
 * The changes that add and remove these values, one name after the other. A name that was not read is taken as ours alone: CREATE
 * what is added, DELETE what is removed, which a zone refuses where it is otherwise. A name that was read is replaced as it was seen,
 * DELETE and CREATE in one batch: a zone that has moved on refuses, so nobody's value is lost.
 *
 * A value that is there already is written again as it is: only a change has a state that says when every server answers with it.
 * A value both added and removed is added.
 */
export function changesOf(
  add: readonly TxtKey[],
  remove: readonly TxtKey[],
  existing: ReadSets = new Map(),
): readonly TxtChange[] {
  const names = new Set([...remove, ...add].map(({ fqdn }) => fqdn));
  return [...names].flatMap((name) => {
    const added = valuesAt(name, add);
    const removed = valuesAt(name, remove).filter((value) => !added.includes(value));
    if (!existing.has(name)) return [...deletion(name, ours(removed)), ...creation(name, ours(added))];
    const set = existing.get(name);
    if (!set) return creation(name, ours(added));
    const kept = set.values.filter((value) => !removed.includes(value));
    const next = [...kept, ...added.filter((value) => !kept.includes(value))];
    const isDone = added.length === 0 && kept.length === set.values.length;
    return isDone ? [] : [...deletion(name, set), ...creation(name, { ttl: set.ttl, values: next })];
  });
}

const valuesAt = (name: string, keys: readonly TxtKey[]): readonly string[] => [
  ...new Set(keys.filter(({ fqdn }) => fqdn === name).map(({ value }) => quoted(value))),
];

const ours = (values: readonly string[]): TxtSet => ({ ttl: CHALLENGE_TTL, values });

const change =
  (action: TxtChange['action']) =>
  (name: string, set: TxtSet): readonly TxtChange[] =>
    set.values.length > 0 ? [{ action, name, set }] : [];
const creation = change('CREATE');
const deletion = change('DELETE');

/** Limits of one ChangeResourceRecordSets request (Route 53 quotas): ResourceRecord elements and characters of all values. */
const MAX_RECORDS = 1_000;
const MAX_CHARACTERS = 32_000;

/** The changes in as few batches as the limits allow; the changes of one name stay together. */
export function batchesOf(changes: readonly TxtChange[]): readonly (readonly TxtChange[])[] {
  const batches: TxtChange[][] = [];
  let left = { records: 0, characters: 0 };
  for (const ofName of Map.groupBy(changes, ({ name }) => name).values()) {
    const values = ofName.flatMap(({ set }) => set.values);
    const [records, characters] = [values.length, values.join('').length];
    if (batches.length === 0 || records > left.records || characters > left.characters) {
      batches.push([]);
      left = { records: MAX_RECORDS, characters: MAX_CHARACTERS };
    }
    batches.at(-1)?.push(...ofName);
    left = { records: left.records - records, characters: left.characters - characters };
  }
  return batches;
}
