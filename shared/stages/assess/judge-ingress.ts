/** Whether the Secrets that an Ingress names are there and cover its hosts, and which other one was perhaps meant. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import { kubernetesPlace, type Place, placeParts } from '../../contract/ids.ts';
import type { IngressFacts } from '../../contract/observation.ts';
import { nameAllowed } from '../../standards/dns/names.ts';
import { addTo, type ClusterIndex, contentAt, isInPlan } from './cluster-index.ts';
import { faultOf } from './content.ts';
import { list } from './phrases.ts';
import { isExpired } from './thresholds.ts';

interface Usable {
  readonly place: Place;
  readonly secret: string;
  readonly names: readonly string[];
}

/** The usable Secrets by `namespace name` of each name that hosts of Ingresses may be served by, longest-lived first. */
export type NameIndex = ReadonlyMap<string, readonly Usable[]>;

/** More Secrets for one name than this are not compared: whichever is named is only a hint. */
const MOST_CANDIDATES = 8;

const servedBy = (host: string): readonly string[] => [host, `*${host.slice(host.indexOf('.'))}`];

const keyOf = (namespace: string, name: string): string => `${namespace} ${name}`;

/** Of all that Secrets hold only what may be looked for: most of what a cluster has is not for its Ingresses. */
function soughtBy(ingresses: readonly IngressFacts[]): ReadonlySet<string> {
  const sought = ingresses.flatMap(({ namespace, hosts, tls }) =>
    [...hosts, ...tls.flatMap((block) => block.hosts)]
      .flatMap((host) => servedBy(host.toLowerCase()))
      .map((name) => keyOf(namespace, name)),
  );
  return new Set(sought);
}

export function nameIndexOf(index: ClusterIndex, now: Date): NameIndex {
  const byName = new Map<string, Usable[]>();
  const sought = soughtBy(index.seen.ingresses);
  if (sought.size === 0) return byName;
  const usable = index.seen.observations
    .flatMap((observation) => {
      const [facts] = observation.chain;
      const content = contentAt(index, observation.place);
      return facts && !faultOf(content) && !isExpired(facts, now) ? [{ place: observation.place, facts }] : [];
    })
    .toSorted((a, b) => b.facts.notAfter.localeCompare(a.facts.notAfter) || a.place.localeCompare(b.place));
  for (const { place, facts } of usable) {
    const parts = placeParts(place);
    if (parts.at !== 'kubernetes') continue;
    const names = [...facts.dnsNames, ...facts.ipAddresses];
    for (const name of names) {
      const key = keyOf(parts.namespace, name.toLowerCase());
      if (!sought.has(key)) continue;
      if ((byName.get(key)?.length ?? 0) < MOST_CANDIDATES) addTo(byName, key, { place, secret: parts.name, names });
    }
  }
  return byName;
}

/** Blocks without hosts of their own stand for all of the Ingress. */
const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

const uncovered = (hosts: readonly string[], names: readonly string[]): readonly string[] =>
  hosts.filter((host) => !names.some((name) => nameAllowed(host, name)));

function meant(byName: NameIndex, namespace: string, hosts: readonly string[]): Usable | undefined {
  const host = hosts[0]?.toLowerCase();
  if (host === undefined) return undefined;
  const candidates = servedBy(host).flatMap((name) => byName.get(keyOf(namespace, name)) ?? []);
  return candidates.find(({ names }) => uncovered(hosts, names).length === 0);
}

interface Trouble {
  readonly block: number;
  readonly secret: string;
  readonly hosts: readonly string[];
  /** Of these, those that the Secret leaves out. */
  readonly uncovered: readonly string[];
  readonly is: 'missing' | 'does not cover';
  readonly meant?: Usable;
}

/** The names that the Secret holds or is going to hold; undefined where it is not known. */
function namesAt(index: ClusterIndex, place: Place): readonly string[] | undefined {
  const promised = (index.wantedAt.get(place) ?? []).filter(({ held }) => !held);
  if (promised.length > 0) return promised.flatMap(({ spec }) => [...spec.dnsNames, ...spec.ipAddresses]);
  const content = contentAt(index, place);
  return content.facts && !faultOf(content) ? [...content.facts.dnsNames, ...content.facts.ipAddresses] : undefined;
}

function troubleOf(
  index: ClusterIndex,
  byName: NameIndex,
  at: { readonly ingress: IngressFacts; readonly block: number },
): readonly Trouble[] {
  const { ingress, block } = at;
  const tls = ingress.tls[block];
  if (!tls?.secretName) return [];
  const place = kubernetesPlace(index.seen.cluster, ingress.namespace, tls.secretName);
  const hosts = tls.hosts.length > 0 ? tls.hosts : ingress.hosts;
  const names = namesAt(index, place);
  const other = meant(byName, ingress.namespace, hosts);
  const shared = { block, secret: tls.secretName, hosts, ...(other && other.place !== place && { meant: other }) };
  if (names === undefined) {
    const isComing = isInPlan(index, place) || contentAt(index, place).is !== 'absent';
    return isComing ? [] : [{ ...shared, is: 'missing', uncovered: hosts }];
  }
  const left = uncovered(hosts, names);
  return left.length > 0 ? [{ ...shared, is: 'does not cover', uncovered: left }] : [];
}

