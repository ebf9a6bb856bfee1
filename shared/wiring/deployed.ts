/** The deployed service as the command line sees it: its rows are read where they are, and the work is done by its functions. */
import { AcmeAuthorities } from '../adapters/acme/acme-authorities.ts';
import { dynamodbRecords } from '../adapters/aws/dynamodb-records.ts';
import { lambdaFunctions } from '../adapters/aws/lambda-functions.ts';
import { s3Blobs } from '../adapters/aws/s3-blobs.ts';
import { deployedAt } from '../adapters/aws/ssm-deployed.ts';
import { recordsJournal } from '../adapters/local/records-journal.ts';
import { systemClock } from '../adapters/local/system-clock.ts';
import type { Deployed } from '../contract/deployed.ts';
import type { Fleet } from '../contract/fleet.ts';
import type { CertificateId } from '../contract/ids.ts';
import type { Clock } from '../contract/ports.ts';
import { type Key, KIND, keys, type Records } from '../contract/records.ts';
import { rest } from '../contract/rest.ts';
import type { Happened, Issuance, LaneState } from '../contract/rows.ts';
import { VERSION } from '../contract/version.ts';
import type { Digested } from '../lanes/digest.ts';
import { leave, lookAtLeaving } from '../lanes/leave.ts';
import { isQuiet, untilQuiet } from '../lanes/quiet.ts';
import { type Rehearsal, rehearsable } from '../lanes/rehearse.ts';
import { dueInPause, type StillDue, Stillness } from '../lanes/still-due.ts';
import { authoritiesOf } from './authorities.ts';
import { leavingOfDeployed } from './deployed-leaving.ts';
import { deskOf, sourcesOf } from './desk.ts';
import type { Local } from './local.ts';

