/** What is put into a place: the certificate, its key in the encoding asked for, and the words that tell whose it is. */
import { createPrivateKey } from 'node:crypto';
import type { Facts } from '../../contract/certificate.ts';
import { CERT_MANAGER_ISSUING, MARK } from '../../contract/marks.ts';
import type { Bundle } from '../../contract/ports.ts';
import type { Issued, Wanted } from '../../contract/rows.ts';
import { type NamedFacts, type SecretMarks, secretAnnotations } from '../../standards/certmanager/annotations.ts';
import { keyPem } from '../../standards/x509/key.ts';

export interface MarksInput {
  readonly facts: NamedFacts & Pick<Facts, 'sha256' | 'serial' | 'notBefore' | 'notAfter'>;
  readonly wanted: Wanted;
  readonly issuance: string;
  readonly fleet: string;
  readonly installation: string;
}

/** What is written beside the certificate of these facts. */
export function marksOf({ facts, wanted, issuance, fleet, installation }: MarksInput): SecretMarks {
  const { labels, annotations } = secretAnnotations({ name: wanted.name, spec: wanted.spec, facts });
  return {
    labels,
    annotations: {
      ...annotations,
      [MARK.fleet]: fleet,
      [MARK.installation]: installation,
      [MARK.issuance]: issuance,
      [MARK.certificate]: wanted.id,
      [MARK.sha256]: facts.sha256,
      [MARK.serial]: facts.serial,
      [MARK.notBefore]: facts.notBefore,
      [MARK.notAfter]: facts.notAfter,
    },
  };
}

export interface BundleInput extends Omit<MarksInput, 'facts'> {
  readonly current: Issued;
  /** PKCS#8 PEM. */
  readonly plainKey: Uint8Array;
}

/** Whether a Certificate stands behind it, or will as soon as cert-manager reads what we read: then cert-manager looks at who owns the fields. */
export const isOfCertManager = ({ origin }: Wanted): boolean => origin !== 'FleetCertificate';

/** The caller zeroes `keyPem` after the write. */
export function bundleOf({ current, plainKey, ...of }: BundleInput): Bundle {
  const { facts, chainPem, caPem } = current;
  return {
    chainPem,
    ...(caPem ? { caPem } : {}),
    keyPem: keyPem(createPrivateKey(Buffer.from(plainKey)), of.wanted.spec.privateKey.encoding),
    ...marksOf({ ...of, facts }),
    ...(isOfCertManager(of.wanted) ? { coOwner: CERT_MANAGER_ISSUING } : {}),
  };
}
