/** Worlds of a service whose functions may ask nothing that their synthesised policies do not allow, and what of these policies they have used. */
import { iamGate, type SeenRight, unusedOf } from '../../iam/gate.ts';
import { serviceRoles } from '../../iam/service-gate.ts';
import type { WorldKind } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import type { ServiceWorld } from './service-world.ts';

/** By statement: what Lambda and Scheduler do with a role by themselves, which no code of ours can do in their place. */
const NOT_OURS: Readonly<Record<string, string>> = {
  WriteLog: 'Lambda itself writes what a function prints into its log',
  EnterNetwork: 'Lambda itself makes the network interfaces of a function in a network',
  DeadLetters: 'Scheduler itself puts away a call that Lambda has not taken',
};

const sidIn = (right: string): string => right.split(' ')[1] ?? '';

export interface UsedRights {
  /** A scenario fails when a function was denied something. */
  watched(kind: WorldKind<ServiceWorld>): WorldKind;
  /** What some role may do and none was seen to do, in any world that was closed. */
  unused(): readonly string[];
}

/** A copy in a network of its own is the same bundle, and does what the function does. */
const asFunction = (one: SeenRight): SeenRight => ({ ...one, right: one.right.replace(/@[^:]+/, '') });

/** All that any fleet can make a role do, whether or not a scenario has such a fleet. */
const possible = (): readonly SeenRight[] =>
  iamGate({ roles: serviceRoles(), principals: {}, stateKey: '', topicKey: '' }).rights();

export function usedRights(): UsedRights {
  const seen = [...possible()];
  const watched = (world: ServiceWorld): ServiceWorld => ({
    ...world,
    close: async () => {
      seen.push(...world.service.rights());
      await world.close();
      const denied = new Set(world.service.denied());
      if (denied.size > 0) throw new Error(`no policy of the function allows this:\n${[...denied].join('\n')}`);
    },
  });
  return {
    watched: (kind) => ({ ...kind, open: async (scenario: Scenario) => watched(await kind.open(scenario)) }),
    unused: () => unusedOf(seen.map(asFunction)).filter((right) => !(sidIn(right) in NOT_OURS)),
  };
}
