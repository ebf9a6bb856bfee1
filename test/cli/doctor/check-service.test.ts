/** What somebody who looks at a service may not see says nothing of the service. */
import { describe, expect, test } from 'vitest';
import { asVisitor } from '../../../cli/doctor/check-service.ts';
import { ok } from '../../../cli/doctor/diagnose.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';

const failing = (type: string) => () =>
  Promise.reject(new ProblemError({ type, detail: 'no', retry: 'never', fix: 'allow it' }));

describe('asVisitor', () => {
  test.each(['aws:AccessDeniedException', 'aws:AuthorizationErrorException', 'aws:AccessDenied'])(
    'warns of %s',
    async (type) => {
      expect(await asVisitor(failing(type))()).toEqual({
        state: 'warning',
        evidence: ['no'],
        fix: 'allow it',
        who: 'you',
      });
    },
  );

  test('lets every other problem through, and what is fine', async () => {
    await expect(asVisitor(failing('aws:NotFoundException'))()).rejects.toThrow('no');
    await expect(asVisitor(() => Promise.reject(new TypeError('ours')))()).rejects.toThrow('ours');
    expect(await asVisitor(async () => ok('fine'))()).toEqual(ok('fine'));
  });
});
