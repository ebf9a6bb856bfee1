/** That each policy is seen when it is violated, and no other with it: one planted violation for each way to violate one. */
import { describe, expect, test } from 'vitest';
import { violated } from './checks.ts';
import type { Input } from './input.ts';
import {
  annotated,
  annotations,
  base64,
  COMBINED,
  combined,
  csrOfKey,
  csrOfOther,
  csrWithout,
  DAY_MS,
  DETAILS,
  data,
  ISSUER,
  labels,
  members,
  metadata,
  NOW,
  OWNED,
  otherKey,
  ownedBy,
  owner,
  REFERENCE,
  referring,
  requested,
  sound,
  spec,
  theirs,
  withData,
  withMetadata,
  without,
  withSpec,
} from './sound.ts';

const unannotated = withMetadata({
  annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith(ISSUER))),
});
const asked = { duration: '2160h', usages: ['digital signature', 'key encipherment'] };
const formatted: Input = {
  ...withSpec(COMBINED),
  secret: {
    metadata: { ...metadata, managedFields: [owner(OWNED, { 'f:data': { 'f:tls-combined.pem': {} } })] },
    data: { ...data, 'tls-combined.pem': combined },
  },
};

describe('nothing is violated', () => {
  test.each<[string, Input]>([
    ['by what cert-manager writes', sound],
    ['by a request that asked for it', requested(csrOfKey, asked)],
    ['where nothing is said of an Issuer', { ...unannotated, spec: { ...spec, issuerRef: { name: 'le' } } }],
    ['by a second owner of the same fields', ownedBy(owner(OWNED, {}, 'nolapse-x'), owner(OWNED))],
    ['with an additional output that is there and owned', formatted],
    [
      'with a reference to the Certificate where it is wanted',
      withMetadata({ ownerReferences: [REFERENCE], managedFields: [referring] }, true),
    ],
    [
      'with renewal disabled, however old',
      { ...withSpec({ renewal: { policy: 'Disabled' } }), now: new Date(NOW.getTime() + 80 * DAY_MS) },
    ],
  ])('%s', (_, input) => {
    expect(violated(input)).toEqual([]);
  });
});

const later = (days: number): Input => ({ ...sound, now: new Date(NOW.getTime() + days * DAY_MS) });
const BOTH = ['trigger', 'readiness'];
const AFTER = ['post-issuance'];
const { secret: _none, ...alone } = sound;

