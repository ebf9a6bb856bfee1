/** ACME solvers: read from an issuer, and chosen for a name with cert-manager's precedence. */
import type { Solver } from '../../contract/fleet.ts';
import { isWithin } from '../dns/names.ts';
import type { Field } from './field.ts';

const DNS01_PROVIDERS = [
  'acmeDNS',
  'akamai',
  'azureDNS',
  'cloudDNS',
  'cloudflare',
  'digitalocean',
  'rfc2136',
  'webhook',
] as const;
const STATIC_KEYS = ['accessKeyID', 'accessKeyIDSecretRef', 'secretAccessKeySecretRef', 'auth'] as const;

const isChosen = (field: Field): boolean => field.value !== undefined && field.value !== null;

/** Rights on a zone are those of the fleet's zone: a solver may name zone and role, never keys. */
function readRoute53(route53: Field): string | undefined {
  route53.map();
  for (const key of STATIC_KEYS)
    route53
      .at(key)
      .refuseIfGiven(
        'credentials of a solver are not honoured by Nolapse',
        'remove it: name the zone and its roleArn under spec.zones of the Fleet',
      );
  route53.at('region').text();
  route53.at('role').text();
  return route53.at('hostedZoneID').text();
}

function readDns01(dns01: Field): string | undefined {
  dns01.map();
  const follow = dns01.at('cnameStrategy').oneOf(['None', 'Follow'], 'None') === 'Follow';
  if (follow)
    dns01
      .at('cnameStrategy')
      .refuse(
        'Follow is not honoured by Nolapse',
        'list the zone that the CNAME leads to, and ask for its names directly',
      );
  const others = DNS01_PROVIDERS.filter((provider) => isChosen(dns01.at(provider)));
  for (const provider of others)
    dns01.at(provider).refuse(`DNS-01 by ${provider} is not honoured by Nolapse`, 'use route53');
  if (isChosen(dns01.at('route53'))) return readRoute53(dns01.at('route53'));
  return others.length > 0 ? undefined : dns01.refuse('has no provider', 'add route53: {}');
}

/** One entry of `spec.acme.solvers`; waitInsteadOfSelfCheck is taken without effect, because Route 53 says when it is in sync. */
export function readSolver(solver: Field): Solver | undefined {
  const before = solver.problems.length;
  const [dns01, http01] = [isChosen(solver.map().at('dns01')), isChosen(solver.at('http01'))];
  if (dns01 && http01) solver.refuse('has dns01 and http01; a solver is exactly one of them');
  else if (!dns01 && !http01) solver.refuse('has neither dns01 nor http01', 'add dns01: { route53: {} }');
  const hostedZoneId = dns01 ? readDns01(solver.at('dns01')) : undefined;
  const selector = solver.at('selector').map();
  const dnsNames = selector.at('dnsNames').texts();
  const dnsZones = selector.at('dnsZones').texts();
  const matchLabels = selector.at('matchLabels').entries();
  if (solver.problems.length > before) return undefined;
  return {
    type: dns01 ? 'dns01' : 'http01',
    ...(dnsNames.length > 0 ? { dnsNames: dnsNames.map((name) => name.toLowerCase()) } : {}),
    ...(dnsZones.length > 0 ? { dnsZones: dnsZones.map((zone) => zone.toLowerCase().replace(/\.$/, '')) } : {}),
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(hostedZoneId ? { hostedZoneId } : {}),
  };
}

interface Match {
  readonly dnsNames: number;
  readonly zoneLabels: number;
  readonly labels: number;
}

/** How well a solver's selector matches; undefined where one of its parts does not. */
function matchOf(solver: Solver, name: string, labels: Readonly<Record<string, string>>): Match | undefined {
  const wanted = Object.entries(solver.matchLabels ?? {});
  if (!wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)) return undefined;
  if (solver.dnsNames && !solver.dnsNames.includes(name)) return undefined;
  const host = name.replace(/^\*\./, '');
  const zones = solver.dnsZones?.filter((zone) => isWithin(host, zone));
  if (zones?.length === 0) return undefined;
  return {
    dnsNames: solver.dnsNames ? 1 : 0,
    zoneLabels: Math.max(0, ...(zones ?? []).map((zone) => zone.split('.').length)),
    labels: wanted.length,
  };
}

const isBetter = (a: Match, b: Match): boolean =>
  a.dnsNames - b.dnsNames > 0 ||
  (a.dnsNames === b.dnsNames &&
    (a.zoneLabels > b.zoneLabels || (a.zoneLabels === b.zoneLabels && a.labels > b.labels)));

function best(solvers: readonly Solver[], name: string, labels: Readonly<Record<string, string>>): Solver | undefined {
  let chosen: { readonly solver: Solver; readonly match: Match } | undefined;
  for (const solver of solvers) {
    const match = matchOf(solver, name, labels);
    if (match && (!chosen || isBetter(match, chosen.match))) chosen = { solver, match };
  }
  return chosen?.solver;
}

/**
 * The solver for one canonical name of a certificate with these labels. All parts of a selector must match; among those that do,
 * dnsNames win, then the longest of dnsZones, then the number of matchLabels, then the first. No selector matches everything, last.
 * A wildcard takes a dns01 solver where one matches: HTTP-01 is never offered for it (RFC 8555 §8.3).
 */
export function pickSolver(
  solvers: readonly Solver[],
  name: string,
  labels: Readonly<Record<string, string>>,
): Solver | undefined {
  const dns01 = name.startsWith('*.')
    ? best(
        solvers.filter((solver) => solver.type === 'dns01'),
        name,
        labels,
      )
    : undefined;
  return dns01 ?? best(solvers, name, labels);
}
