/** cert-manager's policies after an issuance: any that is violated, and it applies the Secret again without a new certificate. */
import { type Check, type Input, leafIn, type Names, type SecretMetadata, type Spec, type Texts } from './input.ts';

/** As which cert-manager applies Secrets. */
const ISSUING = 'cert-manager-certificates-issuing';
const BASE_LABEL = 'controller.cert-manager.io/fao';
const PREFIXES = ['cert-manager.io/', 'controller.cert-manager.io/'];
const isCertManagers = (name: string): boolean => PREFIXES.some((prefix) => name.startsWith(prefix));

/** Their values are looked at by the triggers, and no owner of them is. */
const OF_TRIGGERS = ['certificate-name', 'issuer-name', 'issuer-kind', 'issuer-group'].map(
  (name) => `cert-manager.io/${name}`,
);

const quoted = (value: string): string => (/^\s|[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const csv = (values: readonly string[] = []): string => values.map(quoted).join(',');

const SUBJECT: Readonly<Record<string, string>> = {
  ...{ organizations: 'organizations', organizationalUnits: 'organizationalunits', countries: 'countries' },
  ...{ provinces: 'provinces', localities: 'localities', streetAddresses: 'streetaddresses' },
  ...{ postalCodes: 'postalcodes', serialNumber: 'serialnumber' },
};

/** What a Secret says of the certificate in it: four always, the others where there is something to say. */
function detailsOf(names: Names): Texts {
  const parts = Object.entries(SUBJECT).map(([part, name]) => [`subject-${name}`, csv(names.subject[part])] as const);
  const some = [...parts, ['email-sans', names.emailAddresses.join(',')] as const].filter(([, text]) => text !== '');
  const always: readonly (readonly [string, string])[] = [
    ['common-name', names.commonName],
    ['alt-names', names.dnsNames.join(',')],
    ['ip-sans', names.ipAddresses.join(',')],
    ['uri-sans', names.uris.join(',')],
  ];
  return Object.fromEntries([...some, ...always].map(([name, text]) => [`cert-manager.io/${name}`, text]));
}

const detailsIn = ({ secret }: Input): Texts => {
  const leaf = leafIn(secret?.data);
  return leaf ? detailsOf(leaf.names) : {};
};

type Fields = Readonly<Record<string, unknown>>;

/** What cert-manager's manager is recorded to own under a path, by whichever operation. */
function owned({ managedFields = [] }: SecretMetadata, ...path: readonly string[]): readonly string[] {
  const under = (fieldsV1: unknown): Fields =>
    path.reduce<Fields>((fields, part) => (fields[`f:${part}`] ?? {}) as Fields, (fieldsV1 ?? {}) as Fields);
  const entries = managedFields.filter(({ manager }) => manager === ISSUING);
  return entries.flatMap(({ fieldsV1 }) => Object.keys(under(fieldsV1)).filter((key) => key !== '.'));
}

const ownedNames = (metadata: SecretMetadata, map: 'labels' | 'annotations'): readonly string[] =>
  owned(metadata, 'metadata', map).map((key) => key.replace(/^f:/, ''));

/** The first key that both have and that says something else in the second. */
const differingIn = (wanted: Texts = {}, found: Texts = {}): string | undefined =>
  Object.keys(wanted)
    .sort()
    .find((key) => found[key] !== undefined && found[key] !== wanted[key]);

function notExactly(what: string, owned: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.filter((name) => !owned.includes(name));
  const extra = owned.filter((name) => !wanted.includes(name));
  if (missing.length > 0) return `${what} not owned by ${ISSUING}: ${missing.join(', ')}`;
  return extra.length > 0 ? `${what} owned by ${ISSUING} for no reason: ${extra.join(', ')}` : undefined;
}

const baseLabels: Check = ({ secret }) => {
  const value = secret?.metadata.labels?.[BASE_LABEL];
  return value === undefined || value === 'true' ? undefined : `SecretManagedMetadataMismatch: ${BASE_LABEL}=${value}`;
};

const details: Check = (input) => {
  const { annotations } = input.secret?.metadata ?? {};
  const differing = differingIn(detailsIn(input), annotations);
  return differing && `SecretTemplateMismatch: ${differing} says ${annotations?.[differing]}`;
};

const managedMetadata: Check = (input) => {
  const metadata = input.secret?.metadata ?? {};
  const annotations = ownedNames(metadata, 'annotations').filter(isCertManagers);
  const why =
    notExactly('labels', ownedNames(metadata, 'labels').filter(isCertManagers), [BASE_LABEL]) ??
    notExactly(
      'annotations',
      annotations.filter((name) => !OF_TRIGGERS.includes(name)),
      Object.keys(detailsIn(input)),
    );
  return why && `SecretManagedMetadataMismatch: ${why}`;
};

const template: Check = ({ secret, spec: { secretTemplate } }) => {
  const { labels, annotations } = secret?.metadata ?? {};
  const differing =
    differingIn(secretTemplate?.annotations, annotations) ?? differingIn(secretTemplate?.labels, labels);
  return differing && `SecretTemplateMismatch: ${differing}`;
};

const managedTemplate: Check = ({ secret, spec: { secretTemplate } }) => {
  const metadata = secret?.metadata ?? {};
  const others = (map: 'labels' | 'annotations') => ownedNames(metadata, map).filter((name) => !isCertManagers(name));
  const why =
    notExactly('labels', others('labels'), Object.keys(secretTemplate?.labels ?? {})) ??
    notExactly('annotations', others('annotations'), Object.keys(secretTemplate?.annotations ?? {}));
  return why && `SecretTemplateMismatch: ${why}`;
};

const FORMATS: Readonly<Record<string, string>> = { DER: 'key.der', CombinedPEM: 'tls-combined.pem' };
const formatsOf = ({ additionalOutputFormats = [] }: Spec): readonly string[] =>
  additionalOutputFormats.map(({ type }) => type);

function formatted(type: string, data: Texts): string {
  const [key, crt] = ['tls.key', 'tls.crt'].map((name) => Buffer.from(data[name] ?? '', 'base64').toString());
  if (type === 'CombinedPEM') return Buffer.from([key, crt].join('\n')).toString('base64');
  return (key ?? '').replace(/-----[^-]+-----|\s/g, '');
}

const formats: Check = ({ secret, spec }) => {
  const data = secret?.data ?? {};
  const wrong = formatsOf(spec).find((type) => data[FORMATS[type] ?? ''] !== formatted(type, data));
  return wrong && `AdditionalOutputFormatsMismatch: ${wrong}`;
};

const managedFormats: Check = ({ secret, spec }) => {
  const keys = owned(secret?.metadata ?? {}, 'data').map((key) => key.replace(/^f:/, ''));
  const wrong = Object.entries(FORMATS).find(([type, key]) => formatsOf(spec).includes(type) !== keys.includes(key));
  return wrong && `AdditionalOutputFormatsMismatch: whether ${ISSUING} owns ${wrong[1]}`;
};

const managedReference: Check = ({ secret, uid, ownerRef }) => {
  const keys = owned(secret?.metadata ?? {}, 'metadata', 'ownerReferences');
  const has = keys.includes(`k:${JSON.stringify({ uid })}`);
  return has === ownerRef ? undefined : `SecretOwnerRefMismatch: whether ${ISSUING} owns the reference`;
};

const reference: Check = ({ secret, uid, name, ownerRef }) => {
  if (!ownerRef) return undefined;
  const { ownerReferences = [] } = secret?.metadata ?? {};
  const is = ownerReferences.some((one) => one.uid === uid && one.kind === 'Certificate' && one.name === name);
  return is ? undefined : 'SecretOwnerRefMismatch: it does not refer to its Certificate';
};

const STORES: Readonly<Record<string, readonly [keystore: string, truststore: string]>> = {
  jks: ['keystore.jks', 'truststore.jks'],
  pkcs12: ['keystore.p12', 'truststore.p12'],
};

const keystores: Check = ({ secret, spec }) => {
  const data = secret?.data ?? {};
  const wrong = Object.entries(STORES).find(([kind, [keystore, truststore]]) => {
    const isWanted = spec.keystores?.[kind]?.create === true;
    if (!isWanted) return Boolean(data[keystore] || data[truststore]);
    return !data[keystore] || (Boolean(data['ca.crt']) && !data[truststore]);
  });
  return wrong && `SecretMismatch: keystore ${wrong[0]}`;
};

export const POST_ISSUANCE: Readonly<Record<string, Check>> = {
  SecretBaseLabelsMismatch: baseLabels,
  SecretCertificateDetailsAnnotationsMismatch: details,
  SecretManagedLabelsAndAnnotationsManagedFieldsMismatch: managedMetadata,
  SecretSecretTemplateMismatch: template,
  SecretSecretTemplateManagedFieldsMismatch: managedTemplate,
  SecretAdditionalOutputFormatsMismatch: formats,
  SecretAdditionalOutputFormatsManagedFieldsMismatch: managedFormats,
  SecretOwnerReferenceManagedFieldMismatch: managedReference,
  SecretOwnerReferenceMismatch: reference,
  SecretKeystoreFormatMismatch: keystores,
};
