/** Which answers to challenges were early: the judge of "no challenge is answered before INSYNC". */
import { expect, test } from 'vitest';
import { earlyAnswers } from './early-answers.ts';
import type { Recorded } from './recorder.ts';

type Told = Pick<Recorded, 'protocol' | 'operation' | 'path'> & {
  readonly asked?: string;
  readonly answer?: string;
  readonly status?: number;
};

/** One request a tick; each is answered before the next. */
const seen = (...told: readonly Told[]): readonly Recorded[] =>
  told.map(({ asked = '', answer = '', status = 200, ...one }, index) => ({
    ...one,
    n: index + 1,
    server: one.protocol,
    kind: one.operation.startsWith('GET') ? 'read' : 'write',
    method: 'POST',
    query: '',
    requestHeaders: {},
    requestBody: Buffer.from(asked),
    status,
    responseBody: Buffer.from(answer),
    startedAt: index,
    endedAt: index + 0.5,
  }));

const authorization: Told = {
  protocol: 'acme',
  operation: 'POST-as-GET /authz/1',
  path: '/authz/1',
  answer: '{"identifier":{"type":"dns","value":"shop.example.com"},"challenges":[{"url":"https://ca.test/chall/1"}]}',
};
const change = (id: string, action = 'CREATE', name = '_acme-challenge.shop.example.com.'): Told => ({
  protocol: 'aws',
  operation: 'route53 POST rrset',
  path: '/2013-04-01/hostedzone/Z1/rrset',
  asked: `<Change><Action>${action}</Action><ResourceRecordSet><Name>${name}</Name></ResourceRecordSet></Change>`,
  answer: `<ChangeInfo><Id>/change/${id}</Id><Status>PENDING</Status></ChangeInfo>`,
});
const told = (id: string, status: 'PENDING' | 'INSYNC'): Told => ({
  protocol: 'aws',
  operation: 'GET',
  path: `/2013-04-01/change/${id}`,
  answer: `<Status>${status}</Status>`,
});
const challenge: Told = { protocol: 'acme', operation: 'challenge', path: '/chall/1' };
const refused: Told = { ...challenge, status: 400 };

test.each([
  ['INSYNC was said', [authorization, change('A'), told('A', 'INSYNC'), challenge]],
  [
    'a batch for another name is pending',
    [authorization, change('A'), told('A', 'INSYNC'), change('B', 'CREATE', '_acme-challenge.a.test.'), challenge],
  ],
  ['its removal is pending', [authorization, change('A'), told('A', 'INSYNC'), change('B', 'DELETE'), challenge]],
  ['the CA refused the early one', [authorization, change('A'), refused, told('A', 'INSYNC'), challenge]],
])('in time, where %s', (_, requests) => {
  expect(earlyAnswers(seen(...requests))).toEqual([]);
});

test.each([
  ['nobody asked', [authorization, change('A'), challenge], 'before /2013-04-01/change/A was said'],
  ['PENDING was said', [authorization, change('A'), told('A', 'PENDING'), challenge], 'change/A'],
  ['INSYNC came after', [authorization, change('A'), challenge, told('A', 'INSYNC')], 'change/A'],
  [
    'only an older change is INSYNC',
    [authorization, change('A'), told('A', 'INSYNC'), change('B'), challenge],
    'change/B',
  ],
  ['no value was written', [authorization, challenge], 'where no value was written'],
])('early, where %s', (_, requests, text) => {
  expect(earlyAnswers(seen(...requests))).toEqual([expect.stringContaining(text)]);
});
