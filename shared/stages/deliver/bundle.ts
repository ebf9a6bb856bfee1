/** What is put into a place: the certificate, its key in the encoding asked for, and the words that tell whose it is. */
import { createPrivateKey } from 'node:crypto';
import { MARK } from '../../contract/marks.ts';
import type { Bundle } from '../../contract/ports.ts';
import type { Issued, Wanted } from '../../contract/rows.ts';
import { secretAnnotations } from '../../standards/certmanager/annotations.ts';
import { keyPem } from '../../standards/x509/key.ts';

export interface BundleInput {
  readonly current: Issued;
  readonly wanted: Wanted;
  readonly issuance: string;
  readonly fleet: string;
  readonly installation: string;
  /** PKCS#8 PEM. */
  readonly plainKey: Uint8Array;
}

/** The caller zeroes `keyPem` after the write. */
export function bundleOf({ current, wanted, issuance, fleet, installation, plainKey }: BundleInput): Bundle {
  const { facts, chainPem, caPem } = current;
  const { labels, annotations } = secretAnnotations({ name: wanted.name, spec: wanted.spec, facts });
  return {
    chainPem,
    ...(caPem ? { caPem } : {}),
    keyPem: keyPem(createPrivateKey(Buffer.from(plainKey)), wanted.spec.privateKey.encoding),
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
