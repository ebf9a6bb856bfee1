/** What is said of anything thrown: whole, on clear lines, with the exit code of its kind. */
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { failedWith } from '../../cli/failure.ts';
import { InputError, ProblemError } from '../../shared/contract/problem.ts';

describe('failedWith', () => {
  test('puts every problem of the input on a line of its own that begins with its place', () => {
    const problems = [
      { where: 'fleet.yaml:3:5', message: 'unknown key "clusterz"', fix: 'did you mean clusters?' },
      { where: 'fleet.yaml:9:1', message: 'a name of \u001b[31m' },
    ];
    expect(failedWith(new InputError(problems))).toEqual({
      code: 2,
      lines: [
        'fleet.yaml:3:5: unknown key "clusterz"\n  fix: did you mean clusters?',
        'fleet.yaml:9:1: a name of \\u{1b}[31m',
      ],
      document: { error: { message: '2 problems in what was given', problems } },
    });
  });

  test('keeps a problem whole: subproblems, retry and fix', () => {
    const problem = {
      type: 'urn:ietf:params:acme:error:compound',
      detail: 'two names were refused',
      retry: 'never' as const,
      fix: 'remove them',
      subproblems: [{ type: 'urn:x', detail: 'no', identifier: { type: 'dns', value: 'a.example' } }],
    };
    expect(failedWith(new ProblemError(problem))).toEqual({
      code: 3,
      lines: ['two names were refused', '  a.example: no', '  fix: remove them'],
      document: { error: { message: 'two names were refused', problems: [problem] } },
    });
  });

  test('says once what stopped several lanes', () => {
    const problem = (detail: string) => ({ type: 'nolapse:state-full', detail, retry: 'never' as const });
    const thrown = ['full', 'full', 'gone'].map((detail) => new ProblemError(problem(detail)));
    expect(failedWith(new AggregateError(thrown, '3 lanes failed'))).toEqual({
      code: 3,
      lines: ['full', 'gone'],
      document: { error: { message: 'full; gone', problems: [problem('full'), problem('gone')] } },
    });
  });

  test('shows where an error came from that nobody foresaw', () => {
    const { code, lines } = failedWith(new TypeError('x is undefined'));
    expect(code).toBe(3);
    expect(lines[0]).toBe('x is undefined');
    expect(lines[1]).toMatch(/^TypeError: x is undefined\n +at /);
  });

  test('says what commander says, without its prefix', () => {
    const error = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'\n(Did you mean --y?)");
    expect(failedWith(error).lines).toEqual(["command line: unknown option '--x'\n  fix: Did you mean --y?"]);
  });
});
