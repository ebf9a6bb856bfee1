/** Worlds in which the command may ask nothing of AWS that the deployed service could not: its roles, made from the fleet files of the scenario. */
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { policyOf } from '../../../shared/rights/account-role.ts';
import { rolesOf } from '../../../shared/rights/roles.ts';
import { policyJson } from '../../../shared/rights/statements.ts';
import { type Gate, iamGate } from '../../iam/gate.ts';
import { otherRoles } from '../../iam/other-roles.ts';
import { resourcesFor } from '../../shared/rights/service.ts';
import { REGION } from './aws-parts.ts';
import { loadedFleet } from './load-fleet.ts';
import type { Recorded } from './recorder.ts';
import type { WorldKind } from './run-scenarios.ts';
import type { World } from './world.ts';

/** The account of the sandbox. */
const ACCOUNT = '000000000000';
/** What the command signs as, in every world. */
const COMMAND = 'nolapse';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/${COMMAND}`;

const TRUSTED = { account: ACCOUNT, principals: [ROLE] };

/** The command is all functions in one process, so all roles are one. */
function gateFor(fleets: readonly Fleet[]): Gate {
  const { stateKey, topicKey } = resourcesFor({ reach: [] });
  const policies = fleets.flatMap((fleet) => {
    const topic = fleet.notifications.sns?.topicArn;
    const resources = { ...resourcesFor(fleet), region: REGION, account: ACCOUNT, ...(topic ? { topic } : {}) };
    return rolesOf(fleet, resources).map(({ granted }) => policyJson(policyOf(granted)));
  });
  const roles = [{ arn: ROLE, policies }, ...otherRoles(fleets, TRUSTED)];
  return iamGate({ roles, principals: { [COMMAND]: ROLE }, stateKey, topicKey });
}

function deniedIn(seen: readonly Recorded[], fleets: readonly Fleet[]): readonly string[] {
  const gate = gateFor(fleets);
  for (const one of seen) {
    const { requestHeaders: headers, requestBody: body, status, responseBody } = one;
    const request = { ...one, headers, body };
    if (one.server !== 'aws' || !gate.knows(request)) continue;
    const isLetThrough = gate.judge(request).is === 'allowed';
    if (isLetThrough && status) gate.answered(request, { status, body: responseBody.toString() });
  }
  return gate.denied;
}

/** The fleet file of a command as it is when the command starts; one that is refused asks nothing of anybody. */
const fleetOf = (args: readonly string[], { folder }: World): Fleet | undefined =>
  loadedFleet(args[args.indexOf('--fleet') + 1] ?? '', folder);

function watched(world: World): World {
  const fleets: (Fleet | undefined)[] = [];
  const start: World['spawnNolapse'] = (args, options) => {
    fleets.push(fleetOf(args, world));
    return world.spawnNolapse(args, options);
  };
  return {
    ...world,
    nolapse: (args, options) => start(args, options).done,
    spawnNolapse: start,
    close: async () => {
      const used = fleets.filter((fleet) => fleet !== undefined);
      const denied = deniedIn(world.recorder.seen(), used);
      await world.close();
      if (denied.length > 0)
        throw new Error(`the deployed service may not do this:\n${[...new Set(denied)].join('\n')}`);
    },
  };
}

/** A scenario fails when it asks for what no role allows. */
export const onlyWithRights = (kind: WorldKind): WorldKind => ({
  ...kind,
  open: async (scenario) => watched(await kind.open(scenario)),
});