export interface DeployedOptions {
  /** Name of the service. */
  readonly service: string;
  /** Everything that happens there while a command waits. */
  readonly watch: (event: Happened) => void;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** Between two looks at what happens while a function works. */
const LOOK_MS = 1_000;

/** What the command line needs of an authority is whose limits it spends: none is asked for anything here, so none is given a key. */
function scopesOf({ fleet, records, clock }: { fleet: Fleet; records: Records; clock: Clock }) {
  const noKey = async (): Promise<never> => {
    throw new TypeError('keys of a deployed service never leave it');
  };
  const acme = new AcmeAuthorities({
    ...{ records, clock, readSecret: noKey, fleet: fleet.name, version: VERSION },
    ...{ seal: noKey, unseal: noKey, announce: () => undefined },
  });
  return authoritiesOf({ fleet, records, acme, readSecret: noKey, clock });
}

/** Tells what the functions have written down since the command began, each event once. */
function follow(records: Records, clock: Clock, watch: (event: Happened) => void) {
  const from = clock.now().toISOString();
  const told = new Set<string>();
  const nameOf = ({ pk, sk }: Key<unknown>): string => `${pk}|${sk}`;
  return async (): Promise<void> => {
    const days = new Set([from, clock.now().toISOString()].map((instant) => instant.slice(0, 10)));
    for (const day of days)
      for await (const row of records.list<Happened>(KIND.countedOn(day), { from })) {
        if (told.has(nameOf(row))) continue;
        told.add(nameOf(row));
        watch(row.body);
      }
  };
}

async function areQuiet(records: Records, clock: Clock): Promise<boolean> {
  const now = clock.now();
  for await (const { body } of records.children<LaneState>(keys.lane('notify').pk))
    if (!body.lane.startsWith('inventory:') && !(await isQuiet(body, records, now))) return false;
  return (await records.due('notify', now.toISOString(), 1)).length === 0;
}

/** Waits while the functions work, ringing again what nobody has taken up, and tells what they do. */
function waiting(
  { records, clock, signal, watch }: Pick<DeployedOptions, 'signal' | 'watch'> & { records: Records; clock: Clock },
  wake: () => Promise<void>,
) {
  const hear = follow(records, clock, watch);
  return {
    hear,
    /** What nobody does anything about is not waited for. */
    untilQuiet: async (): Promise<readonly StillDue[]> => {
      let left: readonly StillDue[] = [];
      const stillness = new Stillness({ records, clock });
      const isOver = async (): Promise<boolean> => {
        if (await areQuiet(records, clock)) return true;
        if (!(await stillness.isOver())) return false;
        left = await stillness.left();
        return true;
      };
      await untilQuiet({ clock, isOver, ring: wake, look: hear, ...(signal ? { signal } : {}) });
      await hear();
      return [...left, ...(await dueInPause({ records, clock }))];
    },
    /** The answer, with all that happens before it. */
    hearing: async <T>(answer: Promise<T>): Promise<T> => {
      const over = new AbortController();
      const isOver = answer.then(
        () => over.abort(),
        () => over.abort(),
      );
      while (!over.signal.aborted && !signal?.aborted) {
        await hear();
        await rest(clock, LOOK_MS, over.signal);
      }
      signal?.throwIfAborted();
      await isOver;
      await hear();
      return answer;
    },
  };
}

async function openIn(records: Records, only?: ReadonlySet<string>): Promise<readonly CertificateId[]> {
  const open: CertificateId[] = [];
  for await (const { body } of records.list<Issuance>(KIND.issuance))
    if (body.attempt && (!only || only.has(body.id))) open.push(...body.members);
  return open;
}

/** Throws InputError where no service of that name is deployed, ProblemError where AWS does not let us look. */
export async function openDeployed(options: DeployedOptions): Promise<Local & { readonly fleet: Fleet }> {
  const { service, watch, deadlineMs, signal } = options;
  const deployed = await deployedAt(service);
  const functions = lambdaFunctions();
  const fleet = (await functions.invoke(deployed.functions.wake, { show: 'fleet' })) as Fleet;
  const clock = systemClock({ ...(deadlineMs === undefined ? {} : { deadlineMs }), ...(signal ? { signal } : {}) });
  const records = dynamodbRecords({ table: deployed.table });
  const blobs = s3Blobs({ bucket: deployed.bucket });
  const wait = waiting({ records, clock, watch, ...(signal ? { signal } : {}) }, async () => {
    await functions.invoke(deployed.functions.wake, { wake: 'due' });
  });
  const { authorityOf } = scopesOf({ fleet, records, clock });
  // what is due is rung by the next look of wake; what is done by hand is heard from where it is written
  const bell = { ring: async (): Promise<void> => undefined };
  const journal = recordsJournal({ records, clock, watch: () => undefined });
  const { hearing } = wait;
  const leaving = leavingOfDeployed({ service, deployed, functions, fleet, records, blobs, clock, hearing });
  return {
    fleet,
    ...deskOf({ fleet, records, blobs, clock, bell, journal, authorityOf }),
    inventory: async () => {
      const asked = (source: string): [string, object] => [inventoryOf(deployed, fleet, source), { cluster: source }];
      await Promise.all(sourcesOf(fleet).map((source) => functions.invoke(...asked(source))));
      await wait.hear();
    },
    run: async (only) => {
      const stillDue = await wait.untilQuiet();
      return { inProgress: await openIn(records, only && new Set(only)), stillDue };
    },
    rehearse: async (id) => {
      await rehearsable(id, { fleet, records, clock });
      return (await hearing(functions.invoke(deployed.functions.issue, { rehearse: id }))) as Rehearsal;
    },
    digest: async () => (await functions.invoke(deployed.functions.notify, { digest: 'now' })) as Digested,
    lookAtLeaving: () => lookAtLeaving(leaving),
    leave: (by) => leave(by, leaving),
    close: async () => {
      for (const open of [records, blobs, functions]) open.close();
    },
  };
}

/** The function that looks at a source: a cluster's Reach has its own. */
function inventoryOf({ functions }: Deployed, { clusters }: Fleet, source: string): string {
  const reach = clusters.find(({ name }) => name === source)?.reach;
  return (reach === undefined ? undefined : functions[`inventory@${reach}`]) ?? functions.inventory;
}
