/** What cert-manager offers and Nolapse does not honour: refused by name, because to ignore it would issue something else than was asked. */
import type { Field } from './field.ts';

const FIELDS: Readonly<Record<string, { readonly why: string; readonly fix: string }>> = {
  literalSubject: { why: 'a literal subject', fix: 'write subject and commonName' },
  otherNames: { why: 'a list of otherName SANs', fix: 'remove otherNames, or leave this certificate to cert-manager' },
  nameConstraints: {
    why: 'a list of name constraints',
    fix: 'remove nameConstraints, or leave this CA to cert-manager',
  },
  keystores: {
    why: 'a keystore (JKS, PKCS#12)',
    fix: 'remove keystores and convert tls.crt and tls.key where they are read',
  },
  additionalOutputFormats: { why: 'an additional output format', fix: 'remove it and read tls.crt and tls.key' },
  signatureAlgorithm: {
    why: 'a chosen signature algorithm',
    fix: 'remove it: the algorithm follows from the issuer’s key',
  },
};

/** Refuses the fields of a CertificateSpec that are not honoured, each by its name. */
export function refuseNotHonoured(spec: Field): void {
  for (const [name, { why, fix }] of Object.entries(FIELDS))
    spec.at(name).refuseIfGiven(`${why} is not honoured by Nolapse`, fix);
}
