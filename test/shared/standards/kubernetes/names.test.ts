/** Kubernetes names, label keys and values are told from what only looks like them. */
import { describe, expect, test } from 'vitest';
import {
  dnsLabelProblem,
  dnsSubdomainProblem,
  labelValueProblem,
  metadataKeyProblem,
} from '../../../../shared/standards/kubernetes/names.ts';

const LABEL = 'is no DNS-1123 label: a-z, 0-9 and inner hyphens';
const SUBDOMAIN = 'is no DNS-1123 subdomain: a-z, 0-9, inner hyphens and dots';
const KEY = 'is no key: letters, digits and inner - _ .';

describe('Kubernetes names', () => {
  test.each([
    [dnsLabelProblem, 'kube-system'],
    [dnsLabelProblem, 'a'.repeat(63)],
    [dnsSubdomainProblem, 'my-app.tls.v1'],
    [dnsSubdomainProblem, '0'],
    [metadataKeyProblem, 'app'],
    [metadataKeyProblem, 'cert-manager.io/issuer_Name.x'],
    [labelValueProblem, ''],
    [labelValueProblem, 'v1.2_A-b'],
  ])('%o takes %s', (check, text) => {
    expect(check(text)).toBeUndefined();
  });

  test.each([
    [dnsLabelProblem, '', `"" ${LABEL}`],
    [dnsLabelProblem, 'a.b', `"a.b" ${LABEL}`],
    [dnsLabelProblem, '-a', `"-a" ${LABEL}`],
    [dnsLabelProblem, 'a'.repeat(64), `"${'a'.repeat(64)}" has 64 characters, at most 63`],
    [dnsSubdomainProblem, '../../prod', `"../../prod" ${SUBDOMAIN}`],
    [dnsSubdomainProblem, 'a/b', `"a/b" ${SUBDOMAIN}`],
    [dnsSubdomainProblem, 'a..b', `"a..b" ${SUBDOMAIN}`],
    [dnsSubdomainProblem, 'Ab', `"Ab" ${SUBDOMAIN}`],
    [dnsSubdomainProblem, 'a\nb', `"a\\nb" ${SUBDOMAIN}`],
    [metadataKeyProblem, '__proto__', `"__proto__" ${KEY}`],
    [metadataKeyProblem, 'a/b/c', `"b/c" ${KEY}`],
    [metadataKeyProblem, '/b', `"" ${SUBDOMAIN}`],
    [labelValueProblem, 'a b', '"a b" is no label value: letters, digits and inner - _ .'],
  ])('%o refuses %j', (check, text, problem) => {
    expect(check(text)).toBe(problem);
  });
});
