/** The bell on SQS: a message is a lane's name in the queue of the function that works in it. A ring that is lost is told, and costs a minute. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Environment } from '../../contract/environment.ts';
import type { Lane } from '../../contract/ids.ts';
import type { Bell } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import type { QueueName } from '../../contract/queues.ts';
import { awsProblem } from './aws-problem.ts';
import { QUICK_TIME_OUTS } from './time-outs.ts';

export interface SqsBellOptions {
  /** URLs by name. */
  readonly queues: Environment['queues'];
  readonly queueOf: (lane: Lane) => QueueName;
  /** Hears of every ring that reached no queue; must not throw. */
  readonly onLost: (lane: Lane, problem: Problem) => void;
}

/** A lane waits for its ring, and the next minute rings again. */
const TRIES = 2;

/**
 * `ring` never rejects: what a lane has written is due whether somebody rings or not, so a ring is no reason for its work to fail. The Problem
 * of one that was lost is `aws:<ErrorCode>`, `nolapse:unreachable`, or `nolapse:no-queue` where the environment names none.
 */
export function sqsBell({ queues, queueOf, onLost }: SqsBellOptions): Bell & { close(): void } {
  const client = new SQSClient({ requestHandler: QUICK_TIME_OUTS, maxAttempts: TRIES });
  return {
    async ring(lane) {
      const name = queueOf(lane);
      const url = queues[name];
      if (url === undefined) return onLost(lane, noQueue(lane, name));
      try {
        await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: lane }));
      } catch (error) {
        onLost(lane, awsProblem(error, `ringing ${lane} at ${url}`));
      }
    },
    close: () => client.destroy(),
  };
}

const noQueue = (lane: Lane, name: QueueName): Problem => ({
  type: 'nolapse:no-queue',
  detail: `${lane} is rung in the queue ${name}, and this function may ring none of that name`,
  retry: 'never',
  fix: 'deploy again, with the fleet file that names the reach of the cluster',
});
