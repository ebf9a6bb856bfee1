/** Orders, authorizations and chains as a CA sends them, the wrong ones too. */
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import {
  orderedName,
  readAuthorization,
  readChain,
  readOrder,
  requireIdentifiers,
  topIssuer,
} from '../../../../shared/standards/acme/resources.ts';

const order = {
  status: 'pending',
  expires: '2026-12-01T09:00:00Z',
  identifiers: [{ type: 'dns', value: 'Shop.Example.com' }],
  authorizations: ['https://ca.example/z/1'],
  finalize: 'https://ca.example/f/1',
};
const challenge = { type: 'dns-01', url: 'https://ca.example/c/1', status: 'pending', token: 'abc_-9' };
const authorization = {
  status: 'pending',
  identifier: { type: 'dns', value: 'example.com' },
  wildcard: true,
  challenges: [challenge],
};

const strange = (detail: string) =>
  expect.objectContaining({ type: 'nolapse:strange-answer', retry: 'later', detail: expect.stringContaining(detail) });

/** The problem that a call throws. */
function refused(call: () => unknown): ProblemError['problem'] {
  try {
    call();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('readOrder', () => {
  test('reads names in lower case and the expiry as an instant', () => {
    expect(readOrder({ ...order, certificate: 'https://ca.example/x', error: { type: 't' } })).toEqual({
      ...order,
      expires: '2026-12-01T09:00:00.000Z',
      identifiers: [{ type: 'dns', value: 'shop.example.com' }],
      certificate: 'https://ca.example/x',
      error: { type: 't' },
    });
  });

  test.each([
    ['a page', '<html>', 'the order is no JSON object'],
    ['a list', [], 'the order is no JSON object'],
    ['a status of its own', { ...order, status: 'done' }, 'status "done", none of pending, ready'],
    ['no finalize URL', { ...order, finalize: undefined }, "the order's finalize is no URL"],
    ['an authorization that is no URL', { ...order, authorizations: [7] }, "the order's authorization is no URL"],
    ['identifiers that are none', { ...order, identifiers: ['x'] }, 'an identifier is no JSON object'],
  ])('refuses %s', (_, value, words) => {
    expect(refused(() => readOrder(value))).toEqual(strange(words));
  });

  test('refuses to be led to plain http', () => {
    expect(refused(() => readOrder({ ...order, finalize: 'http://ca.example/f' }))).toMatchObject({
      type: 'nolapse:not-https',
      retry: 'never',
    });
  });

  test('takes an expiry that is no date as none', () => {
    expect(readOrder({ ...order, expires: 'soon' })).not.toHaveProperty('expires');
  });
});

describe('readAuthorization', () => {
  test('reads the name as it was ordered, and keeps challenges of unknown types', () => {
    const persist = { type: 'dns-persist-01', url: 'https://ca.example/c/2', status: 'pending', accounturi: 'x' };
    const read = readAuthorization({ ...authorization, challenges: [persist, challenge] });
    expect(orderedName(read)).toBe('*.example.com');
    expect(read.challenges).toEqual([
      { type: 'dns-persist-01', url: 'https://ca.example/c/2', status: 'pending' },
      challenge,
    ]);
  });

  test.each([
    ['a shell', '$(reboot)'],
    ['a path', '../x'],
    ['too much', 'a'.repeat(513)],
    ['nothing', ''],
  ])('takes a token with %s as none', (_, token) => {
    const read = readAuthorization({ ...authorization, challenges: [{ ...challenge, token }] });
    expect(read.challenges[0]).not.toHaveProperty('token');
  });

  test.each([
    ['no object', null, 'the authorization is no JSON object'],
    ['an unknown status', { ...authorization, status: 'ready' }, 'the authorization has the status "ready"'],
    [
      'a challenge without a URL',
      { ...authorization, challenges: [{ type: 'dns-01' }] },
      "the challenge's URL is no URL",
    ],
  ])('refuses %s', (_, value, words) => {
    expect(refused(() => readAuthorization(value))).toEqual(strange(words));
  });
});

test('an order for other names than asked is refused', () => {
  const asked = [{ type: 'dns', value: 'shop.example.com' }];
  expect(() => requireIdentifiers(readOrder(order), asked)).not.toThrow();
  const more = [...asked, { type: 'dns', value: 'a.example.com' }];
  expect(refused(() => requireIdentifiers(readOrder(order), more))).toEqual(
    strange('the order is for dns:shop.example.com, asked was dns:a.example.com dns:shop.example.com'),
  );
});

describe('readChain', () => {
  test.each([
    ['no text', { a: 1 }, 'it holds no certificate'],
    ['a page', '<html>', 'it holds no certificate'],
    [
      'a certificate of noise',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'a certificate of the chain cannot be read',
    ],
  ])('refuses %s', (_, body, words) => {
    expect(refused(() => readChain(body))).toEqual(strange(words));
  });

  test('an empty chain has no issuer', () => {
    expect(topIssuer('')).toBeUndefined();
  });
});
