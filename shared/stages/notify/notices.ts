/** Messages that are about no finding: the first renewal of an installation, a channel that fails, and a test. Pure. */
import type { Message, MessagePart } from '../../contract/ports.ts';
import type { ChannelState, Destination, Installation, Issuance } from '../../contract/rows.ts';
import { type About, messageId } from './compose.ts';
import { line, SUBJECT_LENGTH, textOf } from './parts.ts';
import { instant, plain } from './plain-text.ts';

/** Whether we obtained the certificate and every place has it. */
export function isDelivered({ current }: Issuance, places: readonly Destination[]): boolean {
  if (current?.origin !== 'issued' || places.length === 0) return false;
  return places.every(({ deliveredAt }) => deliveredAt !== undefined && deliveredAt >= current.issuedAt);
}

/** Told once in the life of an installation: that it works, shown on the first certificate that is in all its places. */
export function firstRenewal(
  installation: Installation,
  { request, current }: Issuance,
  places: readonly Destination[],
): Message {
  const { fleet, id } = installation;
  const names = [...request.dnsNames, ...request.ipAddresses, ...request.uris, ...request.emailAddresses];
  const { facts } = current ?? {};
  const lines = [
    line(`Nolapse renewed its first certificate of fleet ${fleet}: ${names.join(', ')}`),
    ...(facts ? [line(`serial ${facts.serial}, valid until ${instant(facts.notAfter)}`)] : []),
    ...places.map(({ place }) => line(`delivered to ${place}`)),
  ];
  const parts = [{ lines }, { lines: ['Renewals that go well are not told again; what needs you will be.'] }];
  return {
    id: messageId(fleet, ['first-renewal', id]),
    subject: plain(`[${fleet}] first renewal by Nolapse: ${names[0] ?? request.commonName ?? ''}`, SUBJECT_LENGTH),
    ...{ text: textOf(parts), parts },
    attributes: { fleet, severity: 'info', code: 'first-renewal', state: 'resolved' },
    data: {
      ...{ version: 1, fleet, state: 'resolved', severity: 'info', total: 0, findings: [] },
      firstRenewal: { names, serial: facts?.serial, notAfter: facts?.notAfter, places: places.map((d) => d.place) },
    },
  };
}

/** What the channel `on` must still be told about another one: that it fails, or that it works again. */
export function channelNotice(state: ChannelState, on: string, { fleet, now }: About): Message | undefined {
  const { channel, failures, problem, since = now.toISOString(), toldOn } = state;
  const isFailing = failures > 0;
  if (on === channel || isFailing === toldOn.includes(on)) return undefined;
  const words = isFailing ? 'fails' : 'works again';
  const parts: readonly MessagePart[] = isFailing
    ? [
        {
          lines: [
            line(
              `The channel ${channel} takes no messages since ${instant(since)}: ${problem?.detail ?? 'unknown problem'}`,
            ),
          ],
          ...(problem?.fix ? { fix: line(problem.fix) } : {}),
        },
        { lines: ['Renewals go on. What it missed is sent to it when it works again.'] },
      ]
    : [{ lines: [line(`The channel ${channel} takes messages again; it failed since ${instant(since)}.`)] }];
  const facts = { fleet, severity: 'high', state: isFailing ? 'open' : 'resolved' };
  return {
    id: messageId(fleet, ['channel', channel, facts.state, since]),
    subject: plain(`[${fleet}] channel ${channel} ${words}`, SUBJECT_LENGTH),
    ...{ text: textOf(parts), parts },
    thread: messageId(fleet, ['thread', 'channel', channel, since]),
    attributes: { ...facts, code: 'channel-failing' },
    data: { version: 1, ...facts, total: 0, findings: [], channel, ...(isFailing ? { problem } : {}) },
  };
}

/** What somebody asked for to see whether a channel works: nothing has happened. */
export function testNotice(channel: string, { fleet, now }: About): Message {
  const at = now.toISOString();
  const parts = [
    {
      lines: [
        line(`This is a test of the channel ${channel} of fleet ${fleet}, sent on request at ${instant(at)}.`),
        'Nothing has happened and nothing is to be done. What Nolapse has to say will arrive here like this.',
      ],
    },
  ];
  const facts = { fleet, severity: 'info', state: 'resolved' };
  return {
    id: messageId(fleet, ['test', channel, at]),
    subject: plain(`[${fleet}] test of the channel ${channel}`, SUBJECT_LENGTH),
    ...{ text: textOf(parts), parts },
    attributes: { ...facts, code: 'test' },
    data: { version: 1, ...facts, total: 0, findings: [], test: true },
  };
}
