/** What a request says as X.509: its subject and extensions, alike in a CSR and in the certificate a private CA makes of it. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { IssuanceRequest } from '../../contract/certificate.ts';
import { usagesOf } from './usages.ts';

/** X.520 attribute types, in the order in which Go and so cert-manager writes them. */
const COUNTRY = '2.5.4.6';
const ORGANIZATION = '2.5.4.10';
const ORGANIZATIONAL_UNIT = '2.5.4.11';
const LOCALITY = '2.5.4.7';
const PROVINCE = '2.5.4.8';
const STREET_ADDRESS = '2.5.4.9';
const POSTAL_CODE = '2.5.4.17';
const COMMON_NAME = '2.5.4.3';
const SERIAL_NUMBER = '2.5.4.5';

/** The distinguished name; empty where nothing of it is asked for. */
export function subjectOf({ subject, commonName }: IssuanceRequest): x509.Name {
  const attributes: readonly (readonly [string, readonly string[]])[] = [
    [COUNTRY, subject.countries ?? []],
    [ORGANIZATION, subject.organizations ?? []],
    [ORGANIZATIONAL_UNIT, subject.organizationalUnits ?? []],
    [LOCALITY, subject.localities ?? []],
    [PROVINCE, subject.provinces ?? []],
    [STREET_ADDRESS, subject.streetAddresses ?? []],
    [POSTAL_CODE, subject.postalCodes ?? []],
    [COMMON_NAME, commonName ? [commonName] : []],
    [SERIAL_NUMBER, subject.serialNumber ? [subject.serialNumber] : []],
  ];
  return new x509.Name(attributes.flatMap(([type, values]) => values.map((value) => ({ [type]: [text(value)] }))));
}

/** Given as objects, values are taken as they are: as strings the library would read quotes and escapes in them. */
const text = (value: string): { readonly printableString: string } | { readonly utf8String: string } =>
  /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value };

/** Names, usages and whether it is a CA. The names are critical where the subject is empty (RFC 5280 §4.2.1.6). */
export function requestExtensions(request: IssuanceRequest): x509.Extension[] {
  const { keyUsageBits, extended } = usagesOf(request);
  const names = [
    ...request.dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...request.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
    ...request.uris.map((value) => ({ type: 'url' as const, value })),
    ...request.emailAddresses.map((value) => ({ type: 'email' as const, value })),
  ];
  return [
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names, hasNoSubject(request))] : []),
    ...(keyUsageBits > 0 ? [new x509.KeyUsagesExtension(keyUsageBits, true)] : []),
    ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension([...extended])] : []),
  ];
}

const hasNoSubject = ({ subject, commonName }: IssuanceRequest): boolean =>
  !commonName && Object.values(subject).every((value) => value.length === 0);
