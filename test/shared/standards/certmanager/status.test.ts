/** cert-manager's status: what an object says already, what is sent so that it does, and whose it is while a cert-manager is alive. */
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../shared/contract/ports.ts';
import type { ConditionWish, StatusWish } from '../../../../shared/contract/status.ts';
import {
  keptByCertManager,
  saysAlready,
  statusChange,
  wholeSecond,
  withoutFailure,
} from '../../../../shared/standards/certmanager/status.ts';

const NOW = new Date('2026-11-24T09:00:00.700Z');
const HOUR = 3_600_000;
const ago = (ms: number): string => wholeSecond(new Date(NOW.getTime() - ms).toISOString());
const OURS = 'nolapse-acme';

const ready = (status: 'True' | 'False' = 'True'): ConditionWish => ({
  ...{ type: 'Ready', status, reason: 'Any', message: 'any', observedGeneration: 2 },
});
const failing: ConditionWish = { ...ready('False'), type: 'Issuing', reason: 'Failed' };
const VALID = { notBefore: '2026-11-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' };
const wish = (more: Partial<StatusWish> = {}): StatusWish => ({
  ...{ conditions: [ready()], fields: VALID, isOurIssue: true, ...more },
});
const since = (one: ConditionWish, lastTransitionTime = '2026-01-01T00:00:00Z') => ({ ...one, lastTransitionTime });
const SAID = { ...VALID, revision: 3, conditions: [since(ready())] };

describe('what an object says', () => {
  test.each<[string, unknown, Partial<StatusWish>, boolean]>([
    ['all of it', SAID, {}, true],
    ['more than it, of others', { ...SAID, future: 1, conditions: [...SAID.conditions, { type: 'Other' }] }, {}, true],
    ['nothing', undefined, {}, false],
    ['what is no status', 'Ready', {}, false],
    ['conditions that are none', { ...SAID, conditions: 'Ready' }, {}, false],
    ['another field', { ...SAID, notAfter: '2028-01-01T00:00:00Z' }, {}, false],
    ['another message', { ...SAID, conditions: [since({ ...ready(), message: 'x' })] }, {}, false],
    ['an older generation', { ...SAID, conditions: [since({ ...ready(), observedGeneration: 1 })] }, {}, false],
    ['that it is being issued', { ...SAID, conditions: [...SAID.conditions, since(failing)] }, {}, false],
    ['a failure that is over', { ...SAID, lastFailureTime: ago(0) }, {}, false],
    ['the key of another account', { ...SAID, acme: { uri: 'u', lastPrivateKeyHash: 'h' } }, {}, true],
    [
      'the key of another account beside ours',
      { acme: { uri: 'u', lastPrivateKeyHash: 'h' }, conditions: [since(ready())] },
      { fields: { acme: { uri: 'u' } } },
      false,
    ],
    ['our account', { acme: { uri: 'u' }, conditions: [since(ready())] }, { fields: { acme: { uri: 'u' } } }, true],
    [
      'another account',
      { acme: { uri: 'v' }, conditions: [since(ready())] },
      { fields: { acme: { uri: 'u' } } },
      false,
    ],
    ['no account', { conditions: [since(ready())] }, { fields: { acme: { uri: 'u' } } }, false],
  ])('%s', (_what, status, more, expected) => {
    expect(saysAlready({ status }, wish(more))).toBe(expected);
  });
});

