/** A Certificate and its Secret as cert-manager leaves them, and each with one thing changed: what the test of the checks plants. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Input, SecretMetadata } from './input.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
export const NOW = new Date('2026-06-01T00:00:00Z');
export const DAY_MS = 86_400_000;
const ISSUING = 'cert-manager-certificates-issuing';
export const base64 = (text: string): string => Buffer.from(text).toString('base64');

x509.cryptoProvider.set(webcrypto);
const newKeys = () => webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
const pemOf = async (keys: webcrypto.CryptoKeyPair): Promise<string> =>
  `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')}\n`;
const keys = await newKeys();
const name = 'CN=a.example.com, O="Shop, Inc.", O=Other, C=DE, 2.5.4.5=42, 2.5.4.17=80331';
const names = new x509.SubjectAlternativeNameExtension([
  { type: 'dns', value: 'a.example.com' },
  { type: 'dns', value: 'b.example.com' },
  { type: 'ip', value: '2001:db8::1' },
  { type: 'url', value: 'spiffe://a' },
  { type: 'email', value: 'a@example.com' },
]);
/** Nine days old of ninety. */
const certificate = await x509.X509CertificateGenerator.createSelfSigned({
  ...{ name, keys, signingAlgorithm: ECDSA, extensions: [names] },
  notBefore: new Date(NOW.getTime() - 9 * DAY_MS),
  notAfter: new Date(NOW.getTime() + 81 * DAY_MS),
});
const csr = async (of: webcrypto.CryptoKeyPair, subject = name): Promise<string> =>
  base64(
    (
      await x509.Pkcs10CertificateRequestGenerator.create({
        ...{ name: subject, keys: of, signingAlgorithm: ECDSA, extensions: [names] },
      })
    ).toString('pem'),
  );

export const otherKey = base64(await pemOf(await newKeys()));
export const [csrOfKey, csrOfOther, csrWithout] = [
  await csr(keys),
  await csr(await newKeys()),
  await csr(keys, 'CN=a.example.com'),
];

export const DETAILS = {
  'common-name': 'a.example.com',
  'alt-names': 'a.example.com,b.example.com',
  'ip-sans': '2001:db8::1',
  'uri-sans': 'spiffe://a',
  'email-sans': 'a@example.com',
  'subject-organizations': '"Shop, Inc.",Other',
  'subject-countries': 'DE',
  'subject-serialnumber': '42',
  'subject-postalcodes': '80331',
};
const OF_ISSUER = {
  'certificate-name': 'a',
  'issuer-name': 'le',
  'issuer-kind': 'ClusterIssuer',
  'issuer-group': 'cert-manager.io',
};
export const annotations: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries({ ...DETAILS, ...OF_ISSUER }).map(([key, text]) => [`cert-manager.io/${key}`, text]),
  ),
  'example.com/note': 'kept',
  'nolapse.dev/fleet': 'ours',
};
export const labels: Record<string, string> = { 'controller.cert-manager.io/fao': 'true', team: 'shop' };

type Entry = NonNullable<SecretMetadata['managedFields']>[number];
export const members = (texts: Record<string, string>) =>
  Object.fromEntries(Object.keys(texts).map((key) => [`f:${key}`, {}]));
export const owner = (metadata: object, more: object = {}, manager = ISSUING): Entry => ({
  ...{ manager, operation: 'Apply' },
  fieldsV1: { 'f:metadata': metadata, ...more },
});
export const { 'nolapse.dev/fleet': _ours, ...theirs } = annotations;
export const OWNED = { 'f:annotations': members(theirs), 'f:labels': members(labels) };

export const spec: Input['spec'] = {
  ...{ secretName: 'a-tls', commonName: 'a.example.com', dnsNames: ['b.example.com', 'a.example.com'] },
  ...{ ipAddresses: ['2001:0db8::1'], uris: ['spiffe://a'], emailAddresses: ['a@example.com'] },
  subject: { organizations: ['Other', 'Shop, Inc.'], countries: ['DE'], serialNumber: '42', postalCodes: ['80331'] },
  issuerRef: { name: 'le', kind: 'ClusterIssuer' },
  privateKey: { algorithm: 'ECDSA' },
  secretTemplate: { labels: { team: 'shop' }, annotations: { 'example.com/note': 'kept' } },
};
export const data = { 'tls.crt': base64(certificate.toString('pem')), 'tls.key': base64(await pemOf(keys)) };
export const metadata: SecretMetadata = {
  labels,
  annotations,
  managedFields: [owner(OWNED), owner({}, { 'f:data': {} }, 'x')],
};
export const sound: Input = { ...{ name: 'a', uid: 'u', spec, ownerRef: false, now: NOW }, secret: { metadata, data } };

export const withSpec = (more: Partial<Input['spec']>): Input => ({ ...sound, spec: { ...spec, ...more } });
export const withData = (more: Record<string, string>): Input => ({
  ...sound,
  secret: { metadata, data: { ...data, ...more } },
});
export const withMetadata = (more: SecretMetadata, ownerRef = false): Input => ({
  ...{ ...sound, ownerRef },
  secret: { metadata: { ...metadata, ...more }, data },
});
export const annotated = (key: string, text: string): Input =>
  withMetadata({ annotations: { ...annotations, [key]: text } });
export const ownedBy = (...entries: readonly Entry[]): Input => withMetadata({ managedFields: entries });
export const requested = (request: string, more: Partial<NonNullable<Input['request']>> = {}): Input => ({
  ...sound,
  request: { request, issuerRef: spec.issuerRef, ...more },
});
export const without = (texts: Record<string, string>, key: string) =>
  Object.fromEntries(Object.entries(texts).filter(([one]) => one !== key));

export const ISSUER = 'cert-manager.io/issuer-';
export const combined = base64(
  [data['tls.key'], data['tls.crt']].map((text) => Buffer.from(text, 'base64')).join('\n'),
);
export const COMBINED = { additionalOutputFormats: [{ type: 'CombinedPEM' }] };
export const REFERENCE = { uid: 'u', kind: 'Certificate', name: 'a' };
export const referring = owner({ ...OWNED, 'f:ownerReferences': { 'k:{"uid":"u"}': {} } });
