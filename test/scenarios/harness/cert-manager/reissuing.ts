/** cert-manager's policies that end in a new certificate, and those that end in `Ready: False`: each says what is violated, or nothing. */
import {
  type Check,
  canonicalAddress,
  type Input,
  keyIn,
  leafIn,
  type Names,
  publicOf,
  requestedBy,
  type Spec,
} from './input.ts';

const PREFIX = 'cert-manager.io/';
const isSame = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
const isSameSet = (a: readonly string[], b: readonly string[]): boolean => isSame([...new Set(a)], [...new Set(b)]);
const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

const doesNotExist: Check = ({ secret }) => (secret ? undefined : 'DoesNotExist: there is no Secret');

const isMissingData: Check = ({ secret }) => {
  const missing = ['tls.key', 'tls.crt'].find((key) => !secret?.data?.[key]);
  return missing && `MissingData: no ${missing}`;
};

const keysDiffer: Check = ({ secret }) => {
  const [key, leaf] = [keyIn(secret?.data), leafIn(secret?.data)];
  if (!key) return 'InvalidKeyPair: the key cannot be read';
  if (!leaf) return 'InvalidCertificate: the certificate cannot be read';
  return publicOf(key) === leaf.publicKey ? undefined : 'InvalidKeyPair: the key is not the one of the certificate';
};

/** Issuer and cert-manager.io are what an empty kind and group mean; only a differing name is forgiven where nothing is annotated. */
const isOfAnotherIssuer: Check = ({ secret, spec: { issuerRef } }) => {
  const { annotations = {} } = secret?.metadata ?? {};
  const [name, kind, group] = ['name', 'kind', 'group'].map((field) => annotations[`${PREFIX}issuer-${field}`]);
  const isAnnotated = name !== undefined || kind !== undefined || group !== undefined;
  const differing =
    (isAnnotated && (name ?? '') !== issuerRef.name) ||
    (kind || 'Issuer') !== (issuerRef.kind || 'Issuer') ||
    (group || 'cert-manager.io') !== (issuerRef.group || 'cert-manager.io');
  return differing ? `IncorrectIssuer: it says ${[name, kind, group].join('/')}` : undefined;
};

const isOfAnotherCertificate: Check = ({ secret, name }) => {
  const said = secret?.metadata.annotations?.[`${PREFIX}certificate-name`];
  return said === undefined || said === name ? undefined : `IncorrectCertificate: it says ${said}`;
};

const CURVES: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

const isOtherKey: Check = ({ secret, spec }) => {
  const { algorithm = 'RSA', size } = spec.privateKey ?? {};
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = keyIn(secret?.data) ?? {};
  const found = type === 'ec' ? 'ECDSA' : type === 'rsa' ? 'RSA' : type === 'ed25519' ? 'Ed25519' : String(type);
  if (found !== (algorithm || 'RSA')) return `SecretMismatch: spec.privateKey.algorithm, it is ${found}`;
  if (found === 'Ed25519') return undefined;
  const bits = found === 'RSA' ? details?.modulusLength : CURVES[details?.namedCurve ?? ''];
  const wanted = size || (found === 'RSA' ? 2048 : 256);
  return bits === wanted ? undefined : `SecretMismatch: spec.privateKey.size, it is ${bits}`;
};

const isKeyOfAnotherRequest: Check = ({ secret, request }) => {
  const key = keyIn(secret?.data);
  if (!request || !key) return undefined;
  return requestedBy(request).publicKey === publicOf(key)
    ? undefined
    : 'SecretMismatch: the key is not the one of the current CertificateRequest';
};

const namesBeside = (names: Names, spec: Spec): readonly string[] => [
  ...(isSame(names.ipAddresses, (spec.ipAddresses ?? []).map(canonicalAddress)) ? [] : ['spec.ipAddresses']),
  ...(isSame(names.uris, spec.uris) ? [] : ['spec.uris']),
  ...(isSame(names.emailAddresses, spec.emailAddresses) ? [] : ['spec.emailAddresses']),
];

/** What the stored certificate is compared in where no request is left: a DNS name may be the common name as well, or instead. */
function fuzzy(names: Names, spec: Spec): readonly string[] {
  const inOne = (commonName: string | undefined, dnsNames: readonly string[] = []) => [
    ...dnsNames,
    ...(commonName ? [commonName] : []),
  ];
  const isSameNames = isSameSet(inOne(names.commonName, names.dnsNames), inOne(spec.commonName, spec.dnsNames));
  return [...(isSameNames ? [] : ['spec.commonName or spec.dnsNames']), ...namesBeside(names, spec)];
}