const evidenceOf = (troubles: readonly Trouble[], cluster: string, namespace: string) => ({
  secret: list(
    troubles.map(({ secret }) => kubernetesPlace(cluster, namespace, secret)),
    5,
  ),
  hosts: list(unique(troubles.flatMap(({ hosts }) => hosts)), 5),
});

function mismatch(troubles: readonly Trouble[], ingress: IngressFacts, cluster: string): readonly Verdict[] {
  const mismatched = troubles.flatMap((one) => (one.meant ? [{ ...one, meant: one.meant }] : []));
  const [first] = mismatched;
  if (!first) return [];
  const { namespace, name } = ingress;
  const why = first.is === 'missing' ? 'which is not there' : `which does not cover ${list(first.hosts)}`;
  const patch = JSON.stringify([
    { op: 'replace', path: `/spec/tls/${first.block}/secretName`, value: first.meant.secret },
  ]);
  return [
    {
      code: 'secret-name-mismatch',
      severity: 'high',
      object: { cluster, kind: 'Ingress', namespace, name },
      names: unique(mismatched.flatMap(({ hosts }) => hosts)),
      message: `The Ingress ${namespace}/${name} names the Secret ${first.secret}, ${why}, but the Secret ${first.meant.secret} covers ${list(first.hosts)}.`,
      evidence: {
        ...evidenceOf(mismatched, cluster, namespace),
        covering: list(unique(mismatched.map((one) => one.meant.place)), 5),
      },
      fix: `Name the Secret that is there: kubectl -n ${namespace} patch ingress ${name} --type=json -p '${patch}'`,
    },
  ];
}

/** A Secret that somebody asks for and does not get is told of who asks. */
function missing(troubles: readonly Trouble[], ingress: IngressFacts, index: ClusterIndex): readonly Verdict[] {
  const { cluster } = index.seen;
  const { namespace, name } = ingress;
  const gone = troubles.filter(
    ({ is, meant: other, secret }) =>
      is === 'missing' && !other && !index.wantedAt.has(kubernetesPlace(cluster, namespace, secret)),
  );
  if (gone.length === 0) return [];
  const secrets = list(gone.map(({ secret }) => secret));
  return [
    {
      code: 'secret-missing',
      severity: 'high',
      object: { cluster, kind: 'Ingress', namespace, name },
      names: gone.flatMap(({ hosts }) => hosts),
      message: `The Ingress ${namespace}/${name} names ${secrets}, but there is no such Secret of type kubernetes.io/tls and nothing will make it.`,
      evidence: evidenceOf(gone, cluster, namespace),
      fix: `Ask for it with a Certificate whose secretName is ${gone[0]?.secret}, or correct spec.tls of the Ingress: kubectl -n ${namespace} edit ingress ${name}`,
    },
  ];
}

const editOf = (index: ClusterIndex, ingress: IngressFacts, secret: string): string => {
  const at = kubernetesPlace(index.seen.cluster, ingress.namespace, secret);
  const asking = (index.wantedAt.get(at) ?? []).find(({ origin }) => origin === 'Certificate');
  return asking
    ? `to dnsNames of the Certificate: kubectl -n ${ingress.namespace} edit certificate ${asking.name}`
    : `to the certificate in ${secret}, or correct spec.tls: kubectl -n ${ingress.namespace} edit ingress ${ingress.name}`;
};

/** No other Secret of the namespace covers the hosts either. */
function notCovered(troubles: readonly Trouble[], ingress: IngressFacts, index: ClusterIndex): readonly Verdict[] {
  const { cluster } = index.seen;
  const bare = troubles.filter(({ is, meant: other }) => is === 'does not cover' && !other);
  const [first] = bare;
  if (!first) return [];
  const { namespace, name } = ingress;
  const hosts = [...new Set(bare.flatMap((one) => one.uncovered))];
  const held = namesAt(index, kubernetesPlace(cluster, namespace, first.secret)) ?? [];
  return [
    {
      code: 'host-not-covered',
      severity: 'high',
      object: { cluster, kind: 'Ingress', namespace, name },
      names: hosts,
      message: `The Ingress ${namespace}/${name} wants ${list(hosts)} from the Secret ${first.secret}, which is for ${list(held) || 'no host'} only: browsers refuse it.`,
      evidence: { ...evidenceOf(bare, cluster, namespace), covered: list(held, 5), uncovered: list(hosts, 5) },
      fix: `Add ${list(hosts)} ${editOf(index, ingress, first.secret)}`,
    },
  ];
}

/** `secret-missing`, `secret-name-mismatch` and `host-not-covered` of one Ingress, each at most once however many tls blocks it has. */
export function judgeIngress(ingress: IngressFacts, index: ClusterIndex, byName: NameIndex): readonly Verdict[] {
  const troubles: readonly Trouble[] = ingress.tls.flatMap((_, block) => troubleOf(index, byName, { ingress, block }));
  return [
    ...mismatch(troubles, ingress, index.seen.cluster),
    ...missing(troubles, ingress, index),
    ...notCovered(troubles, ingress, index),
  ];
}
