/** Rights on the rows, by what a lane reads, writes and removes. One table, so its partition keys are what tells roles apart. */
import type { FunctionName } from '../contract/environment.ts';
import { type Granted, granted } from './granted.ts';
import type { Resources } from './resources.ts';
import { type Conditions, onlyVia } from './statements.ts';

/** Partition keys as `contract/records.ts` makes them. */
export const PARTITIONS = {
  installation: 'META',
  lanes: 'LANE',
  accounts: 'ACCOUNT#*',
  sources: 'SRC#*',
  issuances: 'ISS#*',
  places: 'DEST#*',
  probes: 'PROBE#*',
  statuses: 'STATUS#*',
  challenges: 'ZONE#*',
  limits: 'LIMIT#*',
  findings: 'FIND#*',
  owners: 'OWNER#*',
  channels: 'CHANNEL#*',
  events: 'EVT#*',
} as const;

type Partition = keyof typeof PARTITIONS;
type Index = 'due' | 'list';

interface Rows {
  /** Absent = all of READING. */
  readonly how?: readonly string[];
  /** Read and never written. */
  readonly reads: readonly Partition[];
  /** Written; a write is compare-and-set, so what is written is also read. */
  readonly writes: readonly Partition[];
  readonly removes: readonly Partition[];
  readonly indexes: readonly Index[];
}

/** Rows by their keys, those of one partition, and those that an index has found. */
const READING = ['dynamodb:Query', 'dynamodb:BatchGetItem'];

const ROWS: Readonly<Record<FunctionName, Rows>> = {
  // the index says when; whatever is due, its row is read by whoever works on it
  wake: {
    how: ['dynamodb:Query'],
    reads: ['installation', 'lanes'],
    writes: [],
    removes: [],
    indexes: ['due'],
  },
  inventory: {
    reads: [],
    writes: [
      'installation',
      'lanes',
      'sources',
      'issuances',
      'places',
      'probes',
      'statuses',
      'findings',
      'owners',
      'events',
    ],
    removes: ['lanes', 'sources', 'places', 'probes', 'statuses', 'owners'],
    indexes: ['list'],
  },
  issue: {
    reads: [],
    // that the fleet is left: from then on it begins no order; and what the fleet no longer allows, in what an inventory wrote
    writes: [
      'installation',
      'lanes',
      'accounts',
      'sources',
      'issuances',
      'places',
      'statuses',
      'challenges',
      'limits',
      'findings',
      'owners',
      'events',
    ],
    removes: ['challenges', 'owners'],
    indexes: ['due', 'list'],
  },
  deliver: {
    reads: ['sources'],
    writes: ['installation', 'lanes', 'issuances', 'places', 'probes', 'statuses', 'findings', 'owners', 'events'],
    // a place that was given back is nobody's, an endpoint that nobody names is not looked at, an object that is gone is told nothing
    removes: ['places', 'probes', 'statuses', 'owners'],
    indexes: ['due', 'list'],
  },
  notify: {
    reads: ['sources', 'issuances', 'places'],
    writes: ['installation', 'lanes', 'findings', 'owners', 'channels', 'events'],
    removes: ['owners'],
    indexes: ['due', 'list'],
  },
};

/** ForAllValues holds where there is no value at all, so that there is one is asked as well. */
const onlyRows = (partitions: readonly Partition[]): Conditions => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions.map((partition) => PARTITIONS[partition]) },
  Null: { 'dynamodb:LeadingKeys': ['false'] },
});

const listed = (partitions: readonly Partition[]): string => partitions.join(', ');

/** What is ordered is checked against what is asked for: who writes one of the two alone has nothing else ordered. */
function thiefOf(writes: readonly Partition[]): string {
  const delivers = 'to whatever place deliver may write; silences work';
  if (!writes.includes('issuances')) return 'hides findings, and says again what was said';
  return writes.includes('sources')
    ? `has others order certificates for names in the zones, and deliver them ${delivers}`
    : `has others order again what is asked for, and deliver it ${delivers}`;
}

function tableRights({ how = READING, reads, writes, removes }: Rows, table: string): readonly Granted[] {
  const seen = [...reads, ...writes];
  const on = (sid: string, actions: readonly string[], partitions: readonly Partition[]) => ({
    ...{ sid, actions, resources: [table], conditions: onlyRows(partitions) },
  });
  const read = granted(on('ReadRows', how, seen), {
    because: `its lanes decide by these rows: ${listed(seen)}`,
    thief: writes.includes('accounts')
      ? 'reads the state; keys in it are sealed, and what opens them is another right'
      : 'reads the state; keys in it are sealed, and account keys are in rows that this role cannot read',
  });
  const write = granted(on('WriteRows', ['dynamodb:PutItem'], writes), {
    because: `its lanes write these rows: ${listed(writes)}`,
    thief: thiefOf(writes),
  });
  const remove = granted(on('RemoveRows', ['dynamodb:DeleteItem'], removes), {
    because: `its lanes end these rows: ${listed(removes)}`,
    thief: 'removes rows that two inventories make again',
  });
  return [read, ...(writes.length > 0 ? [write] : []), ...(removes.length > 0 ? [remove] : [])];
}

/** Rights of a function on the table, its indexes and its key. */
export const rowRights = (name: FunctionName, { table, stateKey, region }: Resources): readonly Granted[] => [
  ...tableRights(ROWS[name], table),
  granted(
    {
      ...{ sid: 'AskIndexes', actions: ['dynamodb:Query'] },
      resources: ROWS[name].indexes.map((index) => `${table}/index/${index}`),
    },
    {
      because: 'what is due, and which rows belong together, is asked of the indexes, which hold keys of rows only',
      thief: 'lists what the service works on',
    },
  ),
  granted(
    {
      ...{ sid: 'OpenTable', actions: ['kms:Decrypt'], resources: [stateKey] },
      conditions: onlyVia('dynamodb', region),
    },
    {
      because: 'the table is encrypted with a key of the customer, which DynamoDB uses in the name of whoever asks',
      thief: 'nothing beyond the rows above: DynamoDB alone can use it so',
    },
  ),
];
