/** The function `notify`: findings that are due, to the topic and to Slack; the digest; a test message. */
import { secretsManagerReader } from '../../adapters/aws/secrets-manager-read-secret.ts';
import { snsChannel } from '../../adapters/aws/sns-channel.ts';
import { snsSubscriptions } from '../../adapters/aws/sns-subscriptions.ts';
import type { Environment } from '../../contract/environment.ts';
import type { Lane } from '../../contract/ids.ts';
import { METRICS } from '../../contract/metrics.ts';
import { digest } from '../../lanes/digest.ts';
import { asOnlyWorker } from '../../lanes/lease.ts';
import { notifyLane } from '../../lanes/notify.ts';
import { testMessage } from '../../lanes/test-message.ts';
import { slackOf } from '../channels.ts';
import { reportAt } from './report-at.ts';
import { openService, type Watching } from './service.ts';

export async function openNotify(environment: Environment, watching: Watching) {
  const service = await openService({ name: 'notify', environment, watching });
  const { fleet, clock } = service;
  const { topicArn = '' } = environment;
  const { readSecretText } = secretsManagerReader({ fleet: fleet.name });
  const slack = slackOf(fleet.notifications, { clock, env: {}, readSecretText });
  const channels = [snsChannel({ topicArn }), slack].filter((channel) => channel !== undefined);
  const report = reportAt(environment.bucket ?? '', process.env.AWS_REGION ?? '');
  const ports = { ...service, channels, report };
  const subscriptions = snsSubscriptions({ topicArn });
  /** A topic without listeners is no failure of the lane: an alarm watches the number, and its absence. */
  const count = async (): Promise<void> =>
    watching.count(METRICS.confirmedSubscriptions, (await subscriptions.look()).confirmed);
  return {
    ...{ during: service.during, pause: service.pause },
    run: async (lane: Lane) => {
      const worked = await asOnlyWorker(lane, service, () => notifyLane({ ...ports, fleet: fleet.name }));
      await count();
      return { lane, ...worked };
    },
    digest: async (when: 'due' | 'now') => {
      const { message, ...said } = await digest(ports, when === 'due' ? 'by-schedule' : 'by-hand');
      await count();
      return { ...said, ...(message ? { message } : {}) };
    },
    test: (channel: string) => testMessage(channel, { ...ports, fleet: fleet.name }),
  };
}
