/** Reads a cert-manager.io/v1 Certificate with cert-manager's defaults and rules. revisionHistoryLimit and encodeUsagesInRequest are taken without effect. */
import type { CertificateSpec, IssuerRef, KeyPolicy, Subject } from '../../contract/certificate.ts';
import { canonicalIp } from '../dns/ip.ts';
import { nameProblem } from '../dns/public-suffix.ts';
import { dnsLabelProblem, dnsSubdomainProblem, labelValueProblem, metadataKeyProblem } from '../kubernetes/names.ts';
import { Field, type FieldProblem } from './field.ts';
import { mailProblem } from './mail.ts';
import { refuseNotHonoured } from './not-honoured.ts';
import { readTiming } from './timing.ts';
import { DEFAULT_USAGES, KEY_USAGES } from './usages.ts';

export const CERT_MANAGER_GROUP = 'cert-manager.io';
const MAX_COMMON_NAME_BYTES = 64;
/** Every field of cert-manager's CertificateSpec, those that are refused or have no effect here among them. */
const FIELDS: readonly string[] = [
  ...['secretName', 'issuerRef', 'commonName', 'subject', 'literalSubject', 'dnsNames', 'ipAddresses', 'uris'],
  ...['emailAddresses', 'otherNames', 'duration', 'renewBefore', 'renewBeforePercentage', 'renewal', 'isCA', 'usages'],
  ...['encodeUsagesInRequest', 'privateKey', 'signatureAlgorithm', 'revisionHistoryLimit', 'secretTemplate'],
  ...['keystores', 'additionalOutputFormats', 'nameConstraints'],
];
const KEY_FIELDS: readonly string[] = ['rotationPolicy', 'encoding', 'algorithm', 'size'];
const OWN_PREFIX = 'nolapse.dev/';
const DIRECT_INJECTION = 'cert-manager.io/allow-direct-injection';

export interface ReadCertificate {
  readonly namespace?: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: CertificateSpec;
}

export type CertificateReading =
  | { readonly certificate: ReadCertificate }
  | { readonly problems: readonly FieldProblem[] };

/** Keeps only what is there: under exactOptionalPropertyTypes an absent field must not be undefined. */
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;

function checkAll(items: Field, problemOf: (text: string) => string | undefined): readonly string[] {
  return items.items().flatMap((item) => {
    const text = item.required();
    const problem = text === undefined ? undefined : problemOf(text);
    if (problem) item.refuse(problem);
    return text ?? [];
  });
}

const ipProblem = (text: string): string | undefined =>
  canonicalIp(text) ? undefined : `${JSON.stringify(text.slice(0, 80))} is no IP address`;
const uriProblem = (text: string): string | undefined =>
  URL.canParse(text) && /^[\x21-\x7e]+$/.test(text)
    ? undefined
    : `${JSON.stringify(text.slice(0, 80))} is no URI (scheme:…, ASCII)`;

function readIssuerRef(ref: Field): IssuerRef {
  const name = ref.map().at('name').required() ?? '';
  const group = ref.at('group').text() ?? CERT_MANAGER_GROUP;
  if (group === CERT_MANAGER_GROUP)
    return { name, group, kind: ref.at('kind').oneOf(['Issuer', 'ClusterIssuer'], 'Issuer') };
  ref
    .at('group')
    .refuse(
      `issuers of the group ${JSON.stringify(group)} are not honoured by Nolapse`,
      'use an acme, ca or selfSigned issuer, or leave this certificate to cert-manager',
    );
  return { name, group, kind: 'Issuer' };
}

function readSubject(subject: Field): Subject {
  const list = (key: string): readonly string[] | undefined => {
    const texts = subject.at(key).texts();
    return texts.length > 0 ? texts : undefined;
  };
  subject.map();
  return present({
    organizations: list('organizations'),
    countries: list('countries'),
    organizationalUnits: list('organizationalUnits'),
    localities: list('localities'),
    provinces: list('provinces'),
    streetAddresses: list('streetAddresses'),
    postalCodes: list('postalCodes'),
    serialNumber: subject.at('serialNumber').text(),
  });
}

function readSize(size: Field, algorithm: KeyPolicy['algorithm']): number {
  const bits = size.whole() || undefined;
  if (algorithm === 'Ed25519') return 0;
  if (algorithm === 'RSA') {
    if (bits === undefined) return 2048;
    if (bits > 4096 && bits <= 8192) size.refuse(`RSA ${bits} is not honoured by Nolapse`, 'use 2048, 3072 or 4096');
    else if (bits < 2048 || bits > 8192) size.refuse(`${bits} is no size of an RSA key`, 'use 2048, 3072 or 4096');
    return bits;
  }
  if (bits === 521) size.refuse('ECDSA 521 is not honoured by Nolapse', 'use 256 or 384');
  else if (bits !== undefined && bits !== 256 && bits !== 384)
    size.refuse(`${bits} is no size of an ECDSA key`, 'use 256 or 384');
  return bits ?? 256;
}

function readKeyPolicy(key: Field): KeyPolicy {
  key.map();
  if (key.at('rotationPolicy').oneOf(['Always', 'Never'], 'Always') === 'Never')
    key.at('rotationPolicy').refuse('Never is not honoured by Nolapse', 'use Always: every certificate gets a new key');
  const algorithm = key.at('algorithm').oneOf(['RSA', 'ECDSA', 'Ed25519'], 'RSA');
  return {
    algorithm,
    size: readSize(key.at('size'), algorithm),
    encoding: key.at('encoding').oneOf(['PKCS1', 'PKCS8'], 'PKCS1'),
  };
}

