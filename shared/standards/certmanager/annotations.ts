/** Labels and annotations that cert-manager writes on the Secret of a certificate, made from what was really issued. */
import type { CertificateSpec, Facts } from '../../contract/certificate.ts';
import { formatCsv } from './csv.ts';

const PREFIX = 'cert-manager.io';

/** By the names that X509Certificate gives the attributes; the order is cert-manager's. */
const SUBJECT_ANNOTATIONS: Readonly<Record<string, string>> = {
  O: 'subject-organizations',
  OU: 'subject-organizationalunits',
  C: 'subject-countries',
  ST: 'subject-provinces',
  L: 'subject-localities',
  street: 'subject-streetaddresses',
  postalCode: 'subject-postalcodes',
  serialNumber: 'subject-serialnumber',
};

/** The values of one attribute of an RFC 4514 name, in the order of the certificate (the text is the other way round). */
function attributeValues(subject: string, type: string): readonly string[] {
  const attributes = subject.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return attributes
    .filter((attribute) => attribute.startsWith(`${type}=`))
    .map((attribute) => attribute.slice(type.length + 1).replace(/\\([^0-9A-Fa-f])/g, '$1'))
    .toReversed();
}

function subjectAnnotations(subject: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(SUBJECT_ANNOTATIONS).flatMap(([type, annotation]) => {
      const values = attributeValues(subject, type);
      const text = type === 'serialNumber' ? (values.at(-1) ?? '') : formatCsv(values);
      return text === '' ? [] : [[`${PREFIX}/${annotation}`, text]];
    }),
  );
}

/** What is read of a certificate for them; the subject as RFC 4514-like text. */
export type NamedFacts = Pick<Facts, 'commonName' | 'dnsNames' | 'ipAddresses' | 'uris' | 'emailAddresses' | 'subject'>;

export interface SecretMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Metadata of the Secret of the Certificate `name` (its name, not its id). The spec's secretTemplate comes first,
 * so that nothing in it can stand for what the certificate says of itself.
 */
export function secretAnnotations(of: {
  readonly name: string;
  readonly spec: CertificateSpec;
  readonly facts: NamedFacts;
}): SecretMarks {
  const { name, spec, facts } = of;
  const emails = facts.emailAddresses.length > 0 ? { [`${PREFIX}/email-sans`]: facts.emailAddresses.join(',') } : {};
  return {
    labels: { ...spec.secretTemplate.labels, 'controller.cert-manager.io/fao': 'true' },
    annotations: {
      ...spec.secretTemplate.annotations,
      [`${PREFIX}/certificate-name`]: name,
      [`${PREFIX}/issuer-name`]: spec.issuerRef.name,
      [`${PREFIX}/issuer-kind`]: spec.issuerRef.kind,
      [`${PREFIX}/issuer-group`]: spec.issuerRef.group,
      [`${PREFIX}/common-name`]: facts.commonName ?? '',
      [`${PREFIX}/alt-names`]: facts.dnsNames.join(','),
      [`${PREFIX}/ip-sans`]: facts.ipAddresses.join(','),
      [`${PREFIX}/uri-sans`]: facts.uris.join(','),
      ...emails,
      ...subjectAnnotations(facts.subject),
    },
  };
}
