/** A Secret says of itself what cert-manager would write, taken from the certificate that was really issued. */
import { expect, test } from 'vitest';
import { secretAnnotations } from '../../../../shared/standards/certmanager/annotations.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { makeLeaf } from '../../../fixtures/x509.ts';
import { specOf } from './manifest.ts';

test('a plain certificate has the names, and empty lists where it has none', async () => {
  const { pem } = await makeLeaf({ commonName: 'a.b', dnsNames: ['a.b', '*.a.b'] });
  const spec = specOf({ issuerRef: { name: 'le', kind: 'ClusterIssuer' } });
  expect(secretAnnotations({ name: 'shop', spec, facts: factsOf(pem) })).toEqual({
    labels: { 'controller.cert-manager.io/fao': 'true' },
    annotations: {
      'cert-manager.io/certificate-name': 'shop',
      'cert-manager.io/issuer-name': 'le',
      'cert-manager.io/issuer-kind': 'ClusterIssuer',
      'cert-manager.io/issuer-group': 'cert-manager.io',
      'cert-manager.io/common-name': 'a.b',
      'cert-manager.io/alt-names': 'a.b,*.a.b',
      'cert-manager.io/ip-sans': '',
      'cert-manager.io/uri-sans': '',
    },
  });
});

test('a rich certificate has its subject as CSV, and all its names', async () => {
  const { pem } = await makeLeaf({
    subject: [
      { C: ['DE'] },
      { ST: ['Bavaria'] },
      { L: ['Munich'] },
      { '2.5.4.9': ['Main, 1'] },
      { '2.5.4.17': ['80331'] },
      { O: ['Acme, Inc.'] },
      { O: ['Co\\'] },
      { OU: ['x'] },
      { '2.5.4.5': ['42'] },
    ],
    dnsNames: [],
    ipAddresses: ['10.0.0.1', '2001:db8::1'],
    uris: ['spiffe://a/b'],
    emailAddresses: ['a@b.c', 'd@e.f'],
  });
  const { annotations } = secretAnnotations({ name: 'n', spec: specOf({}), facts: factsOf(pem) });
  expect(annotations).toMatchObject({
    'cert-manager.io/common-name': '',
    'cert-manager.io/alt-names': '',
    'cert-manager.io/ip-sans': '10.0.0.1,2001:db8::1',
    'cert-manager.io/uri-sans': 'spiffe://a/b',
    'cert-manager.io/email-sans': 'a@b.c,d@e.f',
    'cert-manager.io/subject-organizations': '"Acme, Inc.",Co\\',
    'cert-manager.io/subject-organizationalunits': 'x',
    'cert-manager.io/subject-countries': 'DE',
    'cert-manager.io/subject-provinces': 'Bavaria',
    'cert-manager.io/subject-localities': 'Munich',
    'cert-manager.io/subject-streetaddresses': '"Main, 1"',
    'cert-manager.io/subject-postalcodes': '80331',
    'cert-manager.io/subject-serialnumber': '42',
  });
});

test('the template is kept, but cannot stand for what the certificate says of itself', async () => {
  const { pem } = await makeLeaf({ dnsNames: ['a.b'] });
  const spec = {
    ...specOf({}),
    secretTemplate: {
      labels: { app: 'x', 'controller.cert-manager.io/fao': 'false' },
      annotations: { note: 'y', 'cert-manager.io/alt-names': 'forged' },
    },
  };
  const { labels, annotations } = secretAnnotations({ name: 'n', spec, facts: factsOf(pem) });
  expect(labels).toEqual({ app: 'x', 'controller.cert-manager.io/fao': 'true' });
  expect(annotations).toMatchObject({ note: 'y', 'cert-manager.io/alt-names': 'a.b' });
});
