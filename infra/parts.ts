/** What the service is made of, and how it is named to those who use it: ARNs for policies, addresses for functions. */
import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { NEEDS, variablesOf } from '../shared/contract/environment.ts';
import type { Fleet } from '../shared/contract/fleet.ts';
import type { Resources } from '../shared/rights/resources.ts';
import { ringsOf } from '../shared/rights/roles.ts';
import type { Announcements } from './announcements.ts';
import type { Copy } from './copies.ts';
import type { FleetFile } from './fleet-file.ts';
import type { Bell, Queues } from './queues.ts';
import type { State } from './state.ts';

export interface Parts {
  readonly service: string;
  readonly fleet: Fleet;
  readonly fleetFile: FleetFile;
  readonly state: State;
  readonly queues: Queues;
  readonly announcements: Announcements;
  readonly bus: EventBus;
}

export const eachBell = <T>({ bells }: Queues, of: (bell: Bell) => T): Readonly<Record<string, T>> =>
  Object.fromEntries([...bells].map(([name, bell]) => [name, of(bell)]));

export function resourcesOf({ state, queues, announcements, bus }: Parts): Resources {
  const { account, partition, region } = Stack.of(state);
  return {
    ...{ account, partition, region },
    table: state.table.tableArn,
    bucket: state.bucket.bucketArn,
    stateKey: state.key.keyArn,
    attemptKey: state.attemptKey.keyArn,
    accountKey: state.accountKey.keyArn,
    queues: eachBell(queues, ({ queue }) => queue.queueArn),
    topic: announcements.topic.topicArn,
    topicKey: announcements.key.keyArn,
    bus: bus.eventBusArn,
  };
}

/** The environment of a function: what it needs, and the queues that it has the right to ring. */
export function variablesFor({ name, runs }: Copy, parts: Parts): Readonly<Record<string, string>> {
  const { service, fleet, fleetFile, state, queues, announcements, bus } = parts;
  const rings = new Set(ringsOf(name, fleet));
  const urls = Object.entries(eachBell(queues, ({ queue }) => queue.queueUrl)).filter(([fed]) => rings.has(fed));
  const optional = {
    bucket: state.bucket.bucketName,
    attemptKey: state.attemptKey.keyArn,
    accountKey: state.accountKey.keyArn,
    topicArn: announcements.topic.topicArn,
    bus: bus.eventBusName,
  };
  return variablesOf({
    service,
    table: state.table.tableName,
    fleet: fleetFile.address,
    queues: Object.fromEntries(urls),
    ...Object.fromEntries(NEEDS[runs].map((need) => [need, optional[need]])),
  });
}
