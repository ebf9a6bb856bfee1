/** The bells: one queue for every function that is rung, each with one for what could not be done. A message is a lane's name. */
import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { RoleName } from '../shared/rights/role-names.ts';
import type { Copy } from './copies.ts';
import { SETTINGS } from './settings.ts';

const RECEIVES = 3;
/** A ring that nobody heard is rung again within the minute, so an old one is noise. Three receives of the longest function fit in. */
const RING_IS_KEPT = Duration.hours(4);
const DEAD_LETTER_IS_KEPT = Duration.days(14);

export interface Bell {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

export const deadLetterQueue = (scope: Construct, id: string): Queue =>
  new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: DEAD_LETTER_IS_KEPT,
  });

export class Queues extends Construct {
  /** By the function that each feeds; `wake` has none. */
  readonly bells: ReadonlyMap<RoleName, Bell>;

  constructor(scope: Construct, id: string, { copies }: { readonly copies: readonly Copy[] }) {
    super(scope, id);
    this.bells = new Map(
      copies.filter(({ runs }) => runs !== 'wake').map((copy) => [copy.name, this.#bell(copy)] as const),
    );
  }

  /** A ring is hidden for as long as the function may run, and a minute. */
  #bell({ name, runs }: Copy): Bell {
    const deadLetters = deadLetterQueue(this, `${name} dead letters`);
    const queue = new Queue(this, name, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: SETTINGS[runs].timeout.plus(Duration.minutes(1)),
      retentionPeriod: RING_IS_KEPT,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: RECEIVES },
    });
    return { queue, deadLetters };
  }
}
