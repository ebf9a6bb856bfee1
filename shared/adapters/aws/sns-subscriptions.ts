/** Who listens to a topic: without a confirmed subscription nobody hears what Nolapse says. Counts, and changes nothing. */
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { ProblemError } from '../../contract/problem.ts';
import { awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface SnsSubscriptions {
  /** Subscriptions that messages are delivered to. Throws ProblemError `aws:<ErrorCode>` or `nolapse:unreachable`. */
  confirmed(): Promise<number>;
  close(): void;
}

/** In the place of an ARN: `PendingConfirmation`, `Deleted`. */
const isConfirmed = ({ SubscriptionArn = '' }: { readonly SubscriptionArn?: string | undefined }): boolean =>
  SubscriptionArn.startsWith('arn:');

async function confirmedOf(client: SNSClient, topicArn: string): Promise<number> {
  let confirmed = 0;
  let next: string | undefined;
  do {
    const page = { TopicArn: topicArn, ...(next ? { NextToken: next } : {}) };
    const { Subscriptions = [], NextToken } = await client.send(new ListSubscriptionsByTopicCommand(page));
    confirmed += Subscriptions.filter(isConfirmed).length;
    next = NextToken;
  } while (next);
  return confirmed;
}

/** Of one topic, in the region that its ARN names. */
export function snsSubscriptions({ topicArn }: { readonly topicArn: string }): SnsSubscriptions {
  const [, , , region] = topicArn.split(':');
  const client = new SNSClient({ requestHandler: TIME_OUTS, ...(region ? { region } : {}) });
  return {
    confirmed: async () => {
      try {
        return await confirmedOf(client, topicArn);
      } catch (error) {
        throw new ProblemError(awsProblem(error, `listing the subscriptions of ${topicArn}`));
      }
    },
    close: () => client.destroy(),
  };
}
