/** Who listens to a topic: without a confirmed subscription nobody hears what Nolapse says. Looks, and changes nothing. */
import { ListSubscriptionsByTopicCommand, SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { ProblemError } from '../../contract/problem.ts';
import { awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface Listeners {
  /** Subscriptions that messages are delivered to. */
  readonly confirmed: number;
  /** Where those lead that nobody has confirmed, e.g. `email ops@example.com`. */
  readonly pending: readonly string[];
}

export interface SnsSubscriptions {
  /** Throws ProblemError `aws:<ErrorCode>` or `nolapse:unreachable`. */
  look(): Promise<Listeners>;
  close(): void;
}

/** In the place of an ARN: `PendingConfirmation`, `Deleted`. */
const isConfirmed = ({ SubscriptionArn = '' }: Subscription): boolean => SubscriptionArn.startsWith('arn:');
const isPending = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn === 'PendingConfirmation';

async function listenersOf(client: SNSClient, topicArn: string): Promise<Listeners> {
  const all: Subscription[] = [];
  let next: string | undefined;
  do {
    const page = { TopicArn: topicArn, ...(next ? { NextToken: next } : {}) };
    const { Subscriptions = [], NextToken } = await client.send(new ListSubscriptionsByTopicCommand(page));
    all.push(...Subscriptions);
    next = NextToken;
  } while (next);
  const pending = all.filter(isPending).map(({ Protocol = '', Endpoint = '' }) => `${Protocol} ${Endpoint}`);
  return { confirmed: all.filter(isConfirmed).length, pending };
}

/** Of one topic, in the region that its ARN names. */
export function snsSubscriptions({ topicArn }: { readonly topicArn: string }): SnsSubscriptions {
  const [, , , region] = topicArn.split(':');
  const client = new SNSClient({ requestHandler: TIME_OUTS, ...(region ? { region } : {}) });
  return {
    look: async () => {
      try {
        return await listenersOf(client, topicArn);
      } catch (error) {
        throw new ProblemError(awsProblem(error, `listing the subscriptions of ${topicArn}`));
      }
    },
    close: () => client.destroy(),
  };
}
