/** Where people are told: whether anybody listens to the topic, and the webhook's URL is one. Sends nothing. */
import type { Listeners } from '../../shared/adapters/aws/sns-subscriptions.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import type { Instruments } from '../../shared/wiring/instruments.ts';
import { counted } from '../output/words.ts';
import { asVisitor } from './check-service.ts';
import { brokenBy, type Check, ok, type Verdict, YOU } from './diagnose.ts';

const addressIn = (pending: string): string => pending.slice(pending.indexOf(' ') + 1);

function listenersVerdict(topicArn: string, { confirmed, pending }: Listeners): Verdict {
  const [first] = pending;
  const waits = pending.map((one) => `${one} has not confirmed its subscription`);
  if (confirmed > 0 && first === undefined) return ok(`${counted(confirmed, 'subscription')} confirmed`);
  if (first !== undefined)
    return {
      state: confirmed > 0 ? 'warning' : 'broken',
      evidence: confirmed > 0 ? [`${counted(confirmed, 'subscription')} confirmed`, ...waits] : waits,
      fix: 'open the mail "AWS Notification - Subscription Confirmation" and follow its link; a second subscription sends it again',
      who: `whoever reads ${pending.map(addressIn).join(', ')}`,
    };
  return {
    state: 'broken',
    evidence: ['nobody has subscribed: what Nolapse says is heard by nobody'],
    command: `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint <address>`,
    who: YOU,
  };
}

async function topicVerdict(topicArn: string, { topic }: Instruments): Promise<Verdict> {
  try {
    return listenersVerdict(topicArn, await topic(topicArn).look());
  } catch (error) {
    if (!(error instanceof ProblemError) || !/^aws:NotFound/.test(error.problem.type)) throw error;
    const fix = 'correct spec.notifications.sns.topicArn of the fleet file, or make the topic';
    return brokenBy({ ...error.problem, fix });
  }
}

/** Of a service the channels are its own, and not everybody who looks may look at them. */
export function channelChecks(tools: Instruments): readonly Check[] {
  const checks = ofChannels(tools);
  return tools.service ? checks.map((one) => ({ ...one, look: asVisitor(one.look) })) : checks;
}

function ofChannels(tools: Instruments): readonly Check[] {
  const { fleet, webhook } = tools;
  const { sns } = fleet.notifications;
  return [
    ...(sns
      ? [
          {
            ...{ check: 'subscription', subject: sns.topicArn },
            look: () => topicVerdict(sns.topicArn, tools),
          },
        ]
      : []),
    ...(webhook
      ? [
          {
            ...{ check: 'webhook', subject: 'slack' },
            look: async () => {
              await webhook.look();
              return ok(`${webhook.keptIn} holds a URL; that Slack takes messages there is shown by: nolapse digest`);
            },
          },
        ]
      : []),
    ...(sns || webhook
      ? []
      : [
          {
            ...{ check: 'channels', subject: 'none' },
            look: async (): Promise<Verdict> => ({
              state: 'warning',
              evidence: ['the fleet file names no channel: findings are printed, and nobody else hears of them'],
              fix: 'add spec.notifications to the Fleet',
              who: YOU,
            }),
          },
        ]),
  ];
}
