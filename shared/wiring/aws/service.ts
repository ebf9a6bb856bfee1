/** What every function of the deployed service is made of: rows, bell, clock, journal, and the fleet that was deployed with it. */
import { randomUUID } from 'node:crypto';
import { dynamodbRecords } from '../../adapters/aws/dynamodb-records.ts';
import type { eventBridgeEvents } from '../../adapters/aws/eventbridge-events.ts';
import { sqsBell } from '../../adapters/aws/sqs-bell.ts';
import { recordsJournal } from '../../adapters/local/records-journal.ts';
import { systemClock } from '../../adapters/local/system-clock.ts';
import type { Environment, FunctionName } from '../../contract/environment.ts';
import type { Invocation } from '../../contract/invocation.ts';
import type { MetricName } from '../../contract/metrics.ts';
import type { Clock, Journal } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import { queueOf } from '../../contract/queues.ts';
import type { Happened } from '../../contract/rows.ts';
import type { LanePorts } from '../../lanes/lane-ports.ts';
import { pauseLane } from '../../lanes/pause.ts';
import { deployedFleet } from './fleet.ts';
import { HeldBell } from './held-bell.ts';

/** Who hears what a function does. */
export interface Watching {
  /** Everything that happens, as it happens. */
  watch(event: Happened): void;
  count(metric: MetricName, value: number): void;
  /** What could not be said to another part of the service; nothing but time is lost by it. */
  lost(what: string, problem: Problem): void;
}

/** What the functions share of an opened service. */
export interface Opened {
  /** Runs one invocation: its time is the clock's, and what it has to tell has left the process when it ends. */
  during<T>(remainingMs: () => number, work: () => Promise<T>): Promise<T>;
}

export type Service = Awaited<ReturnType<typeof openService>>;

/** The clock of whatever invocation is running: an environment answers one at a time. */
function invocationClock() {
  const { now, sleep } = systemClock();
  let remainingMs = (): number => 0;
  const clock: Clock = { now, sleep, remainingMs: () => remainingMs() };
  return {
    clock,
    begin: (remaining: () => number): void => {
      remainingMs = remaining;
    },
  };
}

export interface Opening {
  readonly name: FunctionName;
  readonly environment: Environment;
  readonly watching: Watching;
  /** How customers hear of what happens; who has nothing to tell carries no client for it. */
  readonly telling?: typeof eventBridgeEvents;
  /** Who works for minutes rings meanwhile, this often at most; all others when they have done, for all that they found together. */
  readonly ringsAfterMs?: number;
}

/** Throws ProblemError where the fleet cannot be read; everything else is asked when it is first needed. */
export async function openService(opening: Opening) {
  const { name, environment, telling, ringsAfterMs = Number.POSITIVE_INFINITY } = opening;
  const { watch, lost } = opening.watching;
  const { service, table, queues, bus = '' } = environment;
  const fleet = await deployedFleet(environment);
  const { clock, begin } = invocationClock();
  const records = dynamodbRecords({ table });
  const events = telling?.({
    ...{ bus, fleet: fleet.name },
    onLost: (events, problem) => lost(`${events.length} events`, problem),
  });
  const journal: Journal = recordsJournal({
    ...{ records, clock },
    watch: (event) => {
      watch(event);
      events?.put(event);
    },
  });
  const queued = sqsBell({
    queues,
    queueOf: queueOf(fleet.clusters),
    onLost: (lane, problem) => lost(`a ring of ${lane}`, problem),
  });
  const bell = new HeldBell(queued, clock, ringsAfterMs);
  const ports: LanePorts = {
    ...{ fleet, records, clock, journal, bell },
    // an environment that was ended by Lambda says so to nobody: its lease runs out
    holder: { name: `${service}/${name}/${randomUUID()}`, isGone: () => false },
  };
  return {
    ...ports,
    name,
    /** A lane that rests for a while, or goes on. */
    pause: async ({ lane, for: time, because }: Extract<Invocation, { is: 'pause' }>) => {
      const pause = await pauseLane(lane, { for: time, because, by: 'aws lambda invoke' }, ports);
      return pause ? { lane, ...pause } : { lane, state: 'not paused' };
    },
    during: async <T>(remainingMs: () => number, work: () => Promise<T>): Promise<T> => {
      begin(remainingMs);
      try {
        return await work();
      } finally {
        await Promise.all([bell.flush(), events?.flush()]);
      }
    },
  };
}
