/** The patch that gives a Secret back: what of ours goes, what of others stays, and when there is nothing to send. */
import { expect, test } from 'vitest';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { KubernetesObject } from '../../../../shared/contract/ports.ts';
import { releasePatch } from '../../../../shared/standards/kubernetes/secret-owners.ts';

type Metadata = KubernetesObject['metadata'];
const owner = (manager: string, operation = 'Apply') => ({
  manager,
  operation,
  fieldsV1: { 'f:data': {} },
  time: 'then',
});
const secret = (more: Partial<Metadata>): KubernetesObject => ({
  metadata: { name: 'a', uid: 'u', resourceVersion: '7', ...more },
});
const marks = Object.fromEntries(Object.values(MARK).map((name) => [name, 'x']));
const patchOf = (more: Partial<Metadata>) => releasePatch(secret(more), 'acme')?.metadata;

test('every mark goes, what cert-manager would write and what others wrote stays', () => {
  const annotations = { ...marks, 'cert-manager.io/issuer-name': 'a', 'nolapse.dev/clusters': 'b' };
  const patch = patchOf({ annotations, managedFields: [owner('nolapse-acme'), owner('kubectl')] });
  expect(Object.keys(patch?.annotations ?? {}).toSorted()).toEqual(Object.keys(marks).toSorted());
  expect(new Set(Object.values(patch?.annotations ?? {}))).toEqual(new Set([null]));
  expect(patch?.resourceVersion).toBe('7');
});

test.each([
  ['as we created and as we applied', [owner('nolapse-acme', 'Update'), owner('kubectl'), owner('nolapse-acme')]],
  ['not those of another fleet', [owner('kubectl')]],
])('owners keep what is theirs, whole: %s', (_what, managedFields) => {
  expect(patchOf({ annotations: marks, managedFields })?.managedFields).toEqual([owner('kubectl')]);
});

test('another fleet is another owner', () => {
  expect(patchOf({ managedFields: [owner('nolapse-acme-2'), owner('nolapse-acme')] })?.managedFields).toEqual([
    owner('nolapse-acme-2'),
  ]);
});

test.each([
  ['we were its only owner', { managedFields: [owner('nolapse-acme')] }],
  ['nobody owns anything', { annotations: marks }],
])('where %s, one is left who stands in the way of nobody', (_what, more) => {
  expect(patchOf(more)?.managedFields).toMatchObject([{ manager: 'before-first-apply', fieldsV1: { 'f:type': {} } }]);
});

test.each([
  ['has no metadata of that kind', {}],
  ['is of others', { annotations: { a: 'b' }, managedFields: [owner('kubectl')] }],
])('nothing is sent for one that %s', (_what, more) => {
  expect(patchOf(more)).toBeUndefined();
});
