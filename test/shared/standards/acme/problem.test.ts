/** Refusals of a CA as Problems: whole, with what to do, and whether waiting helps. */
import { describe, expect, test } from 'vitest';
import { linksOf, readProblem, shortType, validationProblem } from '../../../../shared/standards/acme/problem.ts';

const now = new Date('2026-11-24T09:00:00.000Z');
const acme = (type: string): string => `urn:ietf:params:acme:error:${type}`;
const json = { 'content-type': 'application/problem+json' };
const read = (status: number, document: unknown, headers: Record<string, string> = {}) =>
  readProblem(
    { status, headers: { ...json, ...headers }, body: JSON.stringify(document) },
    { now, caaIdentities: ['ca.example'] },
  );

describe('readProblem', () => {
  test('keeps a problem whole: type, words, status, subproblems with their names, Retry-After', () => {
    const document = {
      type: acme('rateLimited'),
      detail: 'too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-24 09:10:00 UTC',
      status: 429,
      subproblems: [
        { type: acme('rateLimited'), detail: 'for a', identifier: { type: 'dns', value: 'a.example.com' } },
        { type: acme('malformed'), title: 'for nobody' },
        'no object',
      ],
    };
    expect(read(429, document, { 'retry-after': '600' })).toEqual({
      type: acme('rateLimited'),
      detail: document.detail,
      status: 429,
      subproblems: [
        { type: acme('rateLimited'), detail: 'for a', identifier: { type: 'dns', value: 'a.example.com' } },
        { type: acme('malformed'), detail: 'for nobody' },
      ],
      retryAt: '2026-11-24T09:10:00.000Z',
      retry: 'later',
    });
  });

  test('reads the instant from the words where a rate limit has no header', () => {
    const detail = 'too many certificates (5) already issued, retry after 2026-11-25 01:02:03 UTC';
    expect(read(429, { type: acme('rateLimited'), detail }).retryAt).toBe('2026-11-25T01:02:03.000Z');
  });

  test.each([
    ['malformed', 400, 'never'],
    ['rejectedIdentifier', 400, 'never'],
    ['unsupportedIdentifier', 400, 'never'],
    ['unauthorized', 403, 'never'],
    ['accountDoesNotExist', 400, 'never'],
    ['caa', 403, 'never'],
    ['externalAccountRequired', 403, 'never'],
    ['userActionRequired', 403, 'never'],
    ['invalidProfile', 400, 'never'],
    ['invalidContact', 400, 'never'],
    ['unsupportedContact', 400, 'never'],
    ['badCSR', 400, 'never'],
    ['badPublicKey', 400, 'never'],
    ['badSignatureAlgorithm', 400, 'never'],
    ['rateLimited', 429, 'later'],
    ['rateLimited', 503, 'later'],
    ['serverInternal', 500, 'later'],
    ['malformed', 503, 'later'],
    ['badNonce', 400, 'later'],
    ['orderNotReady', 403, 'later'],
    ['dns', 400, 'later'],
    ['connection', 400, 'later'],
    ['somethingNew', 400, 'later'],
  ])('%s with status %d may be tried again: %s', (type, status, retry) => {
    expect(read(status, { type: acme(type), detail: 'words' }).retry).toBe(retry);
  });

  test.each([
    ['never wins', 'caa', 'never'],
    ['later without one', 'dns', 'later'],
  ])('a compound problem is judged by its parts: %s', (_, type, retry) => {
    const subproblems = [
      { type: acme('dns'), detail: 'x' },
      { type: acme(type), detail: 'y' },
    ];
    expect(read(403, { type: acme('compound'), detail: 'several', subproblems }).retry).toBe(retry);
  });

  test.each([
    [
      'caa, by the words',
      { type: acme('caa'), detail: 'CAA record for shop.example.com prevents issuance' },
      {},
      'shop.example.com. CAA 0 issue "ca.example"',
    ],
    [
      'caa of a wildcard, by the subproblem',
      {
        type: acme('caa'),
        detail: 'no',
        subproblems: [{ type: acme('caa'), detail: 'no', identifier: { type: 'dns', value: '*.example.com' } }],
      },
      {},
      'example.com. CAA 0 issuewild "ca.example"',
    ],
    [
      'userActionRequired with an instance',
      { type: acme('userActionRequired'), detail: 'terms', instance: 'https://ca.example/act' },
      {},
      'open https://ca.example/act',
    ],
    [
      'userActionRequired with a Link',
      { type: acme('userActionRequired'), detail: 'terms' },
      { link: '<https://ca.example/dir>;rel="index", <https://ca.example/tos>;rel="terms-of-service"' },
      'open https://ca.example/tos',
    ],
    [
      'names paused after too many failures',
      {
        type: acme('rateLimited'),
        detail:
          'Your account is temporarily prevented from requesting certificates for a.example.com. Please visit: https://ca.example/unpause?jwt=x',
      },
      {},
      'https://ca.example/unpause?jwt=x',
    ],
    [
      'rejectedIdentifier',
      { type: acme('rejectedIdentifier'), detail: 'policy forbids "bad.example.com"' },
      {},
      'take bad.example.com out',
    ],
    ['a lost account', { type: acme('accountDoesNotExist'), detail: 'gone' }, {}, 'delete its ACCOUNT row'],
    [
      'a deactivated account',
      { type: acme('unauthorized'), detail: 'Account is not valid, has status "deactivated"' },
      {},
      'delete its ACCOUNT row',
    ],
    ['a binding that is wrong', { type: acme('unauthorized'), detail: 'wrong MAC' }, {}, 'key id and key'],
    ['externalAccountRequired', { type: acme('externalAccountRequired'), detail: 'x' }, {}, 'externalAccountBinding'],
    ['invalidProfile', { type: acme('invalidProfile'), detail: 'x' }, {}, 'spec.acme.profile'],
    ['invalidContact', { type: acme('invalidContact'), detail: 'x' }, {}, 'spec.acme.email'],
    ['badCSR', { type: acme('badCSR'), detail: 'x' }, {}, 'RSA 2048'],
  ])('has one thing to do for %s', (_, document, headers, words) => {
    expect(read(403, document, headers).fix).toContain(words);
  });

  test('a paused account is not tried again', () => {
    const detail = 'Your account is temporarily prevented from requesting certificates for a.example.com';
    expect(read(429, { type: acme('rateLimited'), detail }).retry).toBe('never');
  });

  test.each([
    [
      'a page of a proxy',
      503,
      '<html><head><style>p{}</style></head><body><h1>503 Service</h1>\n Unavailable</body></html>',
      'later',
      '503 Service Unavailable',
    ],
    ['nothing', 502, '', 'later', 'without a problem document'],
    ['a page that is not there', 404, 'Not Found', 'never', 'HTTP 404'],
    ['half a document', 500, '{"type": "urn', 'later', 'HTTP 500'],
    ['an empty object', 400, '{}', 'never', 'HTTP 400'],
    ['a list', 429, '[1]', 'later', 'HTTP 429'],
    ['too early', 425, 'x', 'later', 'HTTP 425'],
  ])('tells %s by its status and first words', (_, status, body, retry, words) => {
    const problem = readProblem({ status, headers: { 'retry-after': '120' }, body }, { now });
    expect(problem).toMatchObject({ type: 'about:blank', status, retry, retryAt: '2026-11-24T09:02:00.000Z' });
    expect(problem.detail).toContain(words);
  });

  test('a document with words and no type is judged by its status', () => {
    expect(read(503, { title: 'down' })).toEqual({ type: 'about:blank', detail: 'down', status: 503, retry: 'later' });
    expect(read(403, { detail: 'no' })).toEqual({ type: 'about:blank', detail: 'no', status: 403, retry: 'never' });
  });

  test('takes no more than 2,000 characters of a text', () => {
    expect(read(400, { type: acme('dns'), detail: 'x'.repeat(1e5) }).detail).toHaveLength(2_000);
  });
});

