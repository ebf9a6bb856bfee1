/** What the judges look at, made small: certificates by their days, places, Wanted, rows. All of cluster `prod`, namespace `shop`. */
import type { CertificateSpec, Facts } from '../../../../shared/contract/certificate.ts';
import type { Issuer } from '../../../../shared/contract/fleet.ts';
import type { IngressFacts, Observation } from '../../../../shared/contract/observation.ts';
import type { Destination, Failure, Issuance, Wanted } from '../../../../shared/contract/rows.ts';
import type { SourceSeen } from '../../../../shared/stages/assess/judge.ts';

export const NOW = new Date('2026-11-24T09:00:00.000Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const place = (name: string): string => `prod/shop/${name}`;
/** That many milliseconds from NOW. */
export const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();

/** A leaf for shop.example.com of 90 days that has `left` milliseconds to go. */
export const facts = (left: number, more: Partial<Facts> & { readonly lifetime?: number } = {}): Facts => {
  const { lifetime = 90 * DAY, ...rest } = more;
  return {
    ...{ serial: '0a1b', sha256: 'ab'.repeat(32), notBefore: at(left - lifetime), notAfter: at(left) },
    ...{ subject: '', issuer: "CN=R10,O=Let's Encrypt,C=US", dnsNames: ['shop.example.com'] },
    ...{ ipAddresses: [], uris: [], emailAddresses: [], isCA: false, selfSigned: false },
    ...{ key: { algorithm: 'ECDSA', size: 256 }, publicKeySha256: 'cd'.repeat(32) },
    ...rest,
  };
};

export const ca = (left: number, more: Partial<Facts> = {}): Facts =>
  facts(left, {
    ...{ lifetime: 3650 * DAY, isCA: true, selfSigned: true, subject: 'CN=Shop CA', issuer: 'CN=Shop CA' },
    ...{ commonName: 'Shop CA', dnsNames: [], sha256: 'ca'.repeat(32), serial: 'ca01' },
    ...more,
  });

export const observed = (name: string, leaf?: Facts, more: Partial<Observation> = {}): Observation => ({
  ...{ place: place(name), uid: `uid-${name}`, version: '1', type: 'kubernetes.io/tls', immutable: false },
  chain: leaf ? [leaf, ...(leaf.isCA || leaf.selfSigned ? [] : [ca(1000 * DAY, { subject: leaf.issuer })])] : [],
  ...(leaf ? { keyMatches: true } : {}),
  ...{ managers: [], owners: [], labels: {}, annotations: {} },
  ...more,
});

export const ingress = (name: string, secretName: string, hosts = ['shop.example.com']): IngressFacts => ({
  ...{ namespace: 'shop', name, hosts },
  tls: [{ secretName, hosts }],
});

export const spec = (more: Partial<CertificateSpec> = {}): CertificateSpec => ({
  ...{ secretName: 'tls', issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer', group: 'cert-manager.io' } },
  ...{ subject: {}, dnsNames: ['shop.example.com'], ipAddresses: [], uris: [], emailAddresses: [] },
  ...{ durationMs: 90 * DAY, isCA: false, usages: [] },
  privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS1' },
  secretTemplate: { labels: {}, annotations: {} },
  ...more,
});

/** The Certificate `name`, whose Secret has the same name. In the plan unless `held` is given. */
export function wanted(name: string, more: Partial<Wanted> = {}): Wanted {
  return {
    ...{ id: `prod/shop/${name}`, source: 'prod', origin: 'Certificate', namespace: 'shop', name, labels: {} },
    ...{ spec: spec({ secretName: name }), issuer: 'fleet/letsencrypt', seenAt: at(0) },
    places: [{ place: place(name), adopt: false }],
    ...(more.held ? {} : { issuance: `iss-${name}` }),
    ...more,
  };
}

/** What `wanted(name)` is issued by; renewed a third of 90 days before its end. */
export const issuance = (name: string, current?: Facts, more: Partial<Issuance> = {}): Issuance => ({
  id: `iss-${name}`,
  request: {
    ...{ issuer: 'fleet/letsencrypt', subject: {}, dnsNames: ['shop.example.com'], ipAddresses: [], uris: [] },
    ...{ emailAddresses: [], durationMs: 90 * DAY, isCA: false, usages: [] },
    key: { algorithm: 'ECDSA', size: 256 },
  },
  ...{ members: [`prod/shop/${name}`], keyPolicy: 'ephemeral' },
  ...(current && {
    current: { facts: current, chainPem: '', issuedAt: current.notBefore, origin: 'issued' },
    renewAt: new Date(Date.parse(current.notAfter) - 30 * DAY).toISOString(),
  }),
  ...more,
});

export const destination = (name: string, have?: Facts, more: Partial<Destination> = {}): Destination => ({
  ...{ place: place(name), issuance: `iss-${name}`, certificate: `prod/shop/${name}`, adopt: false },
  ownership: have ? { is: 'ours' } : { is: 'absent' },
  ...(have && { have: { facts: have, keyMatches: true, version: '1', annotations: {} } }),
  ...more,
});

export const failure = (count: number, more: Partial<Failure> = {}): Failure => ({
  problem: { type: 'urn:ietf:params:acme:error:dns', detail: 'no TXT record was found', retry: 'later' },
  ...{ stage: 'issue', count, firstAt: at(-5 * HOUR), lastAt: at(-HOUR), retryAt: at(HOUR) },
  ...more,
});

export const acmeIssuer = (server: string): Issuer => ({
  ...{ id: 'fleet/letsencrypt', kind: 'ClusterIssuer', name: 'letsencrypt', source: 'fleet' },
  spec: { type: 'acme', server, solvers: [{ type: 'dns01' }] },
});

export const source = (seen: Partial<SourceSeen>): SourceSeen => ({
  ...{ cluster: 'prod', observations: [], ingresses: [], wanted: [], issuers: [], secretsRead: true },
  ...{ issuances: new Map(), destinations: new Map() },
  ...seen,
});

export const byId = (...rows: readonly Issuance[]): ReadonlyMap<string, Issuance> =>
  new Map(rows.map((row) => [row.id, row]));
export const byPlace = (...rows: readonly Destination[]): ReadonlyMap<string, Destination> =>
  new Map(rows.map((row) => [row.place, row]));

/** What tables compare: `<code> <severity> <kind>/<name>`. */
export const brief = (
  verdicts: readonly {
    readonly code: string;
    readonly severity: string;
    readonly object: { readonly kind: string; readonly name: string };
  }[],
): readonly string[] =>
  verdicts.map(({ code, severity, object }) => `${code} ${severity} ${object.kind}/${object.name}`).toSorted();
