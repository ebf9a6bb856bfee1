/** What `nolapse rbac` prints: YAML that is exactly the rights, with the reason of each. */
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { rbac } from '../../cli/rbac.ts';
import type { RbacOptions } from '../../cli/rights-program.ts';
import { fleet } from '../shared/rights/service.ts';

const options = (cluster: string, more: Partial<RbacOptions> = {}): RbacOptions => ({
  ...{ cluster, audit: false, issuerSecrets: [] },
  ...more,
});

describe('the YAML', () => {
  const { document, lines } = rbac(options('prod-eu', { issuerSecrets: ['cert-manager/internal-ca'] }), fleet);
  const text = lines.join('\n');

  test('is the document, manifest by manifest', () => {
    const manifests = parseAllDocuments(text).map((one) => one.toJS());
    expect({ apiVersion: 'v1', kind: 'List', items: manifests.filter(Boolean) }).toEqual(document);
  });

  test('says to whom it goes, and why each role is needed', () => {
    expect(text).toMatch(/^# For the administrators of the cluster prod-eu: /);
    expect(text.match(/^# Why: /gm)).toHaveLength(text.match(/^kind: (Cluster)?Role$/gm)?.length ?? 0);
  });

  test('keeps words on one line', () => {
    expect(text).toContain('\n    verbs: [get, create, patch]\n');
  });
});

describe('the comments', () => {
  const said = (one: RbacOptions): string =>
    rbac(one, fleet)
      .lines.filter((line) => line.startsWith('#'))
      .join(' ')
      .replaceAll(' # ', ' ');

  test.each([
    ['how Secrets of issuers are added', options('prod-eu'), 'add --issuer-secret'],
    ['who it is bound to', options('edge'), 'the groups that the access entries of EKS give'],
    ['what it is for', options('looked-at'), 'what Nolapse (fleet acme) needs there to look and tell'],
  ])('say %s', (_, one, words) => {
    expect(said(one)).toContain(words);
  });

  test.each([
    ['issuers where their Secrets were named', options('prod-eu', { issuerSecrets: ['a/b'] }), '--issuer-secret'],
    ['issuers where nothing is renewed', options('prod-eu', { audit: true }), '--issuer-secret'],
    ['groups where somebody is named', options('edge', { bind: 'user:me' }), 'access entries'],
  ])('do not speak of %s', (_, one, words) => {
    expect(said(one)).not.toContain(words);
  });
});

test.each([
  ['user:me', { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'me' }],
  ['group:system:nolapse', { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nolapse' }],
  ['serviceaccount:tools/nolapse', { kind: 'ServiceAccount', namespace: 'tools', name: 'nolapse' }],
])('--bind %s is a subject', (bind, subject) => {
  expect(rbac(options('looked-at', { bind }), fleet).document).toMatchObject({
    items: [{ kind: 'ClusterRole' }, { kind: 'ClusterRoleBinding', subjects: [subject] }],
  });
});

test.each<[string, RbacOptions, string]>([
  [
    'an unknown cluster',
    options('edgy'),
    '<cluster>: the fleet has no cluster "edgy"; it has prod-eu, own, looked-at, edge (did you mean edge?)',
  ],
  [
    'a subject that is none',
    options('edge', { bind: 'me' }),
    '--bind: "me" names nobody; it is user:<name>, group:<name> or serviceaccount:<namespace>/<name> (see who you are there: kubectl auth whoami)',
  ],
  [
    'a Secret without a namespace',
    options('edge', { issuerSecrets: ['ca'] }),
    '--issuer-secret: "ca" is no Secret; it is <namespace>/<name> (write e.g. cert-manager/internal-ca)',
  ],
])('%s is said', (_, one, message) => {
  expect(() => rbac(one, fleet)).toThrow(expect.objectContaining({ name: 'InputError', message }));
});
