/** A fleet of two clusters with one ACME issuer, and wishes for it, made small. */
import type { Cluster, Fleet, Issuer } from '../../../../shared/contract/fleet.ts';
import type { Wish } from '../../../../shared/stages/assess/want.ts';
import { acmeIssuer, at, place, spec } from './judged-things.ts';

export const cluster = (name: string, more: Partial<Cluster> = {}): Cluster => ({
  ...{ name, access: { by: 'kubeconfig', path: '~/.kube/config' }, mode: 'manage', trustDomain: name },
  ...{ clusterResourceNamespace: 'cert-manager' },
  namePolicy: [{ namespaces: ['shop'], names: ['shop.example.com', '*.shop.example.com'] }],
  ...more,
});

export const fleet = (more: Partial<Fleet> = {}): Fleet => ({
  ...{ name: 'acme', clusters: [cluster('prod'), cluster('edge')], dns: { resolvers: [], port: 53 } },
  ...{
    zones: [{ name: 'example.com', hostedZoneId: 'Z1' }],
    reach: [],
    notifications: {},
    issuers: [],
    certificates: [],
  },
  ...more,
});

export const LETS_ENCRYPT: Issuer = acmeIssuer('https://acme-v02.api.letsencrypt.org/directory');

/** Of the cluster `prod`, namespace `shop`. */
export const wish = (name: string, more: Partial<Wish> = {}): Wish => ({
  ...{ id: `prod/shop/${name}`, source: 'prod', origin: 'Certificate', namespace: 'shop', name, labels: {} },
  ...{ spec: spec({ secretName: name }), places: [{ place: place(name), adopt: false }], from: 'cluster' },
  ...more,
});

export const context = (of: Fleet = fleet(), issuers: readonly Issuer[] = [LETS_ENCRYPT]) => ({
  ...{ fleet: of, issuers: new Map(issuers.map((one) => [one.id, one])), unusableIssuers: new Set<string>() },
  now: at(0),
});
