/** What a CA is told of a Certificate, in one canonical form, so that the same wish has the same id wherever it is found. */
import { createHash } from 'node:crypto';
import type { CertificateSpec, IssuanceRequest, Subject } from '../../contract/certificate.ts';
import type { AcmeIssuerSpec, Issuer } from '../../contract/fleet.ts';
import { isPublicCa, whyNotPublic } from '../acme/public-ca.ts';
import { canonicalIp } from '../dns/ip.ts';
import { canonicalName } from '../dns/names.ts';

const ID_LENGTH = 20;

const nameOf = (text: string): string => {
  const canonical = canonicalName(text);
  return 'name' in canonical ? canonical.name : text;
};
const sortedUnique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

/** A common name that is also one of the DNS names is spelled as they are; anything else is free text. */
function commonNameOf(spec: CertificateSpec, dnsNames: readonly string[]): string | undefined {
  if (spec.commonName === undefined) return undefined;
  const canonical = nameOf(spec.commonName);
  return dnsNames.includes(canonical) ? canonical : spec.commonName;
}

/** Lists in the order of the spec: it is the order of the attributes in the certificate. */
const subjectOf = (subject: Subject): Subject =>
  Object.fromEntries(Object.entries(subject).sort(([a], [b]) => (a < b ? -1 : 1))) as Subject;

/** The request of a spec that was read without problems: names canonical, sorted and unique. */
export function requestOf(spec: CertificateSpec, issuer: Issuer): IssuanceRequest {
  const dnsNames = sortedUnique(spec.dnsNames.map(nameOf));
  const commonName = commonNameOf(spec, dnsNames);
  const profile = issuer.spec.type === 'acme' ? issuer.spec.profile : undefined;
  return {
    issuer: issuer.id,
    ...(profile ? { profile } : {}),
    ...(commonName ? { commonName } : {}),
    subject: subjectOf(spec.subject),
    dnsNames,
    ipAddresses: sortedUnique(spec.ipAddresses.map((ip) => canonicalIp(ip) ?? ip)),
    uris: sortedUnique(spec.uris),
    emailAddresses: sortedUnique(spec.emailAddresses),
    durationMs: spec.durationMs,
    isCA: spec.isCA,
    usages: sortedUnique(spec.usages),
    key: { algorithm: spec.privateKey.algorithm, size: spec.privateKey.size },
  };
}

/** Keys in one order at every depth, so that the text does not depend on how an object was put together. */
function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${stableText(v)}`)
    .join(',')}}`;
}

/** The issuance id: 20 hex digits of SHA-256 over request and trust domain. Who shares it shares one key. */
export const issuanceIdOf = (request: IssuanceRequest, trustDomain: string): string =>
  createHash('sha256').update(stableText({ request, trustDomain })).digest('hex').slice(0, ID_LENGTH);

/**
 * Why no ACME server would issue this, or undefined: it certifies names it can validate and nothing else, takes no CA, and wants the
 * common name among them; a public CA takes no Ed25519 key. Subject attributes are left out by the CA and do no harm.
 */
export function whyNotByAcme(
  request: Omit<IssuanceRequest, 'issuer'>,
  { server }: Pick<AcmeIssuerSpec, 'server'>,
): string | undefined {
  if (request.isCA) return 'isCA: an ACME server issues no CA certificates';
  if (request.uris.length > 0) return 'uris: an ACME server certifies DNS names only';
  if (request.emailAddresses.length > 0) return 'emailAddresses: an ACME server certifies DNS names only';
  if (request.ipAddresses.length > 0) return 'ipAddresses: an address cannot be validated by DNS-01 (RFC 8738 §4)';
  if (request.dnsNames.length === 0) return 'dnsNames: an ACME order needs at least one';
  if (request.commonName !== undefined && !request.dnsNames.includes(request.commonName))
    return `commonName: ${JSON.stringify(request.commonName)} must also be one of dnsNames`;
  return isPublicCa(server) ? whyNotPublic(request.key) : undefined;
}
