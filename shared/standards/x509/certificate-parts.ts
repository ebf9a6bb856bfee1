/** The parts of a certificate's DER that node:crypto does not hand out as they are: serial octets, key, names, key identifiers (RFC 5280 §4). */
import { canonicalIp } from '../dns/ip.ts';
import { type Element, elementAt, elementsIn } from './der.ts';

export interface CertificateParts {
  /** Content octets of the serial number, a leading 00 kept. */
  readonly serial: Buffer;
  /** Hex of the octets of the signature algorithm's object identifier. */
  readonly signatureAlgorithm: string;
  /** Whole SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly names: AlternativeNames;
  readonly subjectKeyId?: Buffer;
  readonly authorityKeyId?: Buffer;
}

export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emailAddresses: readonly string[];
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** Object identifiers 2.5.29.14, 17 and 35. */
const SUBJECT_KEY_ID = '551d0e';
const SUBJECT_ALT_NAME = '551d11';
const AUTHORITY_KEY_ID = '551d23';
/** Context tags of GeneralName (RFC 5280 §4.2.1.6). */
const RFC822_NAME = 0x81;
const DNS_NAME = 0x82;
const URI = 0x86;
const IP_ADDRESS = 0x87;
const KEY_IDENTIFIER = 0x80;

/** Throws RangeError when the bytes are not the DER of a certificate. */
export function certificateParts(bytes: Buffer): CertificateParts {
  const certificate = elementAt(bytes, 0, bytes.length);
  const tbs = elementAt(bytes, certificate.from, certificate.to);
  const fields = [...elementsIn(bytes, tbs)];
  if (fields[0]?.tag === VERSION) fields.shift();
  const [serial, algorithm, issuer, , subject, publicKeyInfo] = fields;
  if (!serial || !algorithm || !issuer || !subject || !publicKeyInfo)
    throw new RangeError(`not a certificate: ${fields.length} fields where at least 6 belong`);
  const extensions = extensionsOf(
    bytes,
    fields.find(({ tag }) => tag === EXTENSIONS),
  );
  const subjectKeyId = extensions.get(SUBJECT_KEY_ID);
  const authorityKeyId = extensions.get(AUTHORITY_KEY_ID);
  const keyId = authorityKeyId && authorityKeyIdentifier(authorityKeyId);
  return {
    serial: bytes.subarray(serial.from, serial.to),
    signatureAlgorithm: content(bytes, elementAt(bytes, algorithm.from, algorithm.to)).toString('hex'),
    publicKeyInfo: bytes.subarray(publicKeyInfo.start, publicKeyInfo.to),
    issuer: bytes.subarray(issuer.start, issuer.to),
    subject: bytes.subarray(subject.start, subject.to),
    names: alternativeNames(extensions.get(SUBJECT_ALT_NAME)),
    ...(subjectKeyId && { subjectKeyId: content(subjectKeyId, elementAt(subjectKeyId, 0, subjectKeyId.length)) }),
    ...(keyId && { authorityKeyId: keyId }),
  };
}

const content = (bytes: Buffer, { from, to }: Element): Buffer => bytes.subarray(from, to);

/** Extension values by the hex of their object identifier's octets. */
function extensionsOf(bytes: Buffer, field: Element | undefined): ReadonlyMap<string, Buffer> {
  const values = new Map<string, Buffer>();
  if (!field) return values;
  for (const extension of elementsIn(bytes, elementAt(bytes, field.from, field.to))) {
    // Between the two stands `critical` where it is not the default.
    const parts = [...elementsIn(bytes, extension)];
    const id = parts[0];
    const value = parts.at(-1);
    if (id && value) values.set(bytes.toString('hex', id.from, id.to), content(bytes, value));
  }
  return values;
}

function authorityKeyIdentifier(value: Buffer): Buffer | undefined {
  const found = elementsIn(value, elementAt(value, 0, value.length)).find(({ tag }) => tag === KEY_IDENTIFIER);
  return found && content(value, found);
}

function alternativeNames(value: Buffer | undefined): AlternativeNames {
  const names = { dnsNames: [], ipAddresses: [], uris: [], emailAddresses: [] } as Record<
    keyof AlternativeNames,
    string[]
  >;
  if (!value) return names;
  for (const name of elementsIn(value, elementAt(value, 0, value.length))) {
    const octets = content(value, name);
    if (name.tag === DNS_NAME) names.dnsNames.push(printable(octets));
    if (name.tag === IP_ADDRESS) names.ipAddresses.push(ipAddressOf(octets));
    if (name.tag === URI) names.uris.push(printable(octets));
    if (name.tag === RFC822_NAME) names.emailAddresses.push(printable(octets));
  }
  return names;
}

/** IA5String as text. What no name may hold is shown as \xNN, so that no name can pass for another or steer a terminal. */
const printable = (octets: Buffer): string =>
  octets.toString('latin1').replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

function ipAddressOf(octets: Buffer): string {
  const text = octets.length === 4 ? octets.join('.') : (octets.toString('hex').match(/.{4}/g)?.join(':') ?? '');
  return canonicalIp(text) ?? `\\x${octets.toString('hex')}`;
}
