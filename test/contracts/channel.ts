/** The contract of port 11: what every channel does with a message. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../shared/contract/ports.ts';
import { ProblemError } from '../../shared/contract/problem.ts';

export interface Received {
  readonly subject: string;
  readonly text: string;
}

export interface ChannelWorld {
  readonly channel: Channel;
  /** What arrived since the last call, at least one; waits for it. */
  received(): Promise<readonly Received[]>;
  /** From now on (not) every message is turned away. */
  turnAway(isTurnedAway: boolean): Promise<void>;
  close(): Promise<void>;
}

export const makeMessage = (message: Partial<Message> = {}): Message => ({
  id: 'renewal-failing-1',
  subject: 'Nolapse: 1 certificate cannot be renewed',
  text: 'shop.example.com cannot be renewed\n\n  fix: look at the zone\n',
  parts: [{ lines: ['shop.example.com cannot be renewed'], fix: 'look at the zone' }],
  attributes: { severity: 'high', findings: 1 },
  data: { findings: [{ code: 'renewal-failing', names: ['shop.example.com'] }] },
  ...message,
});

/** Runs the suite; `open` starts the receiver once. */
export function channelContract(name: string, open: () => Promise<ChannelWorld>): void {
  describe(`the channel ${name}`, () => {
    let world: ChannelWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world?.close());

    test('says a message once, with its subject and its text', async () => {
      const { subject, text } = makeMessage();
      await world.channel.send(makeMessage());
      const received = await world.received();
      expect(received).toHaveLength(1);
      expect(received[0]?.subject).toContain(subject);
      expect(received[0]?.text).toContain(text.trim());
    });

    test('takes what no subject and no text may hold', async () => {
      await world.channel.send(
        makeMessage({ subject: `ü\r\nBcc: <!channel> ${'x'.repeat(200)}`, text: '\u001b[31m😀 \ud800' }),
      );
      const [received] = await world.received();
      expect(received?.subject).not.toMatch(/[\r\n]/);
      expect(received?.text).toContain('😀');
    });

    test('a message that is not taken is an error', async () => {
      await world.turnAway(true);
      const error = await world.channel.send(makeMessage()).catch((thrown: unknown) => thrown);
      await world.turnAway(false);
      expect(error).toBeInstanceOf(ProblemError);
      await world.channel.send(makeMessage({ text: 'after' }));
      expect((await world.received()).map(({ text }) => text.trim())).toEqual(['after']);
    });
  });
}
