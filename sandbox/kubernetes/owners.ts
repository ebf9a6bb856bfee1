/** Owners of fields: what an update takes, what an apply takes, gives up and collides with (structured-merge-diff's Updater). */
import {
  claimedBy,
  decodeFields,
  difference,
  displayPath,
  encodeFields,
  type FieldSet,
  overlay,
  without,
} from './fields.ts';
import { type Fields, instant, type ManagedFieldsEntry, type ObjectMeta } from './object.ts';
import { StatusError } from './status.ts';

export interface Who {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: string;
}

interface Owner extends Who {
  readonly operation: 'Apply' | 'Update';
  readonly time?: string;
  readonly fields: FieldSet;
}

const minus = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a].filter((path) => !b.has(path)));
const shared = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a].filter((path) => b.has(path)));

const ownersOf = (entries: readonly ManagedFieldsEntry[]): readonly Owner[] =>
  entries.map(({ manager, operation, apiVersion, time, fieldsV1, subresource }) => ({
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    ...(subresource === undefined ? {} : { subresource }),
    fields: decodeFields(fieldsV1),
  }));

const seconds = ({ time }: Owner): number => (time === undefined ? 0 : Date.parse(time));
const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** Apply before Update, then the oldest, then by name. */
const inOrder = (a: Owner, b: Owner): number =>
  compare(a.operation, b.operation) || compare(seconds(a), seconds(b)) || compare(a.manager, b.manager);

const entriesOf = (owners: readonly Owner[]): readonly ManagedFieldsEntry[] =>
  owners
    .filter(({ fields }) => fields.size > 0)
    .sort(inOrder)
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFields(fields),
      ...(subresource === undefined ? {} : { subresource }),
    }));

const isOwner = (owner: Owner, operation: Owner['operation'], who: Who): boolean =>
  owner.operation === operation &&
  owner.manager === who.manager &&
  owner.apiVersion === who.apiVersion &&
  owner.subresource === who.subresource;

export interface Update {
  readonly before: Fields;
  readonly after: Fields;
  readonly entries: readonly ManagedFieldsEntry[];
  readonly who: Who;
  readonly now: Date;
}

/** Owners after a change by create, update or patch: whoever wrote a field has it alone. */
export function ownersAfterUpdate({ before, after, entries, who, now }: Update): readonly ManagedFieldsEntry[] {
  const { written, removed } = difference(before, after);
  const owners = ownersOf(entries).map((owner) => ({ ...owner, fields: minus(minus(owner.fields, written), removed) }));
  if (written.size === 0) return entriesOf(owners);
  const own = owners.find((owner) => isOwner(owner, 'Update', who));
  const others = owners.filter((owner) => owner !== own);
  const fields = new Set([...(own?.fields ?? []), ...written]);
  return entriesOf([...others, { ...who, operation: 'Update', time: instant(now), fields }]);
}

const BEFORE_FIRST_APPLY = 'before-first-apply';

/** Of an object that nobody owns anything of: to the first who applies, all of it belongs to the past. */
export const ownersOfThePast = (live: Fields, empty: Fields, now: Date): readonly ManagedFieldsEntry[] => {
  const who = { manager: BEFORE_FIRST_APPLY, apiVersion: String(live.apiVersion) };
  return ownersAfterUpdate({ before: empty, after: live, entries: [], who, now });
};

/** The owners that a patch or a replacement sets; one who owns nothing is none. */
export const ownersSet = ({ managedFields }: ObjectMeta): readonly ManagedFieldsEntry[] | undefined =>
  managedFields?.filter(({ fieldsV1 }) => Object.keys(fieldsV1 ?? {}).length > 0);

export interface Apply {
  readonly live: Fields;
  readonly config: Fields;
  readonly entries: readonly ManagedFieldsEntry[];
  readonly who: Who;
  readonly force: boolean;
  readonly now: Date;
}

export interface Applied {
  readonly object: Fields;
  readonly entries: readonly ManagedFieldsEntry[];
}

interface Collision {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

const ownerText = ({ manager, operation, apiVersion, subresource }: Owner): string => {
  const via = subresource === undefined ? '' : ` with subresource "${subresource}"`;
  return `"${manager}"${via}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
};

function conflicts(collisions: readonly Collision[]): StatusError {
  const causes = collisions.flatMap(({ owner, fields }) =>
    [...fields].sort().map((path) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${ownerText(owner)}`,
      field: displayPath(path),
    })),
  );
  const [only] = causes;
  const groups = [...Map.groupBy(causes, ({ message }) => message)].sort(([a], [b]) => compare(a, b));
  const listed = groups.map(([message, of]) =>
    [`conflicts${message.slice('conflict'.length)}:`, ...of.map(({ field }) => `- ${field}`)].join('\n'),
  );
  const text =
    only && causes.length === 1
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${listed.join('\n')}`;
  return new StatusError(409, { message: `Apply failed with ${text}`, reason: 'Conflict', details: { causes } });
}

/** The object and its owners after a server-side apply. Throws 409 with a cause for each field that another owns and `force` does not take. */
export function apply({ live, config, entries, who, force, now }: Apply): Applied {
  const owners = ownersOf(entries);
  const own = owners.find((owner) => isOwner(owner, 'Apply', who));
  const others = owners.filter((owner) => owner !== own);
  const claimed = claimedBy(config);
  const kept = new Set([...claimed, ...others.flatMap(({ fields }) => [...fields])]);
  const givenUp = minus(own?.fields ?? new Set(), kept);
  const object = without(overlay(live, config), givenUp, kept) as Fields;
  const { written, removed } = difference(live, object);
  const collisions = others
    .map((owner) => ({ owner, fields: shared(owner.fields, written) }))
    .filter(({ fields }) => fields.size > 0);
  if (!force && collisions.length > 0) throw conflicts(collisions);
  const losers = others.map((owner) => ({ ...owner, fields: minus(minus(owner.fields, written), removed) }));
  const isChanged = written.size + removed.size > 0;
  const time = isChanged ? instant(now) : own?.time;
  const winner: Owner = { ...who, operation: 'Apply', ...(time === undefined ? {} : { time }), fields: claimed };
  return { object, entries: entriesOf([...losers, winner]) };
}
