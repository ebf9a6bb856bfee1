/** Errors of AWS services and of the SDK, and what is said of each. */
import { describe, expect, test } from 'vitest';
import { awsProblem, isTransient } from '../../../../shared/adapters/aws/aws-problem.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';

/** As the SDK makes them. */
const failure = (name: string, status: number | undefined, more: object = {}): Error =>
  Object.assign(new Error('said'), { name, $metadata: status === undefined ? {} : { httpStatusCode: status } }, more);

describe('awsProblem', () => {
  test.each([
    ['Throttling', 400, 'later'],
    ['ThrottlingException', 400, 'later'],
    ['PriorRequestNotComplete', 400, 'later'],
    ['TooManyRequestsException', 429, 'later'],
    ['InternalServiceError', 500, 'later'],
    ['ServiceUnavailable', 503, 'later'],
    ['ExpiredTokenException', 403, 'later'],
    ['AccessDenied', 403, 'never'],
    ['AccessDeniedException', 400, 'never'],
    ['NoSuchHostedZone', 404, 'never'],
    ['InvalidChangeBatch', 400, 'never'],
    ['UnrecognizedClientException', 400, 'never'],
  ])('%s with %i is tried again: %s', (name, status, retry) => {
    expect(awsProblem(failure(name, status), 'changing zone Z1')).toMatchObject({
      type: `aws:${name}`,
      detail: 'changing zone Z1: said',
      status,
      retry,
    });
  });

  test.each([
    ['ECONNREFUSED', failure('Error', undefined, { code: 'ECONNREFUSED' })],
    ['a time-out', failure('TimeoutError', undefined)],
  ])('%s is nobody there, and worth another try', (_, error) => {
    expect(awsProblem(error, 'x')).toMatchObject({
      type: 'nolapse:unreachable',
      retry: 'later',
      fix: expect.any(String),
    });
    expect(isTransient(error)).toBe(true);
  });

  test.each([
    ['CredentialsProviderError', 'Could not load credentials from any providers'],
    ['Error', 'Region is missing'],
  ])('%s: %s is a setting that is missing', (name, message) => {
    const problem = awsProblem(failure(name, undefined, { message }), 'x');
    expect(problem).toMatchObject({ retry: 'never', fix: expect.stringContaining('AWS_REGION') });
  });

  test.each([
    [
      'User: arn:aws:iam::1:user/a is not authorized to perform: route53:GetChange on resource: arn:aws:route53:::change/C1 because no identity-based policy allows it',
      'allow route53:GetChange on arn:aws:route53:::change/C1 in the IAM policy of the identity that Nolapse uses',
    ],
    [
      'User: a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/dns',
      "allow sts:AssumeRole on arn:aws:iam::2:role/dns for this identity, and this identity in the role's trust policy",
    ],
    ['no', 'allow the action in the IAM policy of the identity that Nolapse uses'],
  ])('%s', (message, fix) => {
    expect(awsProblem(failure('AccessDenied', 403, { message }), 'x').fix).toBe(fix);
  });

  test('a value that AWS echoes is not shown', () => {
    const message = "Value '-----BEGIN PRIVATE KEY-----\nMIIE' at 'secretString' failed to satisfy constraint";
    expect(JSON.stringify(awsProblem(failure('ValidationException', 400, { message }), 'x'))).not.toContain('MIIE');
  });

  test('what is a Problem already stays as it is', () => {
    const problem = { type: 'nolapse:x', detail: 'd', retry: 'later' } as const;
    expect(awsProblem(new ProblemError(problem), 'x')).toBe(problem);
  });
});
