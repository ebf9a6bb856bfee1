/** DNS names of certificates: canonical form, challenge names, zones, and which names a policy allows. Asks nobody. */
import { domainToASCII } from 'node:url';
import type { Mode, NamePolicyLine, Zone } from '../../contract/fleet.ts';
import { canonicalIp } from './ip.ts';

const MAX_NAME = 253;
const MAX_LABEL = 63;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

export type CanonicalName = { readonly name: string } | { readonly problem: string };

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** As DNS compares what servers say of themselves and of each other: lower case, no final dot. */
export const plainName = (text: string): string => text.toLowerCase().replace(/\.$/, '');

/** Control characters and URL syntax must not reach the IDNA mapping: it would decode or drop them. */
function strangeCharacter(text: string): string | undefined {
  return [...text].find((c) => (c.charCodeAt(0) < 128 ? !/[A-Za-z0-9.*-]/.test(c) : /[\s\p{C}]/u.test(c)));
}

function labelProblem(host: string): string | undefined {
  const labels = host.split('.');
  if (labels.includes('')) return 'has an empty label';
  const long = labels.find((label) => label.length > MAX_LABEL);
  if (long) return `has a label of ${long.length} characters, at most ${MAX_LABEL}`;
  const bad = labels.find((label) => !LABEL.test(label));
  return bad === undefined ? undefined : `has the label ${quoted(bad)}: letters, digits and inner hyphens only`;
}

/**
 * The one spelling of a name: lower-case A-labels (UTS #46), no trailing dot, `*` only as the whole first label.
 * Single labels are fine (private CAs), IP addresses are not. What may be asked for is narrower (nameProblem).
 */
export function canonicalName(text: string): CanonicalName {
  const no = (why: string): CanonicalName => ({ problem: `${quoted(text)} ${why}` });
  if (text === '') return { problem: 'the name is empty' };
  if (canonicalIp(text)) return no('is an IP address, not a DNS name');
  const strange = strangeCharacter(text);
  if (strange !== undefined) return no(`holds ${quoted(strange)}, which no DNS name may hold`);
  const bare = text.replace(/\.$/, '');
  const wildcard = bare.startsWith('*.');
  const written = wildcard ? bare.slice(2) : bare;
  if (written.includes('*')) return no('has a * that is not the whole first label');
  const host = domainToASCII(written);
  if (host === '') return no('is not a DNS name (IDNA)');
  // 127.1, 0x7f.1 and 2130706433 are mapped to what a browser would open
  if (canonicalIp(host)) return no('reads as an IP address, not as a DNS name');
  const problem = labelProblem(host);
  if (problem) return no(problem);
  const name = wildcard ? `*.${host}` : host;
  if (name.length > MAX_NAME) return no(`has ${name.length} characters, at most ${MAX_NAME}`);
  return { name };
}

/** Where the TXT record of a DNS-01 challenge stands (RFC 8555 §8.4): apex and wildcard share one name. */
export const challengeFqdn = (name: string): string => `_acme-challenge.${name.replace(/^\*\./, '')}`;

/** Whether `name` is the zone or below it, on a label border. */
export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** The zone that holds `fqdn`: the longest match, so a zone delegated for the challenge name itself comes first. */
export function zoneOf(fqdn: string, zones: readonly Zone[]): Zone | undefined {
  return zones
    .filter((zone) => isWithin(fqdn, zone.name))
    .reduce<Zone | undefined>((best, zone) => (best && best.name.length >= zone.name.length ? best : zone), undefined);
}

/** The TXT names that prove these names, each once, in the zone that holds it; what lies in no zone is left out. */
export const challengesIn = (
  names: readonly string[],
  zones: readonly Zone[],
): readonly { readonly fqdn: string; readonly zone: Zone }[] =>
  [...new Set(names.map(challengeFqdn))].flatMap((fqdn) => {
    const zone = zoneOf(fqdn, zones);
    return zone ? [{ fqdn, zone }] : [];
  });

/** The one spelling of a policy's pattern: an exact name, `*.example.com` or `**.example.com`. */
export function canonicalPattern(text: string): CanonicalName {
  const stars = /^\*\*?\./.exec(text)?.[0] ?? '';
  const canonical = canonicalName(text.slice(stars.length));
  if ('problem' in canonical) return canonical;
  if (canonical.name.startsWith('*')) return { problem: `${quoted(text)} has a * that is not the whole first label` };
  return { name: `${stars}${canonical.name}` };
}

/** `*.example.com` allows one label below, and the wildcard itself; `**.example.com` any depth below; else the very name. */
export function nameAllowed(name: string, pattern: string): boolean {
  const [wanted, allowed] = [name.toLowerCase(), pattern.toLowerCase()];
  if (allowed.startsWith('**.')) return wanted.endsWith(allowed.slice(2)) && wanted.length > allowed.length - 2;
  if (!allowed.startsWith('*.')) return wanted === allowed;
  const label = wanted.slice(0, wanted.indexOf('.'));
  return label !== '' && wanted.slice(label.length) === allowed.slice(1);
}

export type PolicyAnswer =
  | { readonly allowed: true; readonly mode?: Mode; readonly adopt?: boolean }
  | { readonly allowed: false; readonly names: readonly string[] };

/**
 * Whether a namespace may have all of these names; `names` of a no are those that nothing allows.
 * For each name the first line that allows it counts. Over several names the careful mode wins: audit, then the cluster's own (absent), then manage;
 * and Secrets are taken over where every line agrees.
 * No names at all are not allowed: there is nothing that a policy could have meant.
 */
export function policyFor(
  policy: readonly NamePolicyLine[],
  namespace: string,
  names: readonly string[],
): PolicyAnswer {
  const lines = policy.filter((line) => line.namespaces.includes(namespace) || line.namespaces.includes('*'));
  const allowing = names.map((name) => lines.find((line) => line.names.some((pattern) => nameAllowed(name, pattern))));
  if (names.length === 0 || allowing.includes(undefined))
    return { allowed: false, names: names.filter((_, i) => !allowing[i]) };
  const modes = allowing.map((line) => line?.mode);
  const mode = modes.includes('audit') ? 'audit' : modes.includes(undefined) ? undefined : 'manage';
  const agreed = allowing.every((line) => line?.adopt);
  return { allowed: true, ...(mode ? { mode } : {}), ...(agreed ? { adopt: true } : {}) };
}