const SUBJECT = ['organizations', 'organizationalUnits', 'countries', 'provinces', 'localities', 'streetAddresses'];
const refText = ({ name, kind, group }: Spec['issuerRef']): string =>
  [name, kind || 'Issuer', group || 'cert-manager.io'].join('/');

function strict(request: NonNullable<Input['request']>, spec: Spec): readonly string[] {
  const { names } = requestedBy(request);
  const usages = (given: readonly string[] | undefined) => given ?? ['digital signature', 'key encipherment'];
  const isSameSubject = [...SUBJECT, 'postalCodes', 'serialNumber'].every((part) =>
    isSame(names.subject[part], listOf(spec.subject?.[part])),
  );
  const asked = spec.duration !== undefined && request.duration !== undefined;
  return [
    ...namesBeside(names, spec),
    ...(isSame(names.dnsNames, spec.dnsNames) ? [] : ['spec.dnsNames']),
    ...(names.commonName === (spec.commonName ?? '') ? [] : ['spec.commonName']),
    ...(isSameSubject ? [] : ['spec.subject']),
    ...((request.isCA ?? false) === (spec.isCA ?? false) ? [] : ['spec.isCA']),
    ...(isSame(usages(request.usages), usages(spec.usages)) ? [] : ['spec.usages']),
    ...(asked && durationMs(spec.duration) !== durationMs(request.duration) ? ['spec.duration'] : []),
    ...(refText(request.issuerRef) === refText(spec.issuerRef) ? [] : ['spec.issuerRef']),
  ];
}

const requestDiffers: Check = ({ secret, spec, request }) => {
  const leaf = leafIn(secret?.data);
  const differing = request ? strict(request, spec) : leaf ? fuzzy(leaf.names, spec) : [];
  if (differing.length === 0) return undefined;
  return `${request ? 'RequestChanged' : 'SecretMismatch'}: ${differing.join(', ')}`;
};

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };

function durationMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  return parts.reduce((ms, [, amount, unit = '']) => ms + Number(amount) * (UNIT_MS[unit] ?? Number.NaN), 0);
}

/** Of the lifetime that was issued, not of the one that was asked for; whole seconds. Maintenance windows are not reckoned with. */
const isNearingExpiry: Check = ({ secret, spec, now }) => {
  const { x509 } = leafIn(secret?.data) ?? {};
  if (!x509 || spec.renewal?.policy === 'Disabled') return undefined;
  const end = Date.parse(x509.validTo);
  const lifetime = end - Date.parse(x509.validFrom);
  const [before, percentage] = [durationMs(spec.renewBefore), spec.renewBeforePercentage];
  const isInside = before !== undefined && before > 0 && before < lifetime;
  const isPart = percentage !== undefined && percentage > 0 && percentage < 100;
  const early = isInside ? before : isPart ? (lifetime * percentage) / 100 : lifetime / 3;
  const at = Math.floor((end - early) / 1_000) * 1_000;
  return now.getTime() >= at ? `Renewing: renewal was scheduled at ${new Date(at).toISOString()}` : undefined;
};

const hasExpired: Check = ({ secret, now }) => {
  const { x509 } = leafIn(secret?.data) ?? {};
  return x509 && now.getTime() > Date.parse(x509.validTo) ? `Expired: on ${x509.validTo}` : undefined;
};

const BEFORE_AGE: Readonly<Record<string, Check>> = {
  SecretDoesNotExist: doesNotExist,
  SecretIsMissingData: isMissingData,
  SecretPublicKeysDiffer: keysDiffer,
  SecretIssuerAnnotationsMismatch: isOfAnotherIssuer,
  SecretCertificateNameAnnotationsMismatch: isOfAnotherCertificate,
  SecretPrivateKeyMismatchesSpec: isOtherKey,
  SecretPublicKeyDiffersFromCurrentCertificateRequest: isKeyOfAnotherRequest,
  CurrentCertificateRequestMismatchesSpec: requestDiffers,
};

/** Any of these, and a new certificate is requested. */
export const TRIGGERS: Readonly<Record<string, Check>> = {
  ...BEFORE_AGE,
  CurrentCertificateNearingExpiry: isNearingExpiry,
};
/** Any of these, and the Certificate is not Ready. */
export const READINESS: Readonly<Record<string, Check>> = { ...BEFORE_AGE, CurrentCertificateHasExpired: hasExpired };
