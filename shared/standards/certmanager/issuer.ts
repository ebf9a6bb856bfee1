/** Reads a cert-manager.io/v1 Issuer or ClusterIssuer: acme, ca and selfSigned. Everything else, and what is not honoured yet, is refused by name. */
import { X509Certificate } from 'node:crypto';
import type { AcmeIssuerSpec, CaIssuerSpec, Issuer, IssuerSpec, SelfSignedIssuerSpec } from '../../contract/fleet.ts';
import type { IssuerId } from '../../contract/ids.ts';
import { STAGING_ANNOTATION } from '../../contract/marks.ts';
import { directoryProblem, keptDirectory } from '../acme/directory.ts';
import { dnsLabelProblem, dnsSubdomainProblem } from '../kubernetes/names.ts';
import { Field, type FieldProblem } from './field.ts';
import { mailProblem } from './mail.ts';
import { readSolver } from './solver.ts';

export type IssuerReading = { readonly issuer: Issuer } | { readonly problems: readonly FieldProblem[] };

const TYPES = ['acme', 'ca', 'selfSigned'] as const;
const FOREIGN_TYPES = ['vault', 'venafi', 'cyberArk'] as const;
const LEAVE = 'use an acme, ca or selfSigned issuer, or leave its certificates to cert-manager';
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** `fleet/<name>` or `<cluster>/<name>` for a ClusterIssuer, `<cluster>/<namespace>/<name>` for an Issuer. */
export const issuerIdOf = (where: string, namespace: string | undefined, name: string): IssuerId =>
  namespace === undefined ? `${where}/${name}` : `${where}/${namespace}/${name}`;

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    // Node tells a certificate from other bytes only by failing to read it
    return false;
  }
}

/** caBundle is bytes in the API, so base64 in a manifest; what it holds must be PEM certificates. */
function readCaBundle(field: Field): string | undefined {
  const text = field.text();
  if (text === undefined) return undefined;
  const how = 'base64 of a PEM file: base64 < ca.pem | tr -d "\\n"';
  if (text.includes('-----BEGIN')) return field.refuse('is PEM text; the API takes it in base64', how);
  if (!BASE64.test(text)) return field.refuse('is not base64', how);
  const pem = Buffer.from(text, 'base64').toString('utf8');
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) return field.refuse('holds no PEM certificate', how);
  const bad = blocks.findIndex((block) => !isCertificate(block));
  return bad < 0 ? pem : field.refuse(`certificate ${bad + 1} of ${blocks.length} cannot be read`, how);
}

function readServer(field: Field): string {
  const text = field.required();
  if (text === undefined) return '';
  const problem = directoryProblem(text);
  if (problem) field.refuse(problem.message, problem.fix);
  return text;
}

function readAccountBinding(eab: Field): AcmeIssuerSpec['externalAccountBinding'] {
  if (!eab.map().given) return undefined;
  eab.at('keyAlgorithm').oneOf(['HS256', 'HS384', 'HS512'], 'HS256');
  const secret = eab.at('keySecretRef').map();
  const keyId = eab.at('keyID').required();
  const name = secret.at('name').required();
  const key = secret.at('key').required();
  return keyId && name && key ? { keyId, keySecret: { name, key } } : undefined;
}

function refuseSwitches(acme: Field): void {
  const switches = {
    skipTLSVerify: 'give the CA’s roots in caBundle',
    disableAccountKeyGeneration: 'remove it: Nolapse makes and keeps its own account key',
    enableDurationFeature: 'remove it: the CA decides the lifetime',
  };
  for (const [name, fix] of Object.entries(switches))
    if (acme.at(name).flag()) acme.at(name).refuse('is not honoured by Nolapse', fix);
}

