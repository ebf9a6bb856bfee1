/** How IAM comes to a decision, as its User Guide's page on policy evaluation has it, and whom trust policies mean. */
import { describe, expect, test } from 'vitest';
import { decide, isTrusted, type PolicyJson, type StatementJson } from './policy.ts';

const KNOWN = new Set(['sts:externalid', 'aws:principalarn', 'tag']);
const QUEUE = 'arn:aws:sqs:eu-west-1:111111111111:nolapse-issue';

const allow = (Action: string, Resource: string, more: Partial<StatementJson> = {}): StatementJson => ({
  ...{ Sid: 'S', Effect: 'Allow', Action, Resource },
  ...more,
});
const deny = (Action: string, Resource: string): StatementJson => ({ ...allow(Action, Resource), Effect: 'Deny' });

const answer = (Statement: PolicyJson['Statement'], action = 'sqs:SendMessage', resource = QUEUE): string =>
  decide({ Statement }, { action, resource, context: {} }, KNOWN).is;

describe('a request', () => {
  test.each<[string, PolicyJson['Statement'], string]>([
    ['that nothing speaks of is denied', [], 'denied'],
    ['that one statement allows is allowed', allow('sqs:SendMessage', QUEUE), 'allowed'],
    ['is named in any case', allow('SQS:sendmessage', QUEUE), 'allowed'],
    ['may be one of a pattern', allow('sqs:Send*', QUEUE), 'allowed'],
    ['may be one of all', allow('*', '*'), 'allowed'],
    ['of another action is denied', allow('sqs:SendMessageBatch', QUEUE), 'denied'],
    ['on another resource is denied', allow('sqs:SendMessage', `${QUEUE}-dead`), 'denied'],
    ['is on its resource in its own case', allow('sqs:SendMessage', QUEUE.toUpperCase()), 'denied'],
    ['is on one of a pattern', allow('sqs:SendMessage', 'arn:aws:sqs:*:*:nolapse-????e'), 'allowed'],
    ['that is also denied is denied', [allow('sqs:*', '*'), deny('sqs:SendMessage', QUEUE)], 'denied'],
    ['is denied whatever comes after', [deny('sqs:*', '*'), allow('sqs:SendMessage', QUEUE)], 'denied'],
    ['is not denied by what means another', [deny('sqs:*', `${QUEUE}2`), allow('sqs:SendMessage', QUEUE)], 'allowed'],
    [
      'is denied where a condition does not hold',
      allow('sqs:SendMessage', QUEUE, { Condition: { StringEquals: { tag: 'x' } } }),
      'denied',
    ],
  ])('%s', (_, statements, expected) => {
    expect(answer(statements)).toBe(expected);
  });

  test('is answered with the statement that allowed it', () => {
    const second = allow('sqs:Send*', QUEUE);
    const ask = { action: 'sqs:SendMessage', resource: QUEUE, context: {} };
    const decision = decide({ Statement: [allow('sqs:SendMessage', 'other'), second] }, ask, KNOWN);
    expect(decision).toEqual({ is: 'allowed', by: { statement: second, action: 'sqs:Send*' } });
  });

  test('is refused by an element that is not known', () => {
    const statement = { Sid: 'S', Effect: 'Allow', NotAction: 'iam:*', Resource: '*' } as unknown as StatementJson;
    expect(() => answer([statement])).toThrow('the element NotAction is not known here');
  });
});

describe('a role', () => {
  const principal = 'arn:aws:iam::111111111111:role/nolapse-acme-issue';
  const trust = (Principal: NonNullable<StatementJson['Principal']>, Condition = {}): PolicyJson => ({
    Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal, Condition },
  });
  const root = { AWS: 'arn:aws:iam::111111111111:root' };
  const knows = { StringEquals: { 'sts:ExternalId': 'secret' } };
  test.each<[string, PolicyJson, Record<string, string>, boolean]>([
    ['trusts the account of whoever asks', trust(root), {}, true],
    ['trusts it by its number', trust({ AWS: ['111111111111'] }), {}, true],
    ['trusts the role itself', trust({ AWS: principal }), {}, true],
    ['does not trust another account', trust({ AWS: 'arn:aws:iam::222222222222:root' }), {}, false],
    ['does not trust another role', trust({ AWS: `${principal}s` }), {}, false],
    ['does not trust a service that asks for none', trust({ Service: 'lambda.amazonaws.com' }), {}, false],
    ['trusts whoever knows the external id', trust(root, knows), { 'sts:ExternalId': 'secret' }, true],
    ['does not trust whoever guesses it', trust(root, knows), { 'sts:ExternalId': 'guess' }, false],
    ['does not trust whoever says none', trust(root, knows), {}, false],
    ['trusts one by its ARN', trust(root, { ArnEquals: { 'aws:PrincipalArn': principal } }), {}, true],
    ['does not trust another', trust(root, { ArnEquals: { 'aws:PrincipalArn': `${principal}s` } }), {}, false],
  ])('%s', (_, policy, context, expected) => {
    expect(isTrusted(policy, { principal, context }, KNOWN)).toBe(expected);
  });
});
