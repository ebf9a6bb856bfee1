/** Slack of a world: the sandbox's webhook, in this process, in every world. */
import { startSlack } from '../../../sandbox/slack/server.ts';
import { clearFaults, setFault } from './back-door.ts';
import type { SlackPost, WorldSlack } from './world.ts';

export async function worldSlack(): Promise<WorldSlack & { close(): Promise<void> }> {
  const slack = await startSlack();
  const { webhook } = slack.ready;
  const part = { url: new URL(webhook).origin };
  const told = async <T>(path: string): Promise<T> => (await (await fetch(`${part.url}/_sandbox/${path}`)).json()) as T;
  return {
    webhook,
    messages: () => told<readonly SlackPost[]>('messages'),
    asked: async () => (await told<readonly unknown[]>('requests')).length,
    fault: (fault) => setFault(part, fault),
    calm: () => clearFaults(part),
    close: slack.close,
  };
}
