/** Endpoints as text: where somebody connects and is shown a certificate. Asks nobody. */
import type { CertificateSpec } from '../../contract/certificate.ts';
import type { Endpoint } from '../../contract/ids.ts';
import { ENDPOINTS_ANNOTATION } from '../../contract/marks.ts';
import { canonicalIp } from './ip.ts';
import { canonicalName, nameAllowed } from './names.ts';

export interface EndpointParts {
  /** A name without wildcard, or an address without brackets; canonical. */
  readonly host: string;
  readonly port: number;
}

const FORM = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/;

export const endpointText = ({ host, port }: EndpointParts): Endpoint =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

function hostOf(
  bracketed: string | undefined,
  plain: string,
): { readonly host: string } | { readonly problem: string } {
  if (bracketed !== undefined) {
    const address = canonicalIp(bracketed);
    return address?.includes(':')
      ? { host: address }
      : { problem: `${JSON.stringify(bracketed)} in brackets is no IPv6 address` };
  }
  const address = canonicalIp(plain);
  if (address) return { host: address };
  const canonical = canonicalName(plain);
  if ('problem' in canonical) return canonical;
  if (canonical.name.startsWith('*.'))
    return { problem: `${JSON.stringify(plain)} is a wildcard: nobody can connect to it` };
  return { host: canonical.name };
}

/** The one spelling of `<host>:<port>`, or what is wrong with it. */
export function readEndpoint(text: string): EndpointParts | { readonly problem: string } {
  const [, bracketed, plain = '', digits = ''] = FORM.exec(text) ?? [];
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  if (digits === '') return { problem: `${shown} is no <host>:<port> (shop.example.com:443, [2001:db8::1]:443)` };
  const port = Number(digits);
  if (port < 1 || port > 65_535)
    return { problem: `${shown} has the port ${digits}, which is not between 1 and 65535` };
  const host = hostOf(bracketed, plain);
  return 'problem' in host ? host : { ...host, port };
}

/** The parts of what `endpointText` made. */
export function endpointParts(endpoint: Endpoint): EndpointParts {
  const parts = readEndpoint(endpoint);
  if ('problem' in parts) throw new TypeError(`not an endpoint: ${parts.problem}`);
  return parts;
}

/** Whether a certificate of these names is one for the host (RFC 9525 §6.3: a wildcard stands for one label). */
export const isCovered = (host: string, of: Pick<CertificateSpec, 'dnsNames' | 'ipAddresses'>): boolean =>
  canonicalIp(host)
    ? of.ipAddresses.some((address) => canonicalIp(address) === host)
    : of.dnsNames.some((pattern) => nameAllowed(host, patternOf(pattern)));

export type ReadEndpoint = { readonly endpoint: Endpoint } | { readonly problem: string; readonly fix?: string };

/** One of a certificate of these names, beside others that were read before. */
export function endpointOf(
  text: string,
  of: Pick<CertificateSpec, 'dnsNames' | 'ipAddresses'>,
  before: readonly Endpoint[],
): ReadEndpoint {
  const parts = readEndpoint(text);
  if ('problem' in parts) return parts;
  const endpoint = endpointText(parts);
  if (before.includes(endpoint)) return { problem: `${endpoint} is there already` };
  if (isCovered(parts.host, of)) return { endpoint };
  return {
    problem: `the certificate is not for ${parts.host}; it is for: ${[...of.dnsNames, ...of.ipAddresses].join(', ')}`,
    fix: 'add the name to the certificate, or name another endpoint',
  };
}

/** Each of these is asked at every address, by one function. */
export const MAX_ENDPOINTS = 50;

export interface ReadEndpoints {
  readonly endpoints: readonly Endpoint[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/** The annotation `nolapse.dev/endpoints`: a list with commas. What is wrong in it is left out and said. */
export function annotatedEndpoints(
  annotations: Readonly<Record<string, unknown>> | undefined,
  of: Pick<CertificateSpec, 'dnsNames' | 'ipAddresses'>,
): ReadEndpoints {
  const text = annotations?.[ENDPOINTS_ANNOTATION];
  if (typeof text !== 'string') return { endpoints: [], problems: [] };
  const endpoints: Endpoint[] = [];
  const all = text.split(',');
  const isTooMany = all.length > MAX_ENDPOINTS;
  const problems = isTooMany ? [`${ENDPOINTS_ANNOTATION}: only the first ${MAX_ENDPOINTS} of ${all.length} count`] : [];
  for (const one of all.slice(0, MAX_ENDPOINTS)) {
    const read = endpointOf(one.trim(), of, endpoints);
    if ('endpoint' in read) endpoints.push(read.endpoint);
    else problems.push(`${ENDPOINTS_ANNOTATION}: ${read.problem}${read.fix ? ` (${read.fix})` : ''}`);
  }
  return { endpoints, problems };
}

/** What is wrong in the annotation of an object that asks for several certificates: an endpoint must be covered by one of them. */
export const endpointProblems = (
  annotations: Readonly<Record<string, unknown>> | undefined,
  all: readonly Pick<CertificateSpec, 'dnsNames' | 'ipAddresses'>[],
): readonly string[] => {
  if (all.length === 0) return [];
  const [dnsNames, ipAddresses] = [all.flatMap((one) => one.dnsNames), all.flatMap((one) => one.ipAddresses)];
  return annotatedEndpoints(annotations, { dnsNames, ipAddresses }).problems;
};

function patternOf(name: string): string {
  const canonical = canonicalName(name);
  return 'name' in canonical ? canonical.name : name;
}