describe('violated is', () => {
  test.each<[string, readonly string[], string, string, Input]>([
    ['SecretDoesNotExist', BOTH, 'no Secret', 'DoesNotExist', alone],
    ['SecretIsMissingData', BOTH, 'no key', 'MissingData: no tls.key', withData({ 'tls.key': '' })],
    ['SecretIsMissingData', BOTH, 'no certificate', 'MissingData: no tls.crt', withData({ 'tls.crt': '' })],
    ['SecretPublicKeysDiffer', BOTH, 'another key', 'InvalidKeyPair', withData({ 'tls.key': otherKey })],
    ['SecretPublicKeysDiffer', BOTH, 'no key at all', 'InvalidKeyPair', withData({ 'tls.key': base64('x') })],
    [
      'SecretPublicKeysDiffer',
      BOTH,
      'no certificate at all',
      'InvalidCertificate',
      withData({ 'tls.crt': base64('x') }),
    ],
    ['SecretIssuerAnnotationsMismatch', BOTH, 'another name', 'IncorrectIssuer', annotated(`${ISSUER}name`, 'x')],
    ['SecretIssuerAnnotationsMismatch', BOTH, 'another kind', 'IncorrectIssuer', annotated(`${ISSUER}kind`, 'Issuer')],
    ['SecretIssuerAnnotationsMismatch', BOTH, 'another group', 'IncorrectIssuer', annotated(`${ISSUER}group`, 'x')],
    ['SecretIssuerAnnotationsMismatch', BOTH, 'no annotation of a ClusterIssuer', 'IncorrectIssuer', unannotated],
    [
      'SecretCertificateNameAnnotationsMismatch',
      BOTH,
      'another name',
      'IncorrectCertificate: it says b',
      annotated('cert-manager.io/certificate-name', 'b'),
    ],
    ['SecretPrivateKeyMismatchesSpec', BOTH, 'another algorithm', 'SecretMismatch', withSpec({ privateKey: {} })],
    [
      'SecretPrivateKeyMismatchesSpec',
      BOTH,
      'another size',
      'SecretMismatch',
      withSpec({ privateKey: { algorithm: 'ECDSA', size: 384 } }),
    ],
    [
      'SecretPublicKeyDiffersFromCurrentCertificateRequest',
      BOTH,
      'a request by another key',
      'SecretMismatch',
      requested(csrOfOther),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'another subject in the request',
      'RequestChanged: spec.subject',
      requested(csrWithout),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'other usages in the request',
      'RequestChanged: spec.usages',
      requested(csrOfKey, { usages: ['any'] }),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'another issuer in the request',
      'RequestChanged: spec.issuerRef',
      requested(csrOfKey, { issuerRef: { name: 'x' } }),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'another DNS name',
      'SecretMismatch: spec.commonName or spec.dnsNames',
      withSpec({ dnsNames: ['c.example.com'] }),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'another address',
      'SecretMismatch: spec.ipAddresses',
      withSpec({ ipAddresses: [] }),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'another URI',
      'SecretMismatch: spec.uris',
      withSpec({ uris: ['spiffe://b'] }),
    ],
    [
      'CurrentCertificateRequestMismatchesSpec',
      BOTH,
      'another mail address',
      'SecretMismatch: spec.emailAddresses',
      withSpec({ emailAddresses: [] }),
    ],
    ['CurrentCertificateNearingExpiry', ['trigger'], 'two thirds of its life', 'Renewing', later(51)],
    ['CurrentCertificateNearingExpiry', ['trigger'], 'renewBefore', 'Renewing', withSpec({ renewBefore: '1944h0m0s' })],
    [
      'CurrentCertificateNearingExpiry',
      ['trigger'],
      'renewBeforePercentage',
      'Renewing',
      withSpec({ renewBeforePercentage: 90 }),
    ],
    [
      'SecretBaseLabelsMismatch',
      AFTER,
      'another value',
      'SecretManagedMetadataMismatch',
      withMetadata({ labels: { ...labels, 'controller.cert-manager.io/fao': 'x' } }),
    ],
    ...Object.keys(DETAILS).map((key): [string, readonly string[], string, string, Input] => [
      ...([
        'SecretCertificateDetailsAnnotationsMismatch',
        AFTER,
        key,
        `SecretTemplateMismatch: cert-manager.io/${key} says x`,
      ] as const),
      annotated(`cert-manager.io/${key}`, 'x'),
    ]),
    [
      'SecretSecretTemplateMismatch',
      AFTER,
      'another annotation',
      'SecretTemplateMismatch: example.com/note',
      annotated('example.com/note', 'x'),
    ],
    [
      'SecretSecretTemplateMismatch',
      AFTER,
      'another label',
      'SecretTemplateMismatch: team',
      withMetadata({ labels: { ...labels, team: 'x' } }),
    ],
    [
      'SecretManagedLabelsAndAnnotationsManagedFieldsMismatch',
      AFTER,
      'an annotation more',
      'SecretManagedMetadataMismatch',
      ownedBy(owner({ ...OWNED, 'f:annotations': members({ ...theirs, 'cert-manager.io/x': '' }) })),
    ],
    [
      'SecretManagedLabelsAndAnnotationsManagedFieldsMismatch',
      AFTER,
      'an annotation less',
      'SecretManagedMetadataMismatch',
      ownedBy(owner({ ...OWNED, 'f:annotations': members(without(theirs, 'cert-manager.io/uri-sans')) })),
    ],
    [
      'SecretManagedLabelsAndAnnotationsManagedFieldsMismatch',
      AFTER,
      'a label less',
      'SecretManagedMetadataMismatch',
      ownedBy(owner({ ...OWNED, 'f:labels': members({ team: '' }) })),
    ],
    [
      'SecretSecretTemplateManagedFieldsMismatch',
      AFTER,
      'a label more',
      'SecretTemplateMismatch',
      ownedBy(owner({ ...OWNED, 'f:labels': members({ ...labels, old: '' }) })),
    ],
    [
      'SecretSecretTemplateManagedFieldsMismatch',
      AFTER,
      'an annotation less',
      'SecretTemplateMismatch',
      ownedBy(owner({ ...OWNED, 'f:annotations': members(without(theirs, 'example.com/note')) })),
    ],
    [
      'SecretAdditionalOutputFormatsManagedFieldsMismatch',
      AFTER,
      'an output for no reason',
      'AdditionalOutputFormatsMismatch',
      ownedBy(owner(OWNED, { 'f:data': { 'f:key.der': {} } })),
    ],
    [
      'SecretOwnerReferenceManagedFieldMismatch',
      AFTER,
      'a reference for no reason',
      'SecretOwnerRefMismatch',
      ownedBy(referring),
    ],
    [
      'SecretOwnerReferenceMismatch',
      AFTER,
      'a wrong reference',
      'SecretOwnerRefMismatch',
      withMetadata({ ownerReferences: [{ ...REFERENCE, name: 'b' }], managedFields: [referring] }, true),
    ],
    [
      'SecretKeystoreFormatMismatch',
      AFTER,
      'a keystore for no reason',
      'SecretMismatch: keystore jks',
      withData({ 'keystore.jks': base64('x') }),
    ],
    [
      'SecretKeystoreFormatMismatch',
      AFTER,
      'no keystore',
      'SecretMismatch: keystore pkcs12',
      withSpec({ keystores: { pkcs12: { create: true } } }),
    ],
  ])('%s, in %j, by %s', (policy, chains, _what, why, input) => {
    const said = violated(input);
    expect(said.map((text) => text.split(':')[0])).toEqual(chains.map((chain) => `${chain} ${policy}`));
    expect(said[0]).toContain(`${policy}: ${why}`);
  });

  test('CurrentCertificateHasExpired besides, once it has', () => {
    expect(violated(later(82)).map((text) => text.split(':')[0])).toEqual([
      'trigger CurrentCertificateNearingExpiry',
      'readiness CurrentCertificateHasExpired',
    ]);
  });

  test('SecretAdditionalOutputFormatsMismatch, where the output is wrong', () => {
    const entry = owner(OWNED, { 'f:data': { 'f:key.der': {} } });
    const input: Input = {
      ...withSpec({ additionalOutputFormats: [{ type: 'DER' }] }),
      secret: { metadata: { ...metadata, managedFields: [entry] }, data: { ...data, 'key.der': base64('x') } },
    };
    expect(violated(input)).toEqual([
      'post-issuance SecretAdditionalOutputFormatsMismatch: AdditionalOutputFormatsMismatch: DER',
    ]);
  });
});
