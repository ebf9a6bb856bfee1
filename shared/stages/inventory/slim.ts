/** Fifty thousand Secrets say much the same: what is equal in them is kept once, and what nobody asks for is not kept. */
import type { Facts } from '../../contract/certificate.ts';
import type { Place } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';

/** Gives the first value that was seen under a key. */
function keptOnce<T>(): (key: string, value: T) => T {
  const kept = new Map<string, T>();
  return (key, value) => {
    const first = kept.get(key);
    if (first !== undefined) return first;
    kept.set(key, value);
    return value;
  };
}

const NONE: Observation['annotations'] = {};
const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

export type Slim = (observation: Observation) => Observation;

/**
 * For the observations of one look: CAs, writers and texts that many have are the same objects in all of them; what each has for itself
 * (names, fingerprints, dates, annotations) is looked up nowhere, because as many keys of a map would cost more than they save. The PEM of a chain
 * is kept for places that somebody asks for: a row that is lost is made whole from it.
 */
export function slimming(isAskedFor: (place: Place) => boolean): Slim {
  const [texts, lists] = [keptOnce<string>(), keptOnce<readonly string[]>()];
  const [authorities, parts] = [keptOnce<Facts>(), keptOnce<object>()];
  const text = (value: string): string => texts(value, value);
  const part = <T extends object>(value: T): T => parts(JSON.stringify(value), value) as T;
  const list = (values: readonly string[]): readonly string[] => (values.length === 0 ? lists('', values) : values);
  const slimFacts = (facts: Facts): Facts => ({
    ...facts,
    ...{ issuer: text(facts.issuer), key: part(facts.key) },
    ...(facts.commonName !== undefined && facts.commonName === facts.dnsNames[0] && { commonName: facts.dnsNames[0] }),
    ...{ dnsNames: list(facts.dnsNames), ipAddresses: list(facts.ipAddresses), uris: list(facts.uris) },
    emailAddresses: list(facts.emailAddresses),
  });
  const authority = (facts: Facts): Facts => authorities(facts.sha256, facts);
  return ({ chainPem, chain, ca, ...rest }) => ({
    ...rest,
    type: text(rest.type),
    chain: chain.map((facts, i) => (i === 0 ? slimFacts(facts) : authority(facts))),
    ...(ca && { ca: authority(ca) }),
    ...(chainPem !== undefined && isAskedFor(rest.place) && { chainPem }),
    ...{ managers: part(rest.managers), owners: part(rest.owners) },
    ...{ labels: part(rest.labels), annotations: isEmpty(rest.annotations) ? NONE : rest.annotations },
  });
}
