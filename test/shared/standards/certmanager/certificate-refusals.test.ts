/** What breaks cert-manager's rules is refused by field, and what is not honoured by name. */
import { describe, expect, test } from 'vitest';
import { manifest, problemsOf, SPEC } from './manifest.ts';

describe('what breaks a rule is refused', () => {
  test.each([
    ['a duration under an hour', { duration: '59m' }, 'spec.duration: 59m is less than 1h'],
    ['a negative duration', { duration: '-2h' }, 'spec.duration: -2h is less than 1h'],
    [
      'renewBefore under five minutes',
      { renewBefore: '4m59s' },
      'spec.renewBefore: renewal 4m59s before expiry is less than 5m',
    ],
    [
      'renewBefore of the whole duration',
      { duration: '2h', renewBefore: '2h' },
      'spec.renewBefore: 2h is not less than the duration 2h',
    ],
    [
      'renewBefore over the default duration',
      { renewBefore: '2161h' },
      'spec.renewBefore: 2161h is not less than the duration 2160h',
    ],
    [
      'both renewBefores',
      { renewBefore: '1h', renewBeforePercentage: 50 },
      'spec.renewBeforePercentage: excludes renewBefore (keep one of the two)',
    ],
    ['0 percent', { renewBeforePercentage: 0 }, 'spec.renewBeforePercentage: 0 is not between 1 and 99'],
    ['100 percent', { renewBeforePercentage: 100 }, 'spec.renewBeforePercentage: 100 is not between 1 and 99'],
    [
      "a percentage that cert-manager's validator refuses",
      { duration: '1h', renewBeforePercentage: 95 },
      'spec.renewBeforePercentage: 5 % of 1h is less than 5m',
    ],
    [
      'half a percent',
      { renewBeforePercentage: 0.5 },
      'spec.renewBeforePercentage: expected a whole number, found a number',
    ],
    [
      'a policy of another name',
      { renewal: { policy: 'Never' } },
      'spec.renewal.policy: "Never" is none of RenewBefore, Disabled',
    ],
    ['no policy', { renewal: { windows: [] } }, undefined],
    [
      'windows and Disabled',
      { renewal: { policy: 'Disabled', windows: [{ cron: '@daily', windowDuration: '1h' }] } },
      'spec.renewal.windows: windows have no meaning with the policy Disabled (remove windows, or use RenewBefore)',
    ],
    [
      'a cron of six fields',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '0 0 2 * * *', windowDuration: '1h' }] } },
      'spec.renewal.windows[0].cron: "0 0 2 * * *" needs five fields: minute hour day month weekday',
    ],
    [
      "croner's own L",
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '0 2 L * *', windowDuration: '1h' }] } },
      'spec.renewal.windows[0].cron: "0 2 L * *" needs five fields: minute hour day month weekday',
    ],
    [
      'a cron out of range',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '61 * * * *', windowDuration: '1h' }] } },
      'spec.renewal.windows[0].cron: "61 * * * *" is no cron expression: Invalid value for minute: 61',
    ],
    [
      'a cron with its time zone',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: 'TZ=UTC 0 2 * * *', windowDuration: '1h' }] } },
      'spec.renewal.windows[0].cron: "TZ=UTC 0 2 * * *" has a time zone; it belongs into timezone',
    ],
    [
      'an unknown descriptor',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '@every 1h', windowDuration: '1h' }] } },
      'spec.renewal.windows[0].cron: "@every 1h" is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly',
    ],
    [
      'a window without length',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '@daily' }] } },
      'spec.renewal.windows[0].windowDuration: is required',
    ],
    [
      'a window of negative length',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '@daily', windowDuration: '-1h' }] } },
      'spec.renewal.windows[0].windowDuration: is negative',
    ],
    [
      'an unknown time zone',
      {
        renewal: { policy: 'RenewBefore', windows: [{ cron: '@daily', windowDuration: '1h', timezone: 'Mars/Base' }] },
      },
      'spec.renewal.windows[0].timezone: "Mars/Base" is no IANA time zone (write e.g. Europe/Berlin)',
    ],
    [
      'an offset for a time zone',
      { renewal: { policy: 'RenewBefore', windows: [{ cron: '@daily', windowDuration: '1h', timezone: '+01:00' }] } },
      'spec.renewal.windows[0].timezone: "+01:00" is no IANA time zone (write e.g. Europe/Berlin)',
    ],
    [
      'a common name of 65 bytes',
      { commonName: `${'ä'.repeat(32)}x` },
      'spec.commonName: has 65 bytes, at most 64 (leave it out: clients read dnsNames)',
    ],
    [
      'no names',
      { dnsNames: [] },
      'spec: names nothing (give at least one of dnsNames, ipAddresses, uris, emailAddresses or commonName)',
    ],
    ['an address that is none', { ipAddresses: ['10.0.0.300'] }, 'spec.ipAddresses[0]: "10.0.0.300" is no IP address'],
    ['a URI without scheme', { uris: ['a.b/c'] }, 'spec.uris[0]: "a.b/c" is no URI (scheme:…, ASCII)'],
    [
      'a mail address with a name',
      { emailAddresses: ['A <a@b.c>'] },
      'spec.emailAddresses[0]: "A <a@b.c>" is no plain e-mail address (user@example.com)',
    ],
    [
      'a mail address with a scheme',
      { emailAddresses: ['mailto:a@b.c'] },
      'spec.emailAddresses[0]: "mailto:a@b.c" is no plain e-mail address (user@example.com)',
    ],
    ['an empty name', { dnsNames: ['a.b', ''] }, 'spec.dnsNames[1]: is required'],
    [
      'a secret name with a path',
      { secretName: '../x' },
      'spec.secretName: "../x" is no DNS-1123 subdomain: a-z, 0-9, inner hyphens and dots',
    ],
    ['no secret name', { secretName: undefined }, 'spec.secretName: is required'],
    ['no issuer', { issuerRef: undefined }, 'spec.issuerRef.name: is required'],
    [
      'a kind that is none',
      { issuerRef: { name: 'i', kind: 'CA' } },
      'spec.issuerRef.kind: "CA" is none of Issuer, ClusterIssuer',
    ],
    [
      'RSA 1024',
      { privateKey: { size: 1024 } },
      'spec.privateKey.size: 1024 is no size of an RSA key (use 2048, 3072 or 4096)',
    ],
    [
      'RSA 16384',
      { privateKey: { size: 16384 } },
      'spec.privateKey.size: 16384 is no size of an RSA key (use 2048, 3072 or 4096)',
    ],
    [
      'ECDSA 2048',
      { privateKey: { algorithm: 'ECDSA', size: 2048 } },
      'spec.privateKey.size: 2048 is no size of an ECDSA key (use 256 or 384)',
    ],
    ['DSA', { privateKey: { algorithm: 'DSA' } }, 'spec.privateKey.algorithm: "DSA" is none of RSA, ECDSA, Ed25519'],
    [
      'an unknown usage',
      { usages: ['server-auth'] },
      'spec.usages[0]: "server-auth" is no key usage of cert-manager (e.g. digital signature, key encipherment, server auth, client auth, cert sign)',
    ],
    [
      'an annotation of cert-manager',
      { secretTemplate: { annotations: { 'cert-manager.io/x': 'y' } } },
      'spec.secretTemplate.annotations.cert-manager.io/x: cert-manager.io/* is written by the controller alone',
    ],
    [
      'an annotation of ours',
      { secretTemplate: { annotations: { 'nolapse.dev/fleet': 'y' } } },
      'spec.secretTemplate.annotations.nolapse.dev/fleet: nolapse.dev/* is written by the controller alone',
    ],
    [
      'a label value with a space',
      { secretTemplate: { labels: { a: 'b c' } } },
      'spec.secretTemplate.labels.a: "b c" is no label value: letters, digits and inner - _ .',
    ],
    [
      'an annotation key with a space',
      { secretTemplate: { annotations: { 'a b': 'c' } } },
      'spec.secretTemplate.annotations.a b: "a b" is no key: letters, digits and inner - _ .',
    ],
    [
      'a label that is a number',
      { secretTemplate: { labels: { a: 1 } } },
      'spec.secretTemplate.labels.a: expected a string, found a number (put the value in quotes)',
    ],
    ['a history of nothing', { revisionHistoryLimit: 0 }, 'spec.revisionHistoryLimit: 0 is less than 1'],
    ['names that are no list', { dnsNames: 'a.b' }, 'spec.dnsNames: expected a list, found a string'],
    ['a subject that is no map', { subject: ['x'] }, 'spec.subject: expected a map, found a list'],
    ['isCA in words', { isCA: 'yes' }, 'spec.isCA: expected true or false, found a string'],
  ])('%s', (_, more, problem) => {
    const expected = problem ?? 'spec.renewal.policy: is required (RenewBefore or Disabled)';
    expect(problemsOf(manifest({ ...SPEC, ...more }))).toEqual([expected]);
  });

  test.each([
    ['no metadata', { spec: SPEC }, ['metadata.name: is required']],
    [
      'a bad name and namespace',
      manifest(SPEC, { name: 'A', namespace: 'a.b' }),
      [
        'metadata.name: "A" is no DNS-1123 subdomain: a-z, 0-9, inner hyphens and dots',
        'metadata.namespace: "a.b" is no DNS-1123 label: a-z, 0-9 and inner hyphens',
      ],
    ],
    ['no spec', { metadata: { name: 'c' } }, ['spec: is required']],
    ['no manifest', 'text', ['metadata.name: is required', 'spec: is required']],
    [
      'several things',
      manifest({ ...SPEC, duration: '1d', isCA: 1 }),
      [
        'spec.duration: "1d" is no duration: unknown unit "d" (h, m, s, ms; 1d is 24h)',
        'spec.isCA: expected true or false, found a number',
      ],
    ],
  ])('%s, all at once', (_, document, problems) => {
    expect(problemsOf(document)).toEqual(problems);
  });
});

