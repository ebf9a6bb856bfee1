/** Leaving a fleet from the command line: what is shown, who is asked, and how it ends. */
import { describe, expect, test } from 'vitest';
import { adopt } from '../../cli/adopt.ts';
import { leave } from '../../cli/leave.ts';
import { plan } from '../../cli/plan.ts';
import { renew } from '../../cli/renew.ts';
import { run } from '../../cli/run.ts';
import type { Left, Local } from '../../shared/wiring/local.ts';
import { ID, LEFT, prepared } from './prepared.ts';
import { NOW, paper } from './values.ts';

const STAYS = [
  { what: 'state folder', where: 'here', usdAMonth: 0, remove: 'delete it' },
  { what: 'secret in Secrets Manager', where: 'secretsmanager/a', usdAMonth: 0.4, remove: 'aws delete a' },
];
const place = { place: ID, outcome: 'to-release', notAfter: '2026-12-24T09:00:00.000Z', isThere: true } as const;
const look: Left = {
  ...{ ...LEFT, places: [place], stays: STAYS },
  orders: [{ issuance: 'i', certificates: [ID], outcome: 'open', order: 'https://ca/order/1' }],
  values: [{ zoneId: 'Z1', fqdn: '_acme-challenge.a.example.com', value: 'v' }],
};
const leaving = { since: NOW.toISOString(), by: 'ada', closedAt: NOW.toISOString() };
const left: Left = { ...LEFT, leaving, places: [{ ...place, outcome: 'released' }], stays: STAYS };

const opened = (local: Partial<Local> = {}, more: { readonly agrees?: boolean; readonly service?: string } = {}) =>
  prepared({ rows: [], local: { lookAtLeaving: async () => look, ...local }, ...more });

const LOOK = [
  'Fleet acme: 1 open order, 1 TXT value, 1 place to give back.',
  `order of ${ID} open: it is finished in the time there is, or`,
  '      given up: https://ca/order/1',
  'TXT _acme-challenge.a.example.com in Z1: v',
  '',
  'PLACE                                    EXPIRES',
  'prod-eu/shop/shop-tls  to be given back  in 30 days',
  '',
  'STAYS                      WHERE             A MONTH',
  'state folder               here              nothing',
  'secret in Secrets Manager  secretsmanager/a  $0.40',
  'In all $0.40 a month.',
  '  where nobody needs it: aws delete a',
];
const UNCHANGED = 'Nothing was changed. To leave: nolapse leave --yes';

