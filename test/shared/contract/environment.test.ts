/** What infra writes is what functions read, and all that is missing is said at once. */
import { expect, test } from 'vitest';
import { type Environment, environmentOf, FUNCTIONS, variablesOf } from '../../../shared/contract/environment.ts';

const whole: Environment = {
  ...{ service: 'nolapse', table: 't', bucket: 'b', fleet: { file: '/opt/f', sha256: 'h' } },
  ...{ queues: { issue: 'https://q/issue', 'deliver@corp': 'https://q/corp' } },
  ...{ attemptKey: 'arn:a', accountKey: 'arn:b', topicArn: 'arn:t', bus: 'bus' },
};

test.each(FUNCTIONS)('%s reads what was written for it', (name) => {
  const read = environmentOf(name, variablesOf(whole));
  expect(whole).toMatchObject(read);
  expect(read.queues).toEqual(whole.queues);
});

test('a function is not given what it does not need', () => {
  for (const one of ['attemptKey', 'bucket', 'bus'])
    expect(environmentOf('wake', variablesOf(whole))).not.toHaveProperty(one);
  expect(environmentOf('deliver', variablesOf(whole))).not.toHaveProperty('accountKey');
});

test('everything that is missing or malformed is named at once, with what to do', () => {
  const { NOLAPSE_TABLE: _table, ...rest } = variablesOf(whole);
  const read = () => environmentOf('issue', { ...rest, NOLAPSE_QUEUES: '[]', NOLAPSE_ATTEMPT_KEY: '' });
  expect(read).toThrow(
    [
      'NOLAPSE_ATTEMPT_KEY: is not set, the function issue needs it (deploy again: infra sets it)',
      'NOLAPSE_TABLE: is not set, the function issue needs it (deploy again: infra sets it)',
      'NOLAPSE_QUEUES: is no JSON object of queue URLs (deploy again: infra sets it)',
    ].join('\n'),
  );
});
