/** The exit code of every outcome. */
import { expect, test } from 'vitest';
import { exitCode, type FailOn, type Outcome } from '../../cli/exit-code.ts';
import { finding } from './values.ts';

const high = [finding({ severity: 'high' })];

test.each<[string, Outcome, FailOn, number]>([
  ['nothing to say', {}, 'high', 0],
  ['a finding below the bar', { findings: [finding({ severity: 'warning' })] }, 'high', 0],
  ['a finding at the bar', { findings: high }, 'high', 1],
  ['a finding above the bar', { findings: high }, 'info', 1],
  ['findings when none may fail', { findings: [finding()] }, 'never', 0],
  ['an order that is not done', { inProgress: true, findings: high }, 'high', 4],
  ['a failure before all else', { failed: true, inProgress: true, findings: high }, 'high', 3],
  ['a failure, even when no finding may fail', { failed: true }, 'never', 3],
])('%s', (_, outcome, failOn, code) => {
  expect(exitCode(outcome, failOn)).toBe(code);
});