describe('leave', () => {
  test('shows everything and changes nothing in a dry run, whoever would agree', async () => {
    const session = await opened({}, { agrees: true });
    const answer = await leave({ yes: true, dryRun: true })(session);
    expect(answer.lines(paper())).toEqual([...LOOK, '', UNCHANGED]);
    expect([session.calls, session.said]).toEqual([[], []]);
    expect(answer.document).toMatchObject({
      leaving: null,
      places: [{ place: ID, outcome: 'to-release', problem: null }],
    });
  });

  test.each([
    ['a no', false],
    ['nobody to ask', undefined],
  ])('changes nothing after %s', async (_what, agrees) => {
    const session = await opened({}, agrees === undefined ? {} : { agrees });
    const answer = await leave({ yes: false, dryRun: false })(session);
    expect(session.said).toEqual(LOOK);
    expect(answer.lines(paper())).toEqual(['', UNCHANGED]);
    expect(session.calls).toEqual([]);
  });

  test.each([
    ['a yes', { yes: false }, { agrees: true }],
    ['--yes', { yes: true }, {}],
  ])('leaves after %s, in the name of the user, and says what is so from now on', async (_what, options, more) => {
    const names: string[] = [];
    const leaves = async (by: string): Promise<Left> => {
      names.push(by);
      return left;
    };
    const session = await opened({ leave: leaves }, more);
    const answer = await leave({ dryRun: false, ...options })(session);
    expect(names).toEqual(['ada']);
    expect(answer).toMatchObject({ failed: false, inProgress: false });
    const lines = answer.lines(paper());
    expect(lines[0]).toBe('Fleet acme: 0 orders ended, 0 TXT values left, 1 place given back.');
    expect(lines.slice(-2)).toEqual([
      'The fleet was left on 2026-11-24 09:00 UTC by ada: nothing is renewed. To take',
      'it up again: nolapse run --rejoin',
    ]);
  });

  test('of a service says how it is taken up again, and how it is taken down', async () => {
    const session = await opened({ leave: async () => left }, { service: 'acme' });
    const text = (await leave({ yes: true, dryRun: false })(session)).lines(paper()).join(' ');
    expect(text).toContain('To take it up again: nolapse run --rejoin --service acme');
    expect(text).toContain('Next, the service itself: npx cdk destroy --all -c fleet=<fleet file>.');
    const look = await leave({ yes: false, dryRun: true })(await opened({}, { service: 'acme' }));
    expect(look.lines(paper()).at(-1)).toBe('Nothing was changed. To leave: nolapse leave --yes --service acme');
  });

  test('of a service that is not done says what to run again', async () => {
    const unsettled = [{ lane: 'deliver:prod', why: 'paused' }] as const;
    const session = await opened({ leave: async () => ({ ...left, unsettled }) }, { service: 'acme' });
    const text = (await leave({ yes: true, dryRun: false })(session)).lines(paper()).join(' ');
    expect(text).toContain('nolapse pause deliver:prod --end --service acme');
    expect(text).toContain('nolapse leave --service acme');
  });

  const problem = { type: 'x', detail: 'no route', retry: 'later', fix: 'mend it' } as const;
  test.each([
    ['a place failed', { places: [{ ...place, outcome: 'failed', problem }] }, { failed: true }, 'failed: no route'],
    ['a value stays', { values: look.values }, { inProgress: true }, 'TXT _acme-challenge'],
    [
      'a lane was paused',
      { unsettled: [{ lane: 'deliver:prod', why: 'paused' }] },
      { inProgress: true },
      'lane deliver:prod is paused: end that (nolapse pause deliver:prod --end)',
    ],
    [
      'a lane was busy',
      { unsettled: [{ lane: 'notify', why: 'no-time' }] },
      { inProgress: true },
      'not to be had in time',
    ],
  ] satisfies readonly (readonly [string, Partial<Left>, object, string])[])(
    'is not done where %s',
    async (_what, more, outcome, said) => {
      const session = await opened({ leave: async () => ({ ...left, ...more }) });
      const answer = await leave({ yes: true, dryRun: false })(session);
      expect(answer).toMatchObject(outcome);
      const text = answer.lines(paper()).join('\n');
      expect(text).toContain(said);
      expect(text).toContain('Run again:\nnolapse leave');
    },
  );

  test('of a fleet that was left asks nobody and does nothing', async () => {
    const theirs = { ...place, outcome: 'theirs', owner: 'the Nolapse fleet rival' } as const;
    const session = await opened({ lookAtLeaving: async () => ({ ...left, places: [theirs] }) }, { agrees: true });
    const answer = await leave({ yes: true, dryRun: false })(session);
    expect([session.calls, session.said]).toEqual([[], []]);
    expect(answer.lines(paper()).join('\n')).toMatch(
      /left alone, it belongs to the Nolapse fleet\s+in 30 days\s+rival/,
    );
  });
});

describe('a fleet that was left', () => {
  const gone = { requireStaying: () => Promise.reject(new Error('left')), leaving: async () => leaving };

  test.each([
    ['run', run({ rejoin: false })],
    ['renew', renew({ id: ID, force: true, dryRun: false })],
    ['adopt', adopt({ id: ID, yes: true })],
  ])('is not worked for: %s', async (_what, command) => {
    const session = await opened(gone);
    await expect(command(session)).rejects.toThrow('left');
    expect(session.calls).toEqual([]);
  });

  test('is taken up again when somebody says so', async () => {
    const session = await opened(gone);
    await run({ rejoin: true })(session);
    expect(session.calls).toEqual(['rejoin', 'run all']);
  });

  test('says so above a plan', async () => {
    expect((await plan({})(await opened(gone))).lines(paper())[0]).toMatch(/^The fleet was left on 2026-11-24/);
  });
});
