/** Why an order came to nothing: one problem from the order and its authorizations. */
import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../../../../shared/standards/acme/rejection.ts';
import type { Authorization } from '../../../../shared/standards/acme/resources.ts';

const context = { now: new Date('2026-11-24T09:00:00.000Z'), caaIdentities: ['ca.example'] };
const acme = (type: string): string => `urn:ietf:params:acme:error:${type}`;

function authorization(value: string, error?: object, status: Authorization['status'] = 'invalid'): Authorization {
  const challenge = { type: 'dns-01', url: 'https://ca.example/c', status, ...(error ? { error } : {}) };
  return {
    status,
    identifier: { type: 'dns', value },
    wildcard: value === 'wild.example.com',
    challenges: [challenge],
  };
}

const noTxt = { type: acme('unauthorized'), detail: 'No TXT record found', status: 403 };
const forbidden = { type: acme('caa'), detail: 'CAA record for b.example.com prevents issuance', status: 403 };

describe('rejectionOf', () => {
  test('the error of the order is named where the CA does not say whom it speaks of', () => {
    const eof = { type: acme('dns'), detail: 'Error retrieving TXT records ("EOF")' };
    const failed = [authorization('a.example.com', eof)];
    expect(rejectionOf({ error: eof }, failed, context)?.detail).toBe(`a.example.com: ${eof.detail}`);
    const said = { ...eof, detail: 'a.example.com has no TXT' };
    expect(rejectionOf({ error: said }, failed, context)?.detail).toBe(said.detail);
  });

  test('one failed name is its own problem, named where the CA does not, in its own words as subproblem', () => {
    expect(
      rejectionOf(
        {},
        [authorization('a.example.com', noTxt), authorization('b.example.com', undefined, 'valid')],
        context,
      ),
    ).toEqual({
      ...noTxt,
      detail: 'a.example.com: No TXT record found',
      retry: 'later',
      fix: expect.stringContaining('TXT record'),
      subproblems: [{ type: noTxt.type, detail: noTxt.detail, identifier: { type: 'dns', value: 'a.example.com' } }],
    });
  });

  test('a wildcard is named as it was ordered', () => {
    const problem = rejectionOf({}, [authorization('wild.example.com', noTxt)], context);
    expect(problem?.subproblems?.[0]?.identifier?.value).toBe('*.wild.example.com');
  });

  test('several are a compound problem that is tried again only if each may be', () => {
    const both = [authorization('a.example.com', noTxt), authorization('c.example.com', noTxt)];
    expect(rejectionOf({}, both, context)).toMatchObject({
      type: acme('compound'),
      detail: '2 names failed, first a.example.com: No TXT record found',
      retry: 'later',
    });
    const mixed = rejectionOf({}, [both[0] as Authorization, authorization('b.example.com', forbidden)], context);
    expect(mixed).toMatchObject({ type: acme('compound'), retry: 'never' });
    expect(mixed?.subproblems).toHaveLength(2);
  });

  test("the order's own words come first, its subproblems too", () => {
    const error = {
      ...forbidden,
      subproblems: [{ type: acme('caa'), detail: 'x', identifier: { type: 'dns', value: 'b.example.com' } }],
    };
    expect(rejectionOf({ error }, [authorization('b.example.com', noTxt)], context)).toMatchObject({
      type: acme('caa'),
      retry: 'never',
      subproblems: [{ detail: 'x' }],
      fix: expect.stringContaining('b.example.com. CAA 0 issue "ca.example"'),
    });
  });

  test('an order that fails after its authorizations is told by its own error alone', () => {
    const error = { type: acme('serverInternal'), detail: 'could not sign', status: 500 };
    expect(rejectionOf({ error }, [], context)).toEqual({ ...error, retry: 'later' });
  });

  test('a failed name without a reason is still told', () => {
    expect(rejectionOf({}, [authorization('a.example.com')], context)).toMatchObject({
      type: 'nolapse:order-invalid',
      detail: 'the CA found a.example.com invalid and does not say why',
      retry: 'later',
    });
  });

  test('is nothing where neither says anything', () => {
    expect(rejectionOf({}, [authorization('a.example.com', undefined, 'expired')], context)).toBeUndefined();
  });
});
