/** Leaving, first part, as the function `issue` is asked for it: orders end in the time of one invocation, and what is next is said. */
import { deliverLane, partyOf } from '../../contract/ids.ts';
import type { Invocation } from '../../contract/invocation.ts';
import type { Clock } from '../../contract/ports.ts';
import { queueOf } from '../../contract/queues.ts';
import { keys } from '../../contract/records.ts';
import type { IssueLanePorts } from '../../lanes/issue.ts';
import type { LanePorts } from '../../lanes/lane-ports.ts';
import { endOrders, openOrders, orderLeft, valuesLeft } from '../../lanes/leave-orders.ts';
import { placesInRows } from '../../lanes/members.ts';
import { isLaneQuiet, untilQuiet } from '../../lanes/quiet.ts';
import { timeFor } from './asked-time.ts';

/** By function and payload, for whoever does it by hand. */
async function nextOf({ records, fleet }: LanePorts, isClosed: boolean): Promise<readonly string[]> {
  if (!isClosed) return ['issue {"leave":true}'];
  const parties = [...new Set([...(await placesInRows(records))].map(partyOf))].toSorted();
  const functionOf = queueOf(fleet.clusters);
  return parties.map((party) => `${functionOf(deliverLane(`${party}/`))} ${JSON.stringify({ giveBack: party })}`);
}

/** What is delivered is delivered by the function that may; it is rung, and waited for. */
const delivered =
  (ports: LanePorts) =>
  (party: string, clock: Clock): Promise<void> => {
    const lane = deliverLane(`${party}/`);
    const within = { ...ports, clock };
    return untilQuiet({ ...within, isOver: () => isLaneQuiet(lane, within), ring: () => ports.bell.ring(lane) });
  };

/** What became of the orders, and what is still to do. */
export async function leaveOrders(asked: Extract<Invocation, { is: 'leave' }>, ports: Omit<IssueLanePorts, 'only'>) {
  const { records, fleet } = ports;
  const within = { ...ports, clock: timeFor(asked, ports.clock) };
  const ended = asked.dryRun
    ? { orders: (await openOrders(records)).map((one) => orderLeft(one, 'open')), unsettled: [] }
    : await endOrders('aws lambda invoke', { ...within, deliver: delivered(ports) });
  const leaving = (await records.get(keys.installation()))?.body.leaving;
  const values = (await valuesLeft(records)).map(({ zoneId, fqdn, value }) => ({ zoneId, fqdn, value }));
  const back = `nolapse run --rejoin --service ${fleet.name}`;
  return {
    ...{ fleet: fleet.name, leaving: leaving ?? 'nobody has said so yet', ...ended, values },
    ...{ next: await nextOf(ports, leaving?.closedAt !== undefined), ...(leaving ? { toTakeItUpAgain: back } : {}) },
  };
}
