/** One message that says that it is a test, on one channel: whether what Nolapse says would arrive. Changes no row. */
import type { Channel, Clock } from '../contract/ports.ts';
import { InputError, type Problem, problemOf } from '../contract/problem.ts';
import { testNotice } from '../stages/notify/notices.ts';

export interface TestPorts {
  /** Its name. */
  readonly fleet: string;
  readonly channels: readonly Channel[];
  readonly clock: Pick<Clock, 'now'>;
}

export type Tested =
  | { readonly channel: string; readonly was: 'taken'; readonly messageId: string; readonly subject: string }
  | { readonly channel: string; readonly was: 'refused'; readonly problem: Problem };

/** What became of it. Throws InputError where there is no channel of that name. */
export async function testMessage(name: string, { fleet, channels, clock }: TestPorts): Promise<Tested> {
  const channel = channels.find((one) => one.name === name);
  if (!channel) {
    const names = channels.map((one) => one.name).join(', ');
    throw new InputError([
      {
        where: 'test',
        message: `there is no channel ${JSON.stringify(name)}; there ${names ? `are: ${names}` : 'are none'}`,
        fix: 'name one of them, or add it to spec.notifications of the fleet file',
      },
    ]);
  }
  const message = testNotice(name, { fleet, now: clock.now() });
  try {
    await channel.send(message);
    return { channel: name, was: 'taken', messageId: message.id, subject: message.subject };
  } catch (error) {
    return { channel: name, was: 'refused', problem: problemOf(error) };
  }
}
