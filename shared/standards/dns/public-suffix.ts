/** What the list of public suffixes says of a name. The list is tldts's and as old as this build; nobody else reads it, so that few functions carry it. */
import { getDomain, parse } from 'tldts';
import { canonicalName } from './names.ts';

/** A CA must not issue for all names of a registry (Baseline Requirements 3.2.2.6); only ICANN's suffixes are meant. */
function isPublicSuffix(host: string): boolean {
  const { publicSuffix, isIcann } = parse(host, { allowPrivateDomains: false });
  return isIcann === true && publicSuffix === host;
}

/** Why a certificate cannot be asked for under this name, or undefined: it is none (canonicalName), or a wildcard of a public suffix. */
export function nameProblem(text: string): string | undefined {
  const canonical = canonicalName(text);
  if ('problem' in canonical) return canonical.problem;
  const host = canonical.name.slice(2);
  return canonical.name.startsWith('*.') && isPublicSuffix(host)
    ? `${JSON.stringify(text)} is a wildcard of the public suffix ${host}`
    : undefined;
}

/** Whether a canonical name ends with a suffix of the list, so that it can be looked up in the public DNS. */
export function isPublicName(name: string): boolean {
  const { isIcann, isPrivate } = parse(name.replace(/^\*\./, ''), { allowPrivateDomains: true });
  return isIcann === true || isPrivate === true;
}

/**
 * The domains that boulder counts certificates for these canonical names under, sorted and unique: public suffix and one label, private
 * suffixes included; a suffix itself is its own.
 */
export const registeredDomains = (dnsNames: readonly string[]): readonly string[] =>
  [...new Set(dnsNames.map((name) => name.replace(/^\*\./, '')).map(registeredDomain))].sort();

const registeredDomain = (name: string): string => getDomain(name, { allowPrivateDomains: true }) ?? name;
