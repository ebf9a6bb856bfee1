/** The notify lane: everything once on every channel, whatever fails in between. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../../shared/contract/ports.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { rows } from '../../../shared/contract/records.ts';
import { wakeFirstRenewal } from '../../../shared/lanes/installation.ts';
import { about, channel, DOWN, openOffice, START, snooze, stored, type TestChannel, verdict } from './said.ts';

const subjects = ({ taken }: TestChannel): readonly string[] => taken.map(({ subject }) => subject);
const stages = ({ taken }: TestChannel): readonly unknown[] =>
  taken.map(({ attributes: { state, severity } }) => (state === 'open' ? severity : state));

describe('notifyLane', () => {
  test('says a finding once on every channel, with the same id', async () => {
    const [terminal, sns] = [channel('terminal'), channel('sns')];
    const { says, run, later } = openOffice([terminal, sns]);
    await says([verdict()]);
    expect(await run()).toEqual({ sent: 2, failures: [] });
    later(60);
    await says([verdict({ message: 'the order failed 4 times' })]);
    expect(await run()).toEqual({ sent: 0, failures: [] });
    expect(subjects(terminal)).toEqual(['[acme] high: renewal-failing, Certificate prod-eu/shop/shop-tls']);
    expect(sns.taken).toEqual(terminal.taken);
  });

  test('says forty findings of one cause in one message', async () => {
    const terminal = channel('terminal');
    const { says, run } = openOffice([terminal]);
    const forty = Array.from({ length: 40 }, (_, i) => about(`tls-${i}`, { rootCause: 'source-down: prod-eu' }));
    await says([...forty, verdict({ code: 'expired', severity: 'critical' })]);
    await run();
    expect(subjects(terminal)).toEqual([
      '[acme] critical: expired, Certificate prod-eu/shop/shop-tls',
      '[acme] high: renewal-failing, 40 Certificates in prod-eu',
    ]);
  });

  test('says what got worse and what is about another serial, not what got better', async () => {
    const terminal = channel('terminal');
    const { says, run } = openOffice([terminal]);
    const passes = [
      {},
      { severity: 'critical' },
      { severity: 'high' },
      { severity: 'warning' },
      { serial: '0a02' },
    ] as const;
    for (const pass of passes) {
      await says([verdict(pass)]);
      await run();
    }
    expect(stages(terminal)).toEqual(['high', 'critical', 'high']);
  });

  test('says the end of what it told, and a new beginning with a new id', async () => {
    const terminal = channel('terminal');
    const { says, run } = openOffice([terminal]);
    const since = START.toISOString();
    for (const pass of [[verdict({ since })], [], [verdict({ since })], [], []]) {
      await says(pass);
      await run();
    }
    expect(stages(terminal)).toEqual(['high', 'resolved', 'high', 'resolved']);
    expect(new Set(terminal.taken.map(({ id }) => id)).size).toBe(4);
  });

  test('says nothing of an end that came and went between two runs', async () => {
    const terminal = channel('terminal');
    const { says, run, due } = openOffice([terminal]);
    await says([verdict()]);
    await run();
    await says([]);
    await says([verdict()]);
    expect(await run()).toEqual({ sent: 0, failures: [] });
    expect(await due()).toEqual([]);
  });

  test('keeps a snoozed finding to itself until the snooze ends', async () => {
    const terminal = channel('terminal');
    const { records, says, run, later, due } = openOffice([terminal]);
    await says([verdict()]);
    await snooze(verdict(), records, new Date(START.getTime() + 3_600_000).toISOString());
    expect((await run()).sent).toBe(0);
    later(59);
    expect(await due()).toEqual([]);
    later(1);
    expect((await run()).sent).toBe(1);
  });

  test('leaves what is due alone where there is no channel', async () => {
    const { says, run, due } = openOffice([]);
    await says([verdict()]);
    expect(await run()).toEqual({ sent: 0, failures: [] });
    expect(await due()).toHaveLength(1);
  });
});

describe('a channel that fails', () => {
  test('is told of on the other once, gets what it missed, and its end is told', async () => {
    const [terminal, sns] = [channel('terminal'), channel('sns')];
    const { says, run, later, due } = openOffice([terminal, sns]);
    sns.problem = DOWN;
    await says([verdict()]);
    expect(await run()).toEqual({ sent: 2, failures: [{ channel: 'sns', problem: DOWN }] });
    expect(await due()).toEqual([]);
    later(1);
    expect(await run()).toEqual({ sent: 0, failures: [{ channel: 'sns', problem: DOWN }] });
    sns.problem = undefined;
    later(10);
    expect(await run()).toEqual({ sent: 2, failures: [] });
    expect(subjects(terminal)).toEqual([
      '[acme] high: renewal-failing, Certificate prod-eu/shop/shop-tls',
      '[acme] channel sns fails',
      '[acme] channel sns works again',
    ]);
    expect(terminal.taken[1]?.text).toContain('SNS does not answer');
    expect(terminal.taken[2]?.text).toContain('since 2026-11-24 09:00 UTC');
    expect(sns.taken).toEqual([expect.objectContaining({ id: terminal.taken[0]?.id })]);
  });

  test('is tried after 1, 10 and 100 minutes, and then every 100', async () => {
    const sns = channel('sns');
    const { says, run, later, due } = openOffice([sns]);
    sns.problem = DOWN;
    await says([verdict()]);
    for (const minutes of [1, 10, 100, 100]) {
      expect((await run()).failures).toHaveLength(1);
      later(minutes - 1);
      expect(await due()).toEqual([]);
      expect((await run()).failures).toEqual([]);
      later(1);
      expect(await due()).toHaveLength(1);
    }
  });

  test('is left alone while it waits, whatever else there is to say', async () => {
    const sns = channel('sns');
    const { says, run, due } = openOffice([sns]);
    sns.problem = DOWN;
    await says([verdict()]);
    await run();
    await says([verdict({ message: 'the order failed 4 times' })]);
    expect(await due()).toEqual([]);
    await says([verdict({ severity: 'critical' }), about('other')]);
    expect(await due()).toHaveLength(2);
    expect((await run()).failures).toEqual([]);
    expect(await due()).toEqual([]);
    expect(sns.asked).toBe(1);
  });

  test('is asked nothing more in a run in which it does not answer', async () => {
    const sns = channel('sns');
    const { says, run } = openOffice([sns]);
    sns.problem = DOWN;
    await says([verdict(), about('other', { code: 'expired' })]);
    await run();
    expect(sns.asked).toBe(1);
  });

  test('gets the other messages where it refuses one for good', async () => {
    const [terminal, sns] = [channel('terminal'), channel('sns')];
    const refused = { type: 'aws:InvalidParameter', detail: 'too long', retry: 'never' } as const;
    const send = async (message: Message): Promise<void> => {
      if (message.attributes.code === 'expired') throw new ProblemError(refused);
      await sns.send(message);
    };
    const { says, run, later, due } = openOffice([{ name: 'sns', send }, terminal]);
    const expired = { code: 'expired', severity: 'critical' } as const;
    await says([verdict(expired), about('third', { ...expired, rootCause: 'third' }), about('other')]);
    expect((await run()).failures).toEqual([{ channel: 'sns', problem: refused }]);
    expect(subjects(terminal)).toContain('[acme] channel sns fails');
    later(1);
    expect(await due()).toHaveLength(2);
    expect((await run()).failures).toEqual([{ channel: 'sns', problem: refused }]);
    expect(subjects(sns)).toEqual(['[acme] high: renewal-failing, Certificate prod-eu/shop/other']);
    expect(subjects(terminal).filter((subject) => subject.includes('channel'))).toEqual(['[acme] channel sns fails']);
  });
});

describe('after a crash', () => {
  test('between sending and storing the same message goes out again with the same id', async () => {
    const sns = channel('sns');
    const broken = openOffice([
      {
        name: 'sns',
        send: async (message) => {
          await sns.send(message);
          broken.close();
        },
      },
    ]);
    await broken.says([verdict(), about('other')]);
    await expect(broken.run()).rejects.toThrow();
    const again = openOffice([sns], broken.file);
    again.later(5);
    expect(await again.run()).toEqual({ sent: 1, failures: [] });
    expect(sns.taken[1]?.id).toBe(sns.taken[0]?.id);
    expect((await again.run()).sent).toBe(0);
  });
});

describe('whatever happens', () => {
  const act = fc.oneof(
    fc.record({
      says: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('info', 'high', 'critical')),
    }),
    fc.record({ sns: fc.boolean() }),
    fc.constant({ run: true } as const),
    fc.constant({ later: 11 } as const),
  );
  type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

  async function perform(one: Act, office: ReturnType<typeof openOffice>, sns: TestChannel): Promise<void> {
    if ('says' in one) await office.says(Object.entries(one.says).map(([name, severity]) => about(name, { severity })));
    if ('sns' in one) sns.problem = one.sns ? undefined : DOWN;
    if ('run' in one) await office.run();
    if ('later' in one) office.later(one.later);
  }

  test('a second run sends nothing, no id goes twice to a channel, and every channel ends up knowing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const [terminal, sns] = [channel('terminal'), channel('sns')];
        const office = openOffice([terminal, sns]);
        for (const one of acts) await perform(one, office, sns);
        sns.problem = undefined;
        office.later(100);
        await office.run();
        await office.run();
        expect(await office.run()).toEqual({ sent: 0, failures: [] });
        expect(await office.due()).toEqual([]);
        for (const { taken } of [terminal, sns]) expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
        for (const name of ['a', 'b']) {
          const state = (await stored(about(name), office.records))?.body;
          const isOpen = state && !state.resolvedAt && state.severity !== 'info';
          const knowing = new Set(state?.said.filter(({ stage }) => stage !== 'resolved').map((one) => one.channel));
          if (isOpen) expect(knowing.size).toBe(2);
          if (state?.resolvedAt) expect(knowing.size).toBe(0);
        }
        office.close();
      }),
      { numRuns: 25 },
    );
  });
});

describe('the first renewal', () => {
  test('is told once, when every place has it', async () => {
    const terminal = channel('terminal');
    const { records, run } = openOffice([terminal]);
    const issuedAt = START.toISOString();
    const facts = { serial: '0a01', notAfter: '2027-02-22T09:00:00.000Z' };
    const request = {
      issuer: 'fleet/le',
      dnsNames: ['shop.example.com'],
      ipAddresses: [],
      uris: [],
      emailAddresses: [],
    };
    const current = { facts, chainPem: '', issuedAt, origin: 'issued' };
    const issuance = { id: 'i1', request, members: ['fleet/shop'], keyPolicy: 'keep', current };
    const place = { place: 'prod-eu/shop/shop-tls', issuance: 'i1', certificate: 'fleet/shop', adopt: false };
    const destination = { ...place, ownership: { is: 'unknown' } as const };
    await records.put(rows.installation({ id: 'x', fleet: 'acme', createdAt: issuedAt }, 0));
    await records.put(rows.issuance(issuance as unknown as Parameters<typeof rows.issuance>[0], 0));
    const before = '2026-08-24T09:00:00.000Z';
    await records.put(rows.destination({ ...destination, deliveredAt: before }, 0));
    const due = () => records.due('notify', '9999-12-31T23:59:59.999Z', 10);
    await wakeFirstRenewal(records, before);
    expect((await run()).sent).toBe(0);
    expect(await due(), 'what waits for the other places is woken by their delivery').toEqual([]);
    await records.put(rows.destination({ ...destination, deliveredAt: issuedAt }, 1));
    await wakeFirstRenewal(records, before);
    expect((await run()).sent).toBe(1);
    expect(await due()).toEqual([]);
    expect(await run()).toEqual({ sent: 0, failures: [] });
    expect(terminal.taken[0]).toMatchObject({
      subject: '[acme] first renewal by Nolapse: shop.example.com',
      text: expect.stringContaining('delivered to prod-eu/shop/shop-tls'),
    });
  });
});
