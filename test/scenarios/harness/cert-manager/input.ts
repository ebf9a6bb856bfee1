/** What cert-manager's policies look at: a Certificate, its Secret and the request of its current revision, as an API server has them. */
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { AdminClient, Manifest } from '../world.ts';

/** cert-manager.io/v1, as far as the checks read it; what is absent has its default. */
export interface Spec {
  readonly secretName: string;
  readonly issuerRef: { readonly name: string; readonly kind?: string; readonly group?: string };
  readonly commonName?: string;
  readonly subject?: Readonly<Record<string, string | readonly string[]>>;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly emailAddresses?: readonly string[];
  readonly duration?: string;
  readonly renewBefore?: string;
  readonly renewBeforePercentage?: number;
  readonly renewal?: { readonly policy: string };
  readonly isCA?: boolean;
  readonly usages?: readonly string[];
  readonly privateKey?: { readonly algorithm?: string; readonly size?: number };
  readonly secretTemplate?: { readonly labels?: Texts; readonly annotations?: Texts };
  readonly additionalOutputFormats?: readonly { readonly type: string }[];
  readonly keystores?: Readonly<Record<string, { readonly create?: boolean } | undefined>>;
}

export type Texts = Readonly<Record<string, string>>;

export interface SecretMetadata {
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly ownerReferences?: readonly { readonly uid: string; readonly kind?: string; readonly name?: string }[];
  readonly managedFields?: readonly {
    readonly manager: string;
    readonly operation: string;
    readonly fieldsV1?: unknown;
  }[];
}

/** A CertificateRequest: `request` is base64 of a PEM. */
export interface CurrentRequest {
  readonly request: string;
  readonly issuerRef: Spec['issuerRef'];
  readonly isCA?: boolean;
  readonly usages?: readonly string[];
  readonly duration?: string;
}

export interface Input {
  readonly name: string;
  readonly uid: string;
  readonly spec: Spec;
  readonly secret?: { readonly metadata: SecretMetadata; readonly data?: Texts };
  readonly request?: CurrentRequest;
  /** Whether cert-manager runs with --enable-certificate-owner-ref. */
  readonly ownerRef: boolean;
  readonly now: Date;
}

/** `<reason>: <detail>` where the policy is violated. */
export type Check = (input: Input) => string | undefined;

export interface Names {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emailAddresses: readonly string[];
  /** By the names of a CertificateSpec, in the order of the certificate. */
  readonly subject: Readonly<Record<string, readonly string[]>>;
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  ...{ organizations: '2.5.4.10', organizationalUnits: '2.5.4.11', countries: '2.5.4.6', provinces: '2.5.4.8' },
  ...{ localities: '2.5.4.7', streetAddresses: '2.5.4.9', postalCodes: '2.5.4.17', serialNumber: '2.5.4.5' },
};

/** As Go prints an address. */
export const canonicalAddress = (ip: string): string =>
  ip.includes(':') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip;

function namesOf({ subjectName, extensions }: Pick<x509.X509Certificate, 'subjectName' | 'extensions'>): Names {
  const found = extensions.find((one) => one.type === '2.5.29.17');
  const items = found ? new x509.SubjectAlternativeNameExtension(found.rawData).names.items : [];
  const of = (type: string): readonly string[] =>
    items.flatMap((item) => (item.type === type && typeof item.value === 'string' ? item.value : []));
  const subject = Object.entries(ATTRIBUTES).map(([name, oid]) => [name, subjectName.getField(oid)] as const);
  return {
    commonName: subjectName.getField('2.5.4.3').at(-1) ?? '',
    ...{
      dnsNames: of('dns'),
      ipAddresses: of('ip').map(canonicalAddress),
      uris: of('url'),
      emailAddresses: of('email'),
    },
    subject: Object.fromEntries(subject.filter(([, values]) => values.length > 0)),
  };
}

const bytesAt = (data: Texts | undefined, key: string): Buffer => Buffer.from(data?.[key] ?? '', 'base64');

/** Undefined where it cannot be read. */
export function keyIn(data: Texts | undefined): KeyObject | undefined {
  try {
    return createPrivateKey(bytesAt(data, 'tls.key'));
  } catch {
    return undefined; // to cert-manager as to us, that it cannot be read is what there is to know
  }
}

export interface Leaf {
  readonly x509: X509Certificate;
  readonly names: Names;
  readonly publicKey: string;
}

export const publicText = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('hex');
export const publicOf = (key: KeyObject): string => publicText(createPublicKey(key));

/** The first certificate of `tls.crt`; undefined where it cannot be read. */
export function leafIn(data: Texts | undefined): Leaf | undefined {
  try {
    const certificate = new X509Certificate(bytesAt(data, 'tls.crt'));
    const names = namesOf(new x509.X509Certificate(certificate.raw));
    return { x509: certificate, names, publicKey: publicText(certificate.publicKey) };
  } catch {
    return undefined; // as above
  }
}

export function requestedBy({ request }: CurrentRequest): { readonly names: Names; readonly publicKey: string } {
  const csr = new x509.Pkcs10CertificateRequest(Buffer.from(request, 'base64').toString());
  return { names: namesOf(csr), publicKey: Buffer.from(csr.publicKey.rawData).toString('hex') };
}

const REVISION = 'cert-manager.io/certificate-revision';

interface RequestManifest {
  readonly metadata: SecretMetadata;
  readonly spec: CurrentRequest;
}

/** The one that a Certificate owns and whose revision is the one of its status; servers without the kind have none. */
async function currentRequest(admin: AdminClient, namespace: string, certificate: Manifest) {
  const { revision } = (certificate as { readonly status?: { readonly revision?: number } }).status ?? {};
  const path = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificaterequests`;
  const { status, body } = await admin.request('GET', path);
  if (status === 404 || revision === undefined) return undefined;
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.slice(0, 200)}`);
  const { items } = JSON.parse(body) as { readonly items: readonly RequestManifest[] };
  const isCurrent = ({ metadata: { annotations, ownerReferences = [] } }: RequestManifest): boolean =>
    annotations?.[REVISION] === String(revision) && ownerReferences.some(({ uid }) => uid === certificate.metadata.uid);
  return items.find(isCurrent)?.spec;
}

/** All of it as the API server has it now. Throws where there is no Certificate of the name. */
export async function readInput(
  admin: AdminClient,
  at: { readonly namespace: string; readonly name: string },
  now: Date,
): Promise<Input> {
  const certificate = await admin.get({ kind: 'Certificate', ...at });
  if (!certificate) throw new Error(`there is no Certificate ${at.namespace}/${at.name}`);
  const spec = certificate.spec as Spec;
  const secret = await admin.get({ kind: 'Secret', namespace: at.namespace, name: spec.secretName });
  const request = await currentRequest(admin, at.namespace, certificate);
  return {
    ...{ name: at.name, uid: certificate.metadata.uid ?? '', spec, ownerRef: false, now },
    ...(secret ? { secret } : {}),
    ...(request ? { request } : {}),
  };
}
