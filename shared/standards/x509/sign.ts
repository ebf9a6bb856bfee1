/** Signs certificates with a private CA or with their own key, as cert-manager's `ca` and `selfSigned` issuers do; a leaf never outlives its CA. */
import 'reflect-metadata';
import { type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { IssuanceRequest } from '../../contract/certificate.ts';
import type { CaIssuerSpec, SelfSignedIssuerSpec } from '../../contract/fleet.ts';
import { ProblemError } from '../../contract/problem.ts';
import { withoutRoot } from './chain.ts';
import { publicKeyInfo, signingAlgorithm } from './key.ts';
import { requestExtensions, subjectOf } from './request-extensions.ts';
import { signerOf } from './signer.ts';

export interface LeafToSign {
  /** The CA's certificate, then (if known) its issuers. */
  readonly caChainPem: Uint8Array;
  readonly caKeyPem: Uint8Array;
  readonly csrPem: string;
  readonly request: IssuanceRequest;
  readonly spec: CaIssuerSpec;
  readonly now: Date;
}

export interface Signed {
  /** Leaf and intermediates, root omitted. */
  readonly chainPem: string;
  /** The root where it is known, else the topmost certificate that is: what cert-manager writes to `ca.crt`. */
  readonly caPem: string;
}

/**
 * Names and usages are the request's, the key is the CSR's. Valid from `now` for the requested duration, at most as long as every CA above.
 * Throws ProblemError: `nolapse:ca-unusable`, `nolapse:ca-expired` (retry later: the Secret may be replaced), `nolapse:bad-csr` (never).
 */
export async function signLeaf({ caChainPem, caKeyPem, csrPem, request, spec, now }: LeafToSign): Promise<Signed> {
  const signer = signerOf({ caChainPem, caKeyPem, secretName: spec.secretName, isCA: request.isCA, now });
  const publicKey = await publicKeyOf(csrPem);
  const wantedUntil = now.getTime() + request.durationMs;
  const certificate = await create(signer.key, {
    publicKey,
    subject: subjectOf(request),
    issuer: signer.name,
    notBefore: now,
    notAfter: new Date(Math.min(wantedUntil, signer.endsAt.getTime())),
    extensions: [
      ...requestExtensions(request),
      ...(await identity(publicKey, request)),
      ...(signer.keyId ? [new x509.AuthorityKeyIdentifierExtension(signer.keyId)] : []),
      ...crlUrls(spec),
      ...accessUrls(spec),
    ],
  });
  const top = signer.path.at(-1);
  return { chainPem: withoutRoot([certificate, ...signer.path]), caPem: String(top) };
}

/** A certificate signed with its own key, as PEM. Throws ProblemError on a key or usage that no certificate can have. */
export async function selfSign(
  key: KeyObject,
  request: IssuanceRequest,
  { spec, now }: { readonly spec: SelfSignedIssuerSpec; readonly now: Date },
): Promise<string> {
  const publicKey = new x509.PublicKey(publicKeyInfo(key));
  const subject = subjectOf(request);
  const certificate = await create(key, {
    publicKey,
    subject,
    issuer: subject,
    notBefore: now,
    notAfter: new Date(now.getTime() + request.durationMs),
    extensions: [...requestExtensions(request), ...(await identity(publicKey, request)), ...crlUrls(spec)],
  });
  return String(certificate);
}

interface Template {
  readonly publicKey: x509.PublicKey;
  readonly subject: x509.Name;
  readonly issuer: x509.Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly x509.Extension[];
}

async function create(signingKey: KeyObject, template: Template): Promise<X509Certificate> {
  const algorithm = signingAlgorithm(signingKey);
  const certificate = await x509.X509CertificateGenerator.create({
    ...template,
    extensions: [...template.extensions],
    serialNumber: randomSerial(),
    signingKey: signingKey.toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
  });
  return new X509Certificate(Buffer.from(certificate.rawData));
}

/** 127 random bits: positive and within 20 octets (RFC 5280 §4.1.2.2). */
function randomSerial(): string {
  const octets = randomBytes(16);
  octets[0] = (octets[0] ?? 0) & 0x7f;
  return octets.toString('hex');
}

async function publicKeyOf(csrPem: string): Promise<x509.PublicKey> {
  const refuse = (detail: string, options?: ErrorOptions): ProblemError =>
    new ProblemError({ type: 'nolapse:bad-csr', detail, retry: 'never' }, options);
  let csr: x509.Pkcs10CertificateRequest;
  try {
    csr = new x509.Pkcs10CertificateRequest(csrPem);
  } catch (cause) {
    throw refuse('the CSR cannot be read', { cause });
  }
  if (await csr.verify()) return csr.publicKey;
  throw refuse('the CSR is not signed with its own key');
}

const identity = async (publicKey: x509.PublicKey, { isCA }: IssuanceRequest): Promise<readonly x509.Extension[]> => [
  new x509.BasicConstraintsExtension(isCA, undefined, true),
  await x509.SubjectKeyIdentifierExtension.create(publicKey),
];

const crlUrls = ({ crlDistributionPoints }: CaIssuerSpec | SelfSignedIssuerSpec): readonly x509.Extension[] =>
  crlDistributionPoints.length > 0 ? [new x509.CRLDistributionPointsExtension([...crlDistributionPoints])] : [];

const accessUrls = ({ ocspServers, issuingCertificateUrls }: CaIssuerSpec): readonly x509.Extension[] =>
  ocspServers.length + issuingCertificateUrls.length > 0
    ? [
        new x509.AuthorityInfoAccessExtension({
          ...(ocspServers.length > 0 && { ocsp: [...ocspServers] }),
          ...(issuingCertificateUrls.length > 0 && { caIssuers: [...issuingCertificateUrls] }),
        }),
      ]
    : [];