describe('what is not honoured is refused by name', () => {
  test.each([
    ['literalSubject', 'CN=x', 'a literal subject is not honoured by Nolapse (write subject and commonName)'],
    [
      'otherNames',
      [{ oid: '1', utf8Value: 'x' }],
      'a list of otherName SANs is not honoured by Nolapse (remove otherNames, or leave this certificate to cert-manager)',
    ],
    [
      'nameConstraints',
      { critical: true },
      'a list of name constraints is not honoured by Nolapse (remove nameConstraints, or leave this CA to cert-manager)',
    ],
    [
      'keystores',
      { jks: { create: true } },
      'a keystore (JKS, PKCS#12) is not honoured by Nolapse (remove keystores and convert tls.crt and tls.key where they are read)',
    ],
    [
      'additionalOutputFormats',
      [{ type: 'DER' }],
      'an additional output format is not honoured by Nolapse (remove it and read tls.crt and tls.key)',
    ],
    [
      'signatureAlgorithm',
      'SHA256WithRSA',
      'a chosen signature algorithm is not honoured by Nolapse (remove it: the algorithm follows from the issuer’s key)',
    ],
    [
      'privateKey',
      { rotationPolicy: 'Never' },
      'Never is not honoured by Nolapse (use Always: every certificate gets a new key)',
    ],
    ['privateKey', { size: 8192 }, 'RSA 8192 is not honoured by Nolapse (use 2048, 3072 or 4096)'],
    ['privateKey', { algorithm: 'ECDSA', size: 521 }, 'ECDSA 521 is not honoured by Nolapse (use 256 or 384)'],
    [
      'issuerRef',
      { name: 'x', kind: 'AWSPCAIssuer', group: 'awspca.cert-manager.io' },
      'issuers of the group "awspca.cert-manager.io" are not honoured by Nolapse (use an acme, ca or selfSigned issuer, or leave this certificate to cert-manager)',
    ],
  ])('%s %j', (field, value, message) => {
    const [problem, ...others] = problemsOf(manifest({ ...SPEC, [field]: value }));
    expect(others).toEqual([]);
    expect(problem?.startsWith(`spec.${field}`)).toBe(true);
    expect(problem?.slice(problem.indexOf(': ') + 2)).toBe(message);
  });
});
