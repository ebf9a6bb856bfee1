/** A cluster that cannot be read and manifests that cannot be followed, each as one finding. */
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../../shared/contract/problem.ts';
import type { LaneState } from '../../../../shared/contract/rows.ts';
import { sourceDown, sourceGaps, unreadableManifest } from '../../../../shared/stages/assess/judge.ts';
import { at, HOUR, NOW } from './judged-things.ts';

const problem: Problem = { type: 'kubernetes:Unreachable', detail: 'connect ECONNREFUSED', retry: 'later' };
const lane = (failures: number, lastOkAt?: string): LaneState => ({
  ...{ lane: 'inventory:prod', failures },
  ...(lastOkAt && { lastOkAt }),
});

describe('sourceDown', () => {
  test.each<[string, Problem, LaneState | undefined, string]>([
    ['a first failure, read an hour ago', problem, lane(1, at(-HOUR)), 'warning'],
    ['three failures', problem, lane(3, at(-HOUR)), 'high'],
    ['read three hours ago', problem, lane(1, at(-3 * HOUR)), 'warning'],
    ['read longer ago', problem, lane(1, at(-3 * HOUR - 1)), 'high'],
    ['never read', problem, lane(1), 'high'],
    ['never run', problem, undefined, 'high'],
    ['refused for good', { ...problem, retry: 'never' }, lane(1, at(-HOUR)), 'high'],
  ])('%s', (_, what, state, severity) => {
    expect(sourceDown('prod', what, state, NOW)).toMatchObject({ code: 'source-down', severity });
  });

  test('says how old what is known is, and hands on the fix', () => {
    const verdict = sourceDown('prod', { ...problem, fix: 'Open the port' }, lane(2, at(-2 * HOUR)), NOW);
    expect(verdict).toMatchObject({
      object: { cluster: 'prod', kind: 'Cluster', name: 'prod' },
      message:
        'The cluster prod cannot be read, and what is known of it is 2 hours old, of 2026-11-24 07:00 UTC: connect ECONNREFUSED',
      evidence: { problemType: 'kubernetes:Unreachable', tried: 'twice', lastRead: at(-2 * HOUR) },
      fix: 'Open the port',
      rootCause: 'source-down:prod',
    });
  });
});

describe('sourceGaps', () => {
  const gap = (what: string) => ({ what, problem: `no ${what}`, fix: `allow ${what}` });
  test.each([
    [['tls-secrets', 'ingresses'], 'high'],
    [['certificates', 'kube-system'], 'warning'],
    [['kube-system'], 'info'],
  ])('%s', (kinds, severity) => {
    const said = { code: 'source-down', severity, fix: kinds.map((kind) => `allow ${kind}`).join('; ') };
    expect(sourceGaps('prod', kinds.map(gap))).toMatchObject([said]);
  });

  test('tells the refusal that matters most in whole words, and one role for all of them', () => {
    const refused = (what: string) => {
      const rule = `{ resources: ["${what}"] }`;
      return { what, problem: `no ${what}; blind`, fix: `bind ${rule}`, refused: { rule, instead: `${what} unknown` } };
    };
    const others = { what: 'handshakes', problem: 'of 3 hosts 1 could not be seen' };
    const down = { ...gap('certificates'), problem: 'status 500' };
    const gaps = [refused('kube-system'), refused('tls-secrets'), refused('ingresses'), down, others];
    expect(sourceGaps('prod', gaps)).toMatchObject([
      {
        severity: 'high',
        message:
          'The cluster prod is read in part only: no tls-secrets; blind; refused as well: kube-system, ingresses; status 500; of 3 hosts 1 could not be seen',
        evidence: {
          'kube-system': 'refused; kube-system unknown',
          'tls-secrets': 'refused; tls-secrets unknown',
          ingresses: 'refused; ingresses unknown',
          certificates: 'status 500',
          handshakes: 'of 3 hosts 1 could not be seen',
        },
        fix: 'bind a ClusterRole with the rules { resources: ["kube-system"] }, { resources: ["tls-secrets"] }, { resources: ["ingresses"] }; as a manifest, with the --fleet or --context of this look: nolapse rbac prod --audit; allow certificates',
      },
    ]);
    const [alone] = sourceGaps('prod', [refused('tls-secrets'), others]);
    expect(alone?.fix).toBe('bind { resources: ["tls-secrets"] }');
  });

  test('says nothing of a cluster that was read wholly', () => {
    expect(sourceGaps('prod', [])).toEqual([]);
  });
});

test('unreadableManifest names the object, every problem and the command', () => {
  const object = { kind: 'Certificate', namespace: 'shop', name: 'web' };
  const problems = ['spec.keystores: not honoured', 'spec.duration: not a duration'];
  expect(unreadableManifest({ object, problems, names: ['shop.example.com'] }, 'prod')).toEqual({
    code: 'unreadable',
    severity: 'warning',
    object: { cluster: 'prod', ...object },
    names: ['shop.example.com'],
    message:
      'The Certificate shop/web in prod cannot be followed: spec.keystores: not honoured; spec.duration: not a duration',
    evidence: {},
    fix: 'Correct what the message names: kubectl -n shop edit certificate web',
  });
  const long = ['x'.repeat(400), 'y'.repeat(400)];
  expect(unreadableManifest({ object, problems: long, names: [] }, 'prod').evidence).toEqual({
    problems: long.join('; '),
  });
});
