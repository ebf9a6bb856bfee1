/** Stopping a lane from the command line: which options go together, what is said, and where it is seen until it ends. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../cli/explain.ts';
import { inventory } from '../../cli/inventory.ts';
import { pause } from '../../cli/pause.ts';
import { plan } from '../../cli/plan.ts';
import { InputError } from '../../shared/contract/problem.ts';
import type { PausedLane } from '../../shared/wiring/local.ts';
import { certificateRows, ID, prepared } from './prepared.ts';
import { NOW, paper } from './values.ts';

const LANE = 'deliver:prod-eu';
const PAUSE = {
  since: NOW.toISOString(),
  until: '2026-11-24T11:00:00.000Z',
  by: 'ada',
  because: 'the API server moves',
};
const paused = (lane: PausedLane['lane']): PausedLane => ({ lane, ...PAUSE });
const red = { ...paper(), ink: (ink: string, text: string) => `<${ink}>${text}` };

describe('pause', () => {
  test('stops the lane in the name of the user, and says how to end it', async () => {
    const asked: unknown[] = [];
    const session = await prepared({
      rows: [],
      local: {
        pause: async (...given) => {
          asked.push(given);
          return PAUSE;
        },
      },
    });
    const answer = await pause({ lane: LANE, for: '2h', because: 'the API server moves', end: false })(session);
    expect(asked).toEqual([[LANE, { for: '2h', because: 'the API server moves', by: 'ada' }]]);
    expect(answer.document).toEqual({ lane: LANE, pause: PAUSE });
    expect(answer.lines(red)).toEqual([
      '<red>lane deliver:prod-eu is paused until 2026-11-24 11:00 UTC by ada: the API server',
      '<red>moves',
      'To end it: nolapse pause deliver:prod-eu --end',
    ]);
  });

  test('of a deployed service is ended there', async () => {
    const session = await prepared({ rows: [], local: { pause: async () => PAUSE } });
    const deployed = { ...session, settings: { ...session.settings, service: 'acme' } };
    const answer = await pause({ lane: LANE, for: '2h', because: 'the API server moves', end: false })(deployed);
    expect([...answer.lines(paper())].at(-1)).toBe('To end it: nolapse pause deliver:prod-eu --end --service acme');
  });

  test('ends it', async () => {
    const asked: unknown[] = [];
    const end = async (_lane: string, wish: unknown) => void asked.push(wish);
    const answer = await pause({ lane: LANE, end: true })(await prepared({ rows: [], local: { pause: end } }));
    expect(asked).toEqual([{ for: '0', because: '', by: 'ada' }]);
    expect(answer.document).toEqual({ lane: LANE, pause: null });
    expect(answer.lines(paper())).toEqual(['The lane deliver:prod-eu is not paused.']);
  });

  const refusing = async (): Promise<undefined> => {
    throw new InputError([{ where: 'because', message: 'a pause needs a reason' }]);
  };
  test.each([
    ['neither a time nor an end', { end: false }, '--for: is missing: a pause ends by itself'],
    ['both', { end: true, for: '1h' }, '--for: goes without --end'],
    ['a time that is none', { end: false, for: '0s' }, '--for: "0s" is no time at all'],
    [
      'what the lever refuses, by the name of the option',
      { end: false, for: '1h' },
      '--because: a pause needs a reason',
    ],
  ])('refuses %s', async (_what, options, message) => {
    const session = await prepared({ rows: [], local: { pause: refusing } });
    const error = await pause({ lane: LANE, ...options })(session).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(message);
  });
});

test.each([
  ['a plan', plan({})],
  ['an inventory', inventory],
])('%s begins with the lanes that are paused, in red', async (_what, command) => {
  const session = await prepared({ rows: [], local: { pausedLanes: async () => [paused('issue:fleet/letsencrypt')] } });
  expect((await command(session)).lines(red)[0]).toMatch(/^<red>lane issue:fleet\/letsencrypt is paused until/);
});

test('the story of a certificate tells of those that its work goes through, and of no other', async () => {
  const pausedLanes = async () => [paused(LANE), paused('deliver:elsewhere')];
  const session = await prepared({ rows: certificateRows(), local: { pausedLanes } });
  const answer = await explain(ID)(session);
  expect(answer.document).toMatchObject({ paused: [paused(LANE)] });
  expect(answer.lines(red).slice(0, 2)).toEqual([
    `<bold>${ID}`,
    '<red>lane deliver:prod-eu is paused until 2026-11-24 11:00 UTC by ada: the API server',
  ]);
});
