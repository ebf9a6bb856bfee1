/** What each function of the deployed service may do, and why: made from the fleet alone, so that nothing is allowed that it did not ask for. */
import type { Queued } from '../contract/environment.ts';
import type { Fleet } from '../contract/fleet.ts';
import { reportRights, snapshotRights } from './blob-rights.ts';
import { type Granted, granted, grantedOn } from './granted.ts';
import {
  clusterRights,
  issuerRights,
  lookRights,
  type Of,
  sayRights,
  sealRights,
  storeRights,
  unsealRights,
  zoneRights,
} from './lane-rights.ts';
import type { Resources } from './resources.ts';
import { type RoleName, roleNames, rolePartsOf } from './role-names.ts';
import { rowRights } from './rows.ts';

export interface RoleRights {
  readonly role: RoleName;
  readonly granted: readonly Granted[];
}

/** The roles of a fleet with their rights: one a function, and one more for each copy in a Reach. */
export const rolesOf = (fleet: Fleet, resources: Resources): readonly RoleRights[] =>
  roleNames(fleet).map((role) => ({ role, granted: rightsOf({ fleet, resources, role }) }));

/** The queues that a role rings, by what they feed. */
export function ringsOf(role: RoleName, fleet: Fleet): readonly string[] {
  const feeding = (names: readonly Queued[]): readonly string[] =>
    roleNames(fleet).filter((one) => names.some((name) => name === rolePartsOf(one).name));
  switch (rolePartsOf(role).name) {
    case 'wake':
      return feeding(['inventory', 'issue', 'deliver', 'notify']);
    case 'inventory':
    case 'issue':
      return feeding(['issue', 'deliver']);
    default:
      return [];
  }
}

const rightsOf = (of: Of): readonly Granted[] => [
  ...queueRights(of),
  ...rowRights(rolePartsOf(of.role).name, of.resources),
  ...laneRights(of),
];

function laneRights(of: Of): readonly Granted[] {
  switch (rolePartsOf(of.role).name) {
    case 'wake':
      return [];
    case 'inventory':
      return [...snapshotRights(of), ...reportRights(of), ...clusterRights(of), ...lookRights(of), tellRight(of)];
    case 'issue':
      return [...sealRights(of), ...zoneRights(of), ...issuerRights(of), ...clusterRights(of), tellRight(of)];
    case 'deliver':
      return [...unsealRights(of), ...clusterRights(of), ...storeRights(of), tellRight(of)];
    case 'notify':
      return sayRights(of);
  }
}

function queueRights({ fleet, resources: { queues }, role }: Of): readonly Granted[] {
  const queue = (name: string): string => {
    const arn = queues[name];
    if (arn === undefined) throw new TypeError(`there is no queue ${name}, only ${Object.keys(queues).join(', ')}`);
    return arn;
  };
  return [
    ...grantedOn(
      role === 'wake' ? [] : [queue(role)],
      { sid: 'TakeRings', actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] },
      {
        because: 'Lambda takes the rings of its queue with this role',
        thief: 'holds up the lanes of this function, but for a minute: wake rings again what is due',
      },
    ),
    ...grantedOn(
      ringsOf(role, fleet).map(queue),
      { sid: 'Ring', actions: ['sqs:SendMessage'] },
      {
        because: 'lanes in which something has become due are rung',
        thief: 'lets lanes look whether something is due, which they do by themselves',
      },
    ),
  ];
}

const tellRight = ({ resources: { bus } }: Of): Granted =>
  granted(
    { sid: 'TellEvents', actions: ['events:PutEvents'], resources: [bus] },
    {
      because: 'what happens is told on the bus that customers listen to',
      thief: 'tells listeners what did not happen',
    },
  );