function readAcme(acme: Field): AcmeIssuerSpec {
  refuseSwitches(acme);
  acme.at('privateKeySecretRef').map();
  const email = acme.at('email').text();
  const badMail = email === undefined ? undefined : mailProblem(email);
  if (badMail) acme.at('email').refuse(badMail);
  const caBundle = readCaBundle(acme.at('caBundle'));
  const preferredChain = acme.at('preferredChain').text();
  const profile = acme.at('profile').text();
  const externalAccountBinding = readAccountBinding(acme.at('externalAccountBinding'));
  return {
    type: 'acme',
    server: readServer(acme.at('server')),
    ...(email ? { email } : {}),
    ...(caBundle ? { caBundle } : {}),
    ...(preferredChain ? { preferredChain } : {}),
    ...(profile ? { profile } : {}),
    ...(externalAccountBinding ? { externalAccountBinding } : {}),
    solvers: acme
      .at('solvers')
      .items()
      .flatMap((solver) => readSolver(solver) ?? []),
  };
}

function readUrls(field: Field): readonly string[] {
  for (const item of field.items())
    if (typeof item.value === 'string' && !URL.canParse(item.value))
      item.refuse(`${JSON.stringify(item.value)} is no URL`);
  return field.texts();
}

const readCa = (ca: Field): CaIssuerSpec => ({
  type: 'ca',
  secretName: ca.at('secretName').required() ?? '',
  crlDistributionPoints: readUrls(ca.at('crlDistributionPoints')),
  ocspServers: readUrls(ca.at('ocspServers')),
  issuingCertificateUrls: readUrls(ca.at('issuingCertificateURLs')),
});

const readSelfSigned = (selfSigned: Field): SelfSignedIssuerSpec => ({
  type: 'selfSigned',
  crlDistributionPoints: readUrls(selfSigned.at('crlDistributionPoints')),
});

/** `selfSigned: {}` is empty and yet chosen: what counts is that the key is there. */
const isChosen = (field: Field): boolean => field.value !== undefined && field.value !== null;

function readSpec(spec: Field): IssuerSpec | undefined {
  if (!spec.map().given) return spec.refuse('is required', `choose one of ${TYPES.join(', ')}`);
  for (const type of FOREIGN_TYPES)
    if (isChosen(spec.at(type))) spec.at(type).refuse(`issuers of type ${type} are not honoured by Nolapse`, LEAVE);
  const chosen = TYPES.filter((type) => isChosen(spec.at(type)));
  const [type] = chosen;
  if (chosen.length > 1) return spec.refuse(`has ${chosen.join(' and ')}; an issuer is exactly one of them`);
  if (type === undefined)
    return FOREIGN_TYPES.some((foreign) => isChosen(spec.at(foreign)))
      ? undefined
      : spec.refuse(`has no issuer type`, `choose one of ${TYPES.join(', ')}`);
  const field = spec.at(type).map();
  if (type === 'acme') return readAcme(field);
  return type === 'ca' ? readCa(field) : readSelfSigned(field);
}

/**
 * An issuer as found in `source` (a cluster, or `fleet` for the fleet file). An Issuer of the file belongs to one `cluster` at a time;
 * its Secrets are read from `source` all the same. Paths of problems start at the manifest's root.
 */
export function readIssuer(manifest: unknown, source: string, cluster: string = source): IssuerReading {
  const root = new Field(manifest);
  const kind = root.at('kind').oneOf(['Issuer', 'ClusterIssuer'], 'Issuer');
  const metadata = root.at('metadata').map();
  const name = metadata.at('name').required();
  const badName = name === undefined ? undefined : dnsSubdomainProblem(name);
  if (badName) metadata.at('name').refuse(badName);
  const namespace = kind === 'Issuer' ? metadata.at('namespace').required() : undefined;
  const badNamespace = namespace === undefined ? undefined : dnsLabelProblem(namespace);
  if (badNamespace) metadata.at('namespace').refuse(badNamespace);
  const spec = readSpec(root.at('spec'));
  if (root.problems.length > 0 || !spec || name === undefined) return { problems: root.problems };
  const where = kind === 'Issuer' ? cluster : source;
  const id = issuerIdOf(where, namespace, name);
  // a wrong word for rehearsals stops no renewal: whoever rehearses is told
  const stagingServer = metadata.at('annotations').at(STAGING_ANNOTATION).value;
  const staging =
    spec.type === 'acme' && typeof stagingServer === 'string' ? { stagingServer: keptDirectory(stagingServer) } : {};
  return { issuer: { id, kind, name, ...(namespace ? { namespace } : {}), source, spec: { ...spec, ...staging } } };
}
