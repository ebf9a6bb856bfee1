/** The estimate is from above: no document that is really sent is larger than what was said before the order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bundleSize } from '../../../../shared/adapters/aws/secret-bundle.ts';
import type { IssuanceRequest } from '../../../../shared/contract/certificate.ts';
import { estimatedBundleBytes } from '../../../../shared/stages/plan/bundle-size.ts';
import { type KeyKind, makeIntermediate, makeKey, makeLeaf, makeRequest, makeRoot } from '../../../fixtures/x509.ts';

const KINDS: readonly (readonly [KeyKind, IssuanceRequest['key']])[] = [
  ['RSA-2048', { algorithm: 'RSA', size: 2048 }],
  ['RSA-3072', { algorithm: 'RSA', size: 3072 }],
  ['RSA-4096', { algorithm: 'RSA', size: 4096 }],
  ['P-256', { algorithm: 'ECDSA', size: 256 }],
  ['P-384', { algorithm: 'ECDSA', size: 384 }],
  ['Ed25519', { algorithm: 'Ed25519', size: 0 }],
];
const label = fc.stringMatching(/^[a-z0-9]{1,40}$/);
const names = fc.uniqueArray(
  label.map((one) => `${one}.example.com`),
  { minLength: 1, maxLength: 100 },
);
const addresses = fc.array(
  fc.nat(65_534).map((n) => `2001:db8::${(n + 1).toString(16)}`),
  { maxLength: 20 },
);

test('of random requests, all kinds of keys, one to a hundred names', async () => {
  // the longest to make, and the size is all that counts: one for the CAs and the leaf
  const key = makeKey('RSA-4096');
  const keys = new Map(KINDS.map(([kind]) => [kind, kind === 'RSA-4096' ? key : makeKey(kind)]));
  const root = await makeRoot({ key });
  const intermediate = await makeIntermediate(root, { key });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...KINDS), names, addresses, async ([kind, asked], dnsNames, ipAddresses) => {
      const leafKey = keys.get(kind);
      if (!leafKey) throw new Error(`no key of kind ${kind}`);
      const leaf = await makeLeaf({ key: leafKey, issuer: intermediate, dnsNames, ipAddresses });
      const chainPem = leaf.pem + intermediate.pem;
      const bundle = { chainPem, caPem: root.pem, keyPem: Buffer.from(leaf.keyPem), labels: {}, annotations: {} };
      const request = makeRequest({ dnsNames, ipAddresses, key: asked });
      const estimate = estimatedBundleBytes(request, undefined);
      expect(estimate).toBeGreaterThanOrEqual(bundleSize(bundle));
      expect(estimate).toBeLessThan(bundleSize(bundle) + 16_000);
    }),
    { numRuns: 60 },
  );
});
