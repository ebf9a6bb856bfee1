/** What is put into a place: certificate, key in the encoding asked for, cert-manager's words and our marks. */
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { MARK } from '../../../../shared/contract/marks.ts';
import { bundleOf } from '../../../../shared/stages/deliver/bundle.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { makeLeaf } from '../../../fixtures/x509.ts';
import { spec, wanted } from '../assess/judged-things.ts';

test.each([
  ['PKCS1', 'BEGIN EC PRIVATE KEY'],
  ['PKCS8', 'BEGIN PRIVATE KEY'],
] as const)('key as %s, marks as facts', async (encoding, begin) => {
  const leaf = await makeLeaf();
  const facts = factsOf(leaf.x509);
  const bundle = bundleOf({
    current: { facts, chainPem: leaf.pem, caPem: 'CA', issuedAt: facts.notBefore, origin: 'issued' },
    wanted: wanted('a', { spec: spec({ privateKey: { algorithm: 'ECDSA', size: 256, encoding } }) }),
    ...{ issuance: 'iss-a', fleet: 'acme', installation: 'i1', plainKey: Buffer.from(leaf.keyPem) },
  });
  const key = Buffer.from(bundle.keyPem);
  expect(key.toString()).toContain(begin);
  expect(createPrivateKey(key).equals(leaf.key)).toBe(true);
  expect(bundle).toMatchObject({ chainPem: leaf.pem, caPem: 'CA' });
  expect(bundle.annotations).toMatchObject({
    ...{ [MARK.fleet]: 'acme', [MARK.installation]: 'i1', [MARK.issuance]: 'iss-a', [MARK.sha256]: facts.sha256 },
    ...{ [MARK.certificate]: 'prod/shop/a', [MARK.serial]: facts.serial, [MARK.notAfter]: facts.notAfter },
    ...{ 'cert-manager.io/certificate-name': 'a', 'cert-manager.io/issuer-name': 'letsencrypt' },
  });
  expect(JSON.stringify({ ...bundle, keyPem: '' })).not.toContain('PRIVATE KEY');
});

test.each([
  ['Certificate', 'cert-manager-certificates-issuing'],
  ['Ingress', 'cert-manager-certificates-issuing'],
  ['FleetCertificate', undefined],
] as const)('for a %s, who owns the words of cert-manager beside us is %s', async (origin, coOwner) => {
  const leaf = await makeLeaf();
  const facts = factsOf(leaf.x509);
  const bundle = bundleOf({
    current: { facts, chainPem: leaf.pem, issuedAt: facts.notBefore, origin: 'issued' },
    wanted: wanted('a', { origin }),
    ...{ issuance: 'iss-a', fleet: 'acme', installation: 'i1', plainKey: Buffer.from(leaf.keyPem) },
  });
  expect(bundle.coOwner).toBe(coOwner);
});
