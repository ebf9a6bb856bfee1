/** The service as one construct: everything that keeps a fleet's certificates from lapsing, for an app of one's own or for ours. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Fleet } from '../shared/contract/fleet.ts';
import { Alarms } from './alarms.ts';
import { Announcements } from './announcements.ts';
import { copiesOf } from './copies.ts';
import { deployable, fleetFileOf } from './fleet-file.ts';
import { FunctionRoles } from './function-roles.ts';
import { Functions } from './functions.ts';
import type { Parts } from './parts.ts';
import { eachBell } from './parts.ts';
import { Queues } from './queues.ts';
import { Schedules } from './schedules.ts';
import { State } from './state.ts';
import { Whereabouts } from './whereabouts.ts';

export interface CertificateRenewalProps {
  /** Path of the fleet file or of its folder, or the fleet that was resolved from it. */
  readonly fleet: string | Fleet;
  /**
   * Begins the names of alarms, is the dimension of metrics, and names the parameter `/nolapse/<service>`, where everything is found again.
   * @default the fleet's name
   */
  readonly service?: string;
  /**
   * Of a stack that outlives this one: other accounts and clusters trust these roles.
   * @default made here
   */
  readonly roles?: FunctionRoles;
  /**
   * Folder with `<function>/index.mjs`.
   * @default those of the package
   */
  readonly bundles?: string;
}

/** The package knows itself by name, as source and as it is published. */
const packagedBundles = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('nolapse/package.json')), 'dist', 'functions');

export class CertificateRenewal extends Construct {
  /** Messages and alarms; the service is mute until somebody subscribes. */
  readonly topic: Topic;
  /** What happens to certificates, for rules of one's own. */
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, props: CertificateRenewalProps) {
    super(scope, id);
    const { fleet, notices } = deployable(props.fleet);
    for (const notice of notices) Annotations.of(this).addInfo(notice);
    const { service = fleet.name, bundles = packagedBundles() } = props;
    const parts: Parts = {
      ...{ service, fleet },
      fleetFile: fleetFileOf(this, fleet),
      state: new State(this, 'State', { service }),
      queues: new Queues(this, 'Queues', { copies: copiesOf(fleet) }),
      announcements: new Announcements(this, 'Announcements', { service }),
      bus: new EventBus(this, 'Bus', { description: `Nolapse ${service}: what happens to certificates` }),
    };
    this.topic = parts.announcements.topic;
    this.bus = parts.bus;
    const roles = props.roles ?? new FunctionRoles(this, 'Roles', { fleet });
    const functions = new Functions(this, 'Functions', { parts, roles, bundles });
    const { digest } = fleet.notifications;
    const schedules = new Schedules(this, 'Schedules', {
      ...{ wake: functions.of('wake'), notify: functions.of('notify') },
      ...(digest ? { digest } : {}),
    });
    new Alarms(this, 'Alarms', {
      ...{ service, topic: this.topic, functions: functions.lambdas },
      deadLetters: { ...eachBell(parts.queues, (bell) => bell.deadLetters), schedules: schedules.deadLetters },
    });
    new Whereabouts(this, 'Whereabouts', { parts, lambdas: functions.lambdas });
  }
}
