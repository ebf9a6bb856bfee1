/** The rehearsal of one certificate: whose it is, what is said of it as JSON, and how it ends. */
import { expect, test } from 'vitest';
import { rehearse } from '../../cli/rehearse.ts';
import type { Local, Rehearsal } from '../../shared/wiring/local.ts';
import { certificateRows, ID, prepared, REHEARSED } from './prepared.ts';
import { paper } from './values.ts';

const TXT = { name: '_acme-challenge.shop.example.com', zone: 'example.com', hostedZoneId: 'Z1', isThere: true };
const problem = { type: 'x', detail: 'no', retry: 'never' } as const;

const answered = async (over: Partial<Rehearsal> = {}, local: Partial<Local> = {}) => {
  const session = await prepared({
    rows: certificateRows(),
    local: { rehearse: async (id) => ({ ...REHEARSED, ...over, id }), ...local },
  });
  return rehearse('shop-tls')(session);
};

test('finds the certificate by the end of its id, and says all as JSON', async () => {
  const end = { is: 'obtained', serial: '1', issuedBy: 'CN=x', notAfter: '2027-01-01T00:00:00.000Z' } as const;
  const answer = await answered({ end, phases: [{ phase: 'order', ms: 1_500 }] });
  expect(answer.document).toEqual({
    ...{ id: ID, issuer: 'fleet/letsencrypt', names: ['shop.example.com'], twin: 'other', next: 'nothing' },
    ...{
      directory: null,
      profileLeftOut: null,
      end,
      phases: [{ phase: 'order', ms: 1_500 }],
      requests: { ca: 0, route53: 0 },
      txt: [],
    },
  });
  expect(answer.lines(paper())[0]).toBe(`${ID}: rehearsed, and all of it works.`);
  expect(answer).toMatchObject({ failed: false, inProgress: false });
});

test.each([
  ['failed', { end: { is: 'failed', at: 'order', problem } }, { failed: true, inProgress: false }],
  ['not now', { end: { is: 'not-now', why: 'x' } }, { failed: false, inProgress: true }],
  ['stopped', { end: { is: 'stopped', at: 'order' } }, { failed: false, inProgress: true }],
  [
    'failed, with a value left',
    { end: { is: 'failed', at: 'order', problem }, txt: [TXT] },
    { failed: true, inProgress: true },
  ],
] satisfies [string, Partial<Rehearsal>, object][])('ends as %s', async (_how, over, outcome) => {
  expect(await answered(over)).toMatchObject(outcome);
});

test('in a fleet that was left is refused', async () => {
  const requireStaying = async (): Promise<never> => {
    throw new Error('left');
  };
  await expect(answered({}, { requireStaying })).rejects.toThrow('left');
});
