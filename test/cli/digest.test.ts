/** The digest as a command: its text for people, its data for machines, and a failure when a channel did not take it. */
import { describe, expect, test } from 'vitest';
import { digest } from '../../cli/digest.ts';
import type { Digested } from '../../shared/wiring/local.ts';
import { prepared } from './prepared.ts';
import { paper } from './values.ts';

const message: NonNullable<Digested['message']> = {
  ...{ id: 'd1', subject: '[acme] digest: 1 high; 0 renewed', parts: [], attributes: {}, data: { version: 1 } },
  text: 'Open: 1 high\n  high: expired, Secret prod-eu/shop/\u001bshop-tls (3 d)\n\nNothing renews in the next 7 days.',
};

const answered = async (given: Partial<Digested>) => {
  const said = async (): Promise<Digested> => ({
    is: 'said',
    message,
    sentOn: [],
    waiting: [],
    failures: [],
    ...given,
  });
  return digest(await prepared({ rows: [], local: { digest: said } }));
};

describe('digest', () => {
  test('prints what was said, and where', async () => {
    const answer = await answered({ sentOn: ['sns', 'slack'] });
    expect(answer.lines(paper())).toEqual([
      '[acme] digest: 1 high; 0 renewed',
      '',
      'Open: 1 high',
      '  high: expired, Secret prod-eu/shop/\\u{1b}shop-tls (3 d)',
      '',
      'Nothing renews in the next 7 days.',
      '',
      'Sent to sns, slack.',
    ]);
    expect(answer.document).toEqual({
      ...{ is: 'said', subject: message.subject, text: message.text, data: { version: 1 } },
      ...{ sentOn: ['sns', 'slack'], waiting: [], failures: [] },
    });
    expect(answer.failed).toBe(false);
  });

  test('says why nothing was said', async () => {
    const { lines, failed } = await digest(
      await prepared({
        rows: [],
        local: { digest: async () => ({ is: 'paused', sentOn: [], waiting: [], failures: [] }) },
      }),
    );
    expect([lines(paper()), failed]).toEqual([
      ['The lane notify is paused, nothing was said. To end it: nolapse pause notify', '--end'],
      false,
    ]);
  });

  test('fails when a channel did not take it, and says what to do', async () => {
    const problem = { type: 'slack:no_service', detail: 'no_service', retry: 'never', fix: 'make a new one' } as const;
    const answer = await answered({ waiting: ['sns'], failures: [{ channel: 'slack', problem }] });
    expect(answer.failed).toBe(true);
    expect(answer.lines(paper()).slice(-4)).toEqual([
      'Sent to no channel.',
      'sns is left alone for now: it failed, or asked for it.',
      'slack did not take it: no_service',
      '  fix: make a new one',
    ]);
  });
});
