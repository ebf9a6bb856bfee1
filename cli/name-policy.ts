/** A namePolicy made of what a cluster holds today: per namespace the names of its certificates, in few patterns. A proposal, for people to read. */
import type { CertificateView } from '../shared/contract/observation.ts';
import { endpointParts } from '../shared/standards/dns/endpoint.ts';
import { canonicalName, nameAllowed } from '../shared/standards/dns/names.ts';
import { isPublicName, registeredDomains } from '../shared/standards/dns/public-suffix.ts';
import { dnsLabelProblem } from '../shared/standards/kubernetes/names.ts';
import { counted } from './output/words.ts';

export interface ProposedLine {
  readonly namespaces: readonly string[];
  readonly names: readonly string[];
  /** Where they come from and what was left out, for people. */
  readonly from: string;
}

/** So many names under one parent are a pattern; fewer are written out. */
const PATTERN_FROM = 4;
/** In one line. */
const MOST_NAMES = 6;
const MOST_NAMESPACES = 8;

/** The canonical DNS names that somebody asks for or uses; what a program made for itself (a webhook's own CA) is not among them. */
export function usedNames({ kind, name, names, references = [] }: CertificateView): readonly string[] {
  // what answers there may show a certificate for anything
  if (kind === 'Endpoint') return [endpointParts(name).host];
  const canonical = names.flatMap((name) => {
    const one = canonicalName(name);
    return 'name' in one ? one.name : [];
  });
  return kind !== 'Secret' || references.length > 0 ? canonical : canonical.filter(isPublicName);
}

const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1);

/** No pattern goes over a registry: what stands beside each other there belongs to different people. */
const isOneOwners = (parent: string): boolean =>
  parent.includes('.') && registeredDomains([`x.${parent}`])[0] !== `x.${parent}`;

/** Without those that another of them allows. */
const leastOf = (patterns: readonly string[]): readonly string[] => {
  const unique = [...new Set(patterns)];
  return unique.filter((one) => !unique.some((other) => other !== one && nameAllowed(one, other)));
};

/** Names that share a parent as `*.parent`, and where that is still too many, those of a domain as `**.domain`. Sorted. */
export function patternsOf(names: readonly string[]): readonly string[] {
  const unique = [...new Set(names)];
  const siblings = Map.groupBy(unique, parentOf);
  const wide = unique.map((name) => {
    const parent = parentOf(name);
    return (siblings.get(parent)?.length ?? 0) >= PATTERN_FROM && isOneOwners(parent) ? `*.${parent}` : name;
  });
  const few = leastOf(wide);
  if (few.length <= MOST_NAMES) return few.toSorted();
  const deep = few.map((name) => {
    const [domain = ''] = registeredDomains([name]);
    return name !== domain && isOneOwners(domain) ? `**.${domain}` : name;
  });
  return leastOf(deep).toSorted();
}

const kindsOf = (views: readonly CertificateView[]): string =>
  [...Map.groupBy(views, ({ kind }) => kind)]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([kind, { length }]) => (kind === 'Ingress' && length > 1 ? `${length} Ingresses` : counted(length, kind)))
    .join(', ');

const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

interface Namespace {
  readonly name: string;
  readonly views: readonly CertificateView[];
  readonly patterns: readonly string[];
}

function lineOf(alike: readonly Namespace[]): ProposedLine {
  const views = alike.flatMap((one) => one.views);
  const all = alike[0]?.patterns ?? [];
  const found = new Set(views.flatMap(usedNames)).size;
  const names = all.slice(0, MOST_NAMES);
  const more = all.length - names.length;
  const widened = all.some((name) => name.startsWith('*')) && found > all.length ? ` with ${found} names` : '';
  return {
    namespaces: alike.map(({ name }) => name),
    names,
    from: `${kindsOf(views)}${widened}${more > 0 ? `; left out: ${counted(more, 'name')}` : ''}`,
  };
}

/** Namespaces with the same names share a line; those with most certificates come first. */
export function proposedPolicy(views: readonly CertificateView[]): readonly ProposedLine[] {
  const used = views.filter((view) => usedNames(view).length > 0 && !dnsLabelProblem(view.namespace ?? ''));
  const namespaces = [...Map.groupBy(used, ({ namespace = '' }) => namespace)].map(
    ([name, own]): Namespace => ({ name, views: own, patterns: patternsOf(own.flatMap(usedNames)) }),
  );
  const sorted = namespaces.toSorted((a, b) => b.views.length - a.views.length || a.name.localeCompare(b.name));
  const alike = [...Map.groupBy(sorted, ({ patterns }) => patterns.join(' ')).values()];
  return alike.flatMap((group) => chunks(group, MOST_NAMESPACES)).map(lineOf);
}
