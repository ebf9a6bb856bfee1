/** Fleets to be looked at: names that read like a real one's, the same at every call. */
import type { Finding } from '../../shared/contract/finding.ts';
import type { CertificateState, CertificateView } from '../../shared/contract/observation.ts';
import type { Reported } from '../../shared/stages/notify/report/report.ts';

export const AT = '2026-11-29T09:00:00.000Z';
const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.parse(AT) + days * DAY_MS).toISOString();

const CLUSTERS = ['prod-eu', 'prod-us', 'edge', 'staging'] as const;
const TEAMS = ['shop', 'payments', 'search', 'media', 'identity', 'platform', 'logistics', 'support'] as const;
const THINGS = ['web', 'api', 'admin', 'cdn', 'login', 'events', 'reports', 'webhooks', 'grafana', 'docs'] as const;
const HANDS = ['nolapse', 'nolapse', 'nolapse', 'cert-manager', 'nolapse', 'kubectl-create', 'helm'] as const;

const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

/** How many days a certificate has left, and so what is to be said of it. */
function stateOf(daysLeft: number, isManaged: boolean): CertificateState {
  if (daysLeft < 0) return 'expired';
  if (isManaged) return daysLeft < 30 ? 'due' : 'ok';
  return daysLeft < 18 ? 'expiring' : 'ok';
}

function certificate(i: number): CertificateView {
  const [cluster, namespace] = [at(CLUSTERS, i * 7 + Math.floor(i / 5)), at(TEAMS, i * 3 + Math.floor(i / 11))];
  const managedBy = at(HANDS, i * 5 + Math.floor(i / 13));
  const isManaged = managedBy === 'nolapse' || managedBy === 'cert-manager';
  // renewal keeps those that are managed at 30 to 90 days; the others are anywhere
  const daysLeft = isManaged ? 29.4 + ((i * 37) % 607) / 10 : ((i * 53) % 3640) / 10 - (i % 40 === 3 ? 4 : 0);
  const name = `${at(THINGS, i * 3 + Math.floor(i / 7))}${i < 80 ? '' : `-${Math.floor(i / 80)}`}-tls`;
  const host = `${name.replace(/-tls$/, '')}.${namespace}.example.com`;
  return {
    ...{ id: `${cluster}/${namespace}/${name}`, cluster, namespace, name },
    ...{ kind: isManaged ? 'Certificate' : 'Secret', names: i % 6 === 0 ? [host, `*.${host}`] : [host] },
    issuer: isManaged
      ? at(['fleet/letsencrypt', 'fleet/internal-ca'], Math.floor(i / 3))
      : 'CN=R11,O=Let’s Encrypt,C=US',
    ...{ serial: (0x3a7f11 + i).toString(16), notBefore: inDays(daysLeft - 90), notAfter: inDays(daysLeft) },
    ...(isManaged ? { renewAt: inDays(daysLeft - 30) } : {}),
    ...{ state: stateOf(daysLeft, isManaged), managedBy },
  };
}

const object = (cluster: string, kind: string, namespace: string, name: string): Finding['object'] => ({
  ...{ cluster, kind, namespace, name },
});

export const FINDINGS: readonly Finding[] = [
  {
    ...{ code: 'expired', severity: 'critical', object: object('edge', 'Secret', 'media', 'cdn-tls') },
    ...{ names: ['cdn.media.example.com'], since: inDays(-1.1) },
    message: 'The certificate in edge/media/cdn-tls expired on 2026-11-28 06:36 UTC; clients refuse it.',
    evidence: { serial: '3a7f2b', 'referenced by': 'Ingress media/cdn' },
    fix: 'Renew it now: nolapse renew edge/media/cdn-tls',
  },
  {
    ...{ code: 'renewal-failing', severity: 'high', object: object('prod-eu', 'Certificate', 'shop', 'api-tls') },
    ...{ names: ['api.shop.example.com'], since: inDays(-3.2) },
    message: 'Renewing prod-eu/shop/api-tls failed 4 times: CAA for shop.example.com forbids letsencrypt.org.',
    evidence: { type: 'urn:ietf:params:acme:error:caa', 'next attempt': '2026-11-29 13:00 UTC' },
    fix: 'Let the CAA record of shop.example.com allow letsencrypt.org, then: nolapse renew prod-eu/shop/api-tls',
  },
  {
    ...{ code: 'secret-name-mismatch', severity: 'high', object: object('prod-us', 'Ingress', 'payments', 'checkout') },
    ...{ names: ['pay.example.com'], since: inDays(-9) },
    message:
      'Ingress checkout names the Secret pay-cert, which does not exist; pay-tls in the same namespace covers its host.',
    evidence: { named: 'pay-cert', fits: 'pay-tls' },
    fix: `Name the Secret that is there: kubectl -n payments patch ingress checkout --type=json -p '[{"op":"replace","path":"/spec/tls/0/secretName","value":"pay-tls"}]'`,
  },
  {
    ...{
      code: 'staging-in-production',
      severity: 'warning',
      object: object('prod-eu', 'Secret', 'support', 'docs-tls'),
    },
    ...{ names: ['docs.support.example.com'], since: inDays(-21) },
    message: 'A staging issuer signed what prod-eu/support/docs-tls serves: no browser trusts it.',
    evidence: { issuer: '(STAGING) Riddling Rhubarb R12' },
    fix: 'Name the production issuer in issuerRef of the Certificate docs.',
  },
];

/** A fleet of so many certificates, with one cluster that was not read. */
export function fleetOf(size: number): Reported {
  const copies = Array.from({ length: Math.max(1, Math.round(size / 250)) }, (_, i) =>
    FINDINGS.map((finding) => ({
      ...finding,
      object: { ...finding.object, name: `${finding.object.name}${i || ''}` },
    })),
  );
  return {
    certificates: Array.from({ length: size }, (_, i) => certificate(i)),
    findings: copies.flat(),
    sources: [
      ...CLUSTERS.slice(0, 3).map((name) => ({ name, state: 'ok' as const, asOf: AT })),
      { name: 'staging', state: 'stale', asOf: inDays(-0.3), problem: 'the API server did not answer within 10 s' },
    ],
    at: AT,
  };
}