describe('what is sent', () => {
  const sent = (status: unknown, more: Partial<StatusWish> = {}) => statusChange({ status }, wish(more), NOW);

  test.each<[string, unknown, Partial<StatusWish>, number | undefined]>([
    ['the first', undefined, {}, 1],
    ['the first that is known of, found where it was', {}, { isOurIssue: false }, 1],
    ['the next', { ...VALID, notAfter: '2026-12-01T00:00:00Z', revision: 3 }, {}, 4],
    ['the same once more, after a kill', SAID, {}, 3],
    [
      'one that somebody put there',
      { ...VALID, notAfter: '2026-12-01T00:00:00Z', revision: 3 },
      { isOurIssue: false },
      3,
    ],
    ['none', SAID, { fields: {} }, undefined],
    ['the first that a status counts by words', { ...SAID, revision: '3' }, {}, 1],
  ])('counts %s', (_what, status, more, revision) => {
    expect((sent(status, more).status as { revision?: number }).revision).toBe(revision);
  });

  test('a condition keeps its instant while its status stays, and changes with it', () => {
    const conditionsIn = (status: unknown, more?: Partial<StatusWish>) =>
      (sent(status, more).status as { conditions: readonly object[] }).conditions;
    expect(conditionsIn(SAID)).toEqual([since(ready())]);
    expect(conditionsIn(SAID, { conditions: [{ ...ready(), reason: 'Other' }] })).toEqual([
      since({ ...ready(), reason: 'Other' }),
    ]);
    expect(conditionsIn(SAID, { conditions: [ready('False'), failing] })).toEqual([
      since(ready('False'), '2026-11-24T09:00:00Z'),
      since(failing, '2026-11-24T09:00:00Z'),
    ]);
    expect(conditionsIn({ conditions: [ready()] })).toEqual([since(ready(), '2026-11-24T09:00:00Z')]);
  });

  test('nothing is taken away where nothing is over', () => {
    expect(sent(SAID)).toEqual({ status: SAID });
    expect(
      sent({ ...SAID, lastFailureTime: ago(0) }, { fields: { ...VALID, lastFailureTime: ago(0) } }),
    ).not.toHaveProperty('clear');
  });

  test('what is over is taken away, whoever has written it; conditions of others stay', () => {
    const other = { type: 'Other', status: 'True' };
    const passing = { lastFailureTime: ago(0), failedIssuanceAttempts: 2, nextPrivateKeySecretName: 'k' };
    expect(sent({ ...SAID, ...passing, conditions: [since(ready()), since(failing), other] }).clear).toEqual({
      ...{ lastFailureTime: null, failedIssuanceAttempts: null, nextPrivateKeySecretName: null },
      conditions: [since(ready()), other],
    });
    const acme = { uri: 'theirs', lastPrivateKeyHash: 'h' };
    expect(sent({ acme }, { fields: { acme: { uri: 'ours' } } }).clear).toEqual({ acme: { lastPrivateKeyHash: null } });
  });
});

describe('whose it is', () => {
  const wrote = (manager: string, ms: number, subresource: string | undefined = 'status') => ({
    ...{ manager, operation: 'Update', time: ago(ms) },
    ...(subresource === '' ? {} : { subresource }),
  });
  const kept = (kind: string, status: unknown, ...managedFields: readonly object[]) =>
    keptByCertManager(
      { kind, status, metadata: { name: 'a', uid: '1', resourceVersion: '1', managedFields } } as KubernetesObject,
      {
        ...{ wish: wish(), manager: OURS, now: NOW },
      },
    );
  const THEIRS = 'cert-manager-certificates-readiness';
  const until = (ms: number): string => new Date(Date.parse(ago(0)) + ms).toISOString();

  test.each<[string, readonly object[], string | undefined]>([
    ['nobody has written it', [], undefined],
    ['we alone have, just now', [wrote(OURS, 0)], undefined],
    ['somebody else has, who is no controller', [wrote('kubectl-edit', 0)], undefined],
    ['cert-manager wrote the object, not its status', [wrote(THEIRS, 0, '')], undefined],
    ['cert-manager wrote it a minute ago', [wrote(THEIRS, 60_000)], until(HOUR - 60_000)],
    ['cert-manager wrote it, and is gone', [wrote(THEIRS, 2 * HOUR)], undefined],
    ['one of its controllers is alive', [wrote(THEIRS, 2 * HOUR), wrote('cert-manager-issuing', 0)], until(HOUR)],
    ['it answers what we wrote', [wrote(OURS, 4 * HOUR), wrote(THEIRS, 3 * HOUR)], until(21 * HOUR)],
    ['it has answered for the last time', [wrote(OURS, 50 * HOUR), wrote(THEIRS, 30 * HOUR)], undefined],
    ['we have written after it, long ago', [wrote(OURS, HOUR), wrote(THEIRS, 3 * HOUR)], undefined],
  ])('of a Certificate: %s', (_what, managers, expected) => {
    expect(kept('Certificate', SAID, ...managers)).toBe(expected);
  });

  test('of an issuer: what cert-manager says of its account stays, if it comes to the same', () => {
    const old = wrote('cert-manager-clusterissuers', 100 * HOUR);
    expect(kept('ClusterIssuer', SAID, old)).toBe('always');
    expect(kept('ClusterIssuer', SAID, old, wrote(OURS, HOUR))).toBeUndefined();
    expect(kept('ClusterIssuer', { conditions: [ready('False')] }, old)).toBeUndefined();
    expect(kept('Issuer', {}, old)).toBeUndefined();
  });

  test('an entry without an instant is none', () => {
    const entry = { manager: THEIRS, operation: 'Update', subresource: 'status' };
    expect(
      kept('Certificate', {}, entry, { operation: 'Update', subresource: 'status', time: ago(0) }),
    ).toBeUndefined();
  });
});

test('who leaves takes along what has failed, and nothing else', () => {
  const fields = { ...VALID, lastFailureTime: ago(0), failedIssuanceAttempts: 2 };
  expect(withoutFailure(wish({ conditions: [ready('False'), failing], fields }))).toEqual(
    wish({ conditions: [ready('False')] }),
  );
});