/** Labels and annotations for the Secret; cert-manager keeps its own prefix to itself, and so do we. */
function readSecretTemplate(template: Field): CertificateSpec['secretTemplate'] {
  const labels = template.map().at('labels').entries();
  const annotations = template.at('annotations').entries();
  for (const [key, value] of Object.entries(labels)) {
    const problem = metadataKeyProblem(key) ?? labelValueProblem(value);
    if (problem) template.at('labels').at(key).refuse(problem);
  }
  for (const key of Object.keys(annotations)) {
    const problem = metadataKeyProblem(key);
    const reserved = (key.startsWith('cert-manager.io/') && key !== DIRECT_INJECTION) || key.startsWith(OWN_PREFIX);
    if (problem) template.at('annotations').at(key).refuse(problem);
    else if (reserved)
      template
        .at('annotations')
        .at(key)
        .refuse(`${key.slice(0, key.indexOf('/'))}/* is written by the controller alone`);
  }
  return { labels, annotations };
}

function readUsages(usages: Field): readonly string[] {
  const given = usages.texts();
  for (const item of usages.items())
    if (typeof item.value === 'string' && !KEY_USAGES.includes(item.value))
      item.refuse(
        `${JSON.stringify(item.value.slice(0, 80))} is no key usage of cert-manager`,
        'e.g. digital signature, key encipherment, server auth, client auth, cert sign',
      );
  return given.length > 0 ? given : DEFAULT_USAGES;
}

function checkIgnored(spec: Field): void {
  const limit = spec.at('revisionHistoryLimit').whole();
  if (limit !== undefined && limit < 1) spec.at('revisionHistoryLimit').refuse(`${limit} is less than 1`);
  spec.at('encodeUsagesInRequest').flag();
}

function readSecretName(secretName: Field, required: boolean): string | undefined {
  const name = required ? secretName.required() : secretName.text();
  const problem = name === undefined ? undefined : dnsSubdomainProblem(name);
  return problem ? secretName.refuse(problem) : name;
}

/**
 * A CertificateSpec with cert-manager's defaults; `undefined` where `spec.problems` says why not.
 * A FleetCertificate's spec needs no secretName: its places are its destinations.
 */
export function readCertificateSpec(spec: Field, needs: { readonly secretName: boolean }): CertificateSpec | undefined {
  if (!spec.map().given) return spec.refuse('is required');
  const before = spec.problems.length;
  refuseNotHonoured(spec);
  checkIgnored(spec);
  const commonName = spec.at('commonName').text();
  const bytes = Buffer.byteLength(commonName ?? '');
  if (bytes > MAX_COMMON_NAME_BYTES)
    spec
      .at('commonName')
      .refuse(`has ${bytes} bytes, at most ${MAX_COMMON_NAME_BYTES}`, 'leave it out: clients read dnsNames');
  const names = {
    dnsNames: checkAll(spec.at('dnsNames'), nameProblem),
    ipAddresses: checkAll(spec.at('ipAddresses'), ipProblem),
    uris: checkAll(spec.at('uris'), uriProblem),
    emailAddresses: checkAll(spec.at('emailAddresses'), mailProblem),
  };
  if (!commonName && !Object.keys(names).some((key) => spec.at(key).given))
    spec.refuse('names nothing', 'give at least one of dnsNames, ipAddresses, uris, emailAddresses or commonName');
  const { durationMs, ...timing } = readTiming(spec);
  const read: CertificateSpec = {
    ...present({ secretName: readSecretName(spec.at('secretName'), needs.secretName), commonName }),
    ...timing,
    durationMs,
    ...names,
    issuerRef: readIssuerRef(spec.at('issuerRef')),
    subject: readSubject(spec.at('subject')),
    isCA: spec.at('isCA').flag(),
    usages: readUsages(spec.at('usages')),
    privateKey: readKeyPolicy(spec.at('privateKey')),
    secretTemplate: readSecretTemplate(spec.at('secretTemplate')),
  };
  return spec.problems.length > before ? undefined : read;
}

/** Refuses what a newer cert-manager may offer; the schema does so for the fleet file. */
export function refuseUnknownFields(spec: Field): void {
  spec.allowOnly(FIELDS);
  spec.at('privateKey').allowOnly(KEY_FIELDS);
}

/** A Certificate as found in a cluster or a file; all its problems at once, paths from the manifest's root. */
export function readCertificate(manifest: unknown): CertificateReading {
  const root = new Field(manifest);
  const metadata = root.at('metadata').map();
  const name = metadata.at('name').required();
  const namespace = metadata.at('namespace').text();
  const badName = name === undefined ? undefined : dnsSubdomainProblem(name);
  if (badName) metadata.at('name').refuse(badName);
  const badNamespace = namespace === undefined ? undefined : dnsLabelProblem(namespace);
  if (badNamespace) metadata.at('namespace').refuse(badNamespace);
  const labels = metadata.at('labels').entries();
  const spec = readCertificateSpec(root.at('spec'), { secretName: true });
  if (root.problems.length > 0 || !spec || name === undefined) return { problems: root.problems };
  return { certificate: { ...(namespace ? { namespace } : {}), name, labels, spec } };
}
