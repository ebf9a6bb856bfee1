/** What somebody asked for and what a certificate really is: plain data, durations in milliseconds. */
import type { Iso, IssuerId } from './ids.ts';

/** cert-manager's CertificateSpec with its defaults applied (cert-manager.io/v1). Fields not listed are refused by name before this exists. */
export interface CertificateSpec {
  /** Absent only in a FleetCertificate. */
  readonly secretName?: string;
  readonly issuerRef: IssuerRef;
  readonly commonName?: string;
  readonly subject: Subject;
  /** As written, in order; canonical() makes them comparable. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly durationMs: number;
  readonly renewBeforeMs?: number;
  readonly renewBeforePercentage?: number;
  readonly renewal?: RenewalRule;
  readonly isCA: boolean;
  readonly usages: readonly string[];
  readonly privateKey: KeyPolicy;
  readonly secretTemplate: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

export interface IssuerRef {
  readonly name: string;
  readonly kind: 'Issuer' | 'ClusterIssuer';
  readonly group: string;
}

/** X.520 attributes by cert-manager's field names; only non-empty ones are present. */
export interface Subject {
  readonly organizations?: readonly string[];
  readonly countries?: readonly string[];
  readonly organizationalUnits?: readonly string[];
  readonly localities?: readonly string[];
  readonly provinces?: readonly string[];
  readonly streetAddresses?: readonly string[];
  readonly postalCodes?: readonly string[];
  readonly serialNumber?: string;
}

export interface RenewalRule {
  readonly policy: 'RenewBefore' | 'Disabled';
  readonly windows: readonly RenewalWindow[];
}

/** cert-manager 1.21 `renewal.windows[]`: a 5-field cron or descriptor, in `timezone` (IANA, default UTC), open for windowDuration ms. */
export interface RenewalWindow {
  readonly cron: string;
  readonly windowDuration: number;
  readonly timezone?: string;
}

/** `size`: bits; for ECDSA the curve (256, 384); 0 for Ed25519. */
export interface KeyPolicy {
  readonly algorithm: 'RSA' | 'ECDSA' | 'Ed25519';
  readonly size: number;
  readonly encoding: 'PKCS1' | 'PKCS8';
}

/** One certificate to be obtained, once, for all who want the same. Everything the CA is told; its hash is the issuance id. */
export interface IssuanceRequest {
  readonly issuer: IssuerId;
  readonly profile?: string;
  readonly commonName?: string;
  readonly subject: Subject;
  /** Canonical (lower-case A-labels), sorted, unique. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly durationMs: number;
  readonly isCA: boolean;
  readonly usages: readonly string[];
  readonly key: { readonly algorithm: KeyPolicy['algorithm']; readonly size: number };
}

/** What one X.509 certificate says of itself, read without trust. Never key material. */
export interface Facts {
  /** Lower-case hex of the DER content octets, leading 00 kept (RFC 9773 §4.1 needs it). */
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256: string;
  readonly notBefore: Iso;
  readonly notAfter: Iso;
  /** Distinguished names, RFC 4514-like text. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName?: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly isCA: boolean;
  readonly selfSigned: boolean;
  readonly key: { readonly algorithm: 'RSA' | 'ECDSA' | 'Ed25519' | 'other'; readonly size: number };
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeySha256: string;
  /** The hash in its signature where that one can be forged; absent = any other. */
  readonly weakHash?: 'MD2' | 'MD5' | 'SHA-1';
}
