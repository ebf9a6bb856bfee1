/** What each function of the deployed service may do, and why: made from the fleet alone, so that nothing is allowed that it did not ask for. */
import type { FunctionName } from '../contract/environment.ts';
import type { Fleet } from '../contract/fleet.ts';
import type { Statement } from './statements.ts';

/** A function, or its copy in a Reach. */
export type RoleName = FunctionName | `inventory@${string}` | `deliver@${string}`;

/** What the service is made of, as ARNs. Opaque: they may be tokens, and are only ever put together, never taken apart. */
export interface Resources {
  readonly partition: string;
  /** Of the service itself. */
  readonly region: string;
  readonly account: string;
  /** The table of the rows; its indexes are `<table>/index/due` and `<table>/index/list`. */
  readonly table: string;
  /** The bucket of the blobs. */
  readonly bucket: string;
  /** The object fleet.json: `arn:aws:s3:::<bucket>/<key>`. */
  readonly fleetFile: string;
  /** By what they feed: a queued function, or `<function>@<reach>`. */
  readonly queues: Readonly<Record<string, string>>;
  /** Customer key that the table is encrypted with. */
  readonly tableKey: string;
  /** Customer key that the topic is encrypted with. */
  readonly topicKey: string;
  readonly attemptKey: string;
  readonly accountKey: string;
  readonly topic: string;
  readonly bus: string;
}

export interface Granted {
  readonly statement: Statement;
  /** One sentence: why the role needs it. */
  readonly because: string;
}

export interface RoleRights {
  readonly role: RoleName;
  readonly granted: readonly Granted[];
}

/** The roles of a fleet: one a function, and one more for each copy in a Reach. */
export declare function rolesOf(fleet: Fleet, resources: Resources): readonly RoleRights[];

/** What the role of a function is called in its account: known before it exists, because other accounts trust it by name. */
export const roleNameOf = (fleet: string, role: RoleName): string => `nolapse-${fleet}-${role}`;