describe('validationProblem', () => {
  test('takes unauthorized as what DNS said, not as the account', () => {
    const problem = validationProblem({ type: acme('unauthorized'), detail: 'No TXT record', status: 403 }, { now });
    expect(problem).toMatchObject({ type: acme('unauthorized'), retry: 'later', status: 403 });
    expect(problem?.fix).toContain('TXT record');
  });

  test('keeps what no wait will mend', () => {
    const error = { type: acme('caa'), detail: 'CAA record for a.example.com prevents issuance' };
    const problem = validationProblem(error, { now, caaIdentities: ['ca.example'] });
    expect(problem).toMatchObject({ retry: 'never' });
    expect(problem?.fix).toContain('a.example.com. CAA 0 issue "ca.example"');
  });

  test.each([[undefined], [null], ['text'], [{}]])('takes %j as no error', (error) => {
    expect(validationProblem(error, { now })).toBeUndefined();
  });
});

describe('linksOf', () => {
  const header =
    '<https://ca/dir>;rel="index", <https://ca/c/1/a>; rel="alternate",<https://ca/c/1/b>;rel=alternate;x="y"';
  test.each([
    ['alternate', ['https://ca/c/1/a', 'https://ca/c/1/b']],
    ['index', ['https://ca/dir']],
    ['up', []],
  ])('finds the targets of %s', (rel, targets) => {
    expect(linksOf(header, rel)).toEqual(targets);
  });
  test('finds none where there is no header', () => {
    expect(linksOf(undefined, 'alternate')).toEqual([]);
  });
});

test('shortType leaves types of others whole', () => {
  expect(['urn:ietf:params:acme:error:dns', 'about:blank'].map(shortType)).toEqual(['dns', 'about:blank']);
});
