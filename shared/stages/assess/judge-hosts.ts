/** What hosts were seen to serve where their Secrets may not be read: its end and its names, as far as a handshake tells. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import type { CertificateView, HostSeen, Snapshot } from '../../contract/observation.ts';
import { endpointParts, isCovered } from '../../standards/dns/endpoint.ts';
import type { ClusterIndex } from './cluster-index.ts';
import { evidenceOf, namesOf } from './content.ts';
import { ageVerdict, type Standing } from './judge-unmanaged.ts';
import { NOBODY } from './managed-by.ts';
import { list } from './phrases.ts';
import { isExpired, leafAlarm } from './thresholds.ts';

const SEEN_BY = 'handshake';

const objectOf = ({ endpoint, namespace }: HostSeen, cluster: string) => ({
  ...{ cluster, kind: 'Endpoint', namespace, name: endpoint },
});

const isFor = (leaf: Facts, { endpoint }: HostSeen): boolean => isCovered(endpointParts(endpoint).host, leaf);

/** Who asks for what should be served there, if it is known. */
const askedFor = ({ wantedAt }: ClusterIndex, { places }: HostSeen) =>
  places.flatMap((place) => wantedAt.get(place) ?? [])[0];

function notCovered(host: HostSeen, leaf: Facts, cluster: string): readonly Verdict[] {
  if (isFor(leaf, host)) return [];
  const names = namesOf(leaf);
  return [
    {
      code: 'host-not-covered',
      severity: 'high',
      object: objectOf(host, cluster),
      names: [endpointParts(host.endpoint).host],
      message: `${host.endpoint} serves a certificate for ${list(names) || 'no name'}, which is not for it: browsers refuse it.`,
      evidence: { ...evidenceOf(leaf), seenBy: SEEN_BY, references: list(host.references, 5), names: list(names, 5) },
      fix: `Look at what answers for ${list(host.references)}: it may have no Secret for this host, or one for another`,
      serial: leaf.serial,
    },
  ];
}

function aged(host: HostSeen, leaf: Facts, { index, now }: { readonly index: ClusterIndex; readonly now: Date }) {
  const wanted = askedFor(index, host);
  // of one in the plan its own rows tell what is due
  if (wanted && !wanted.held && !isExpired(leaf, now)) return [];
  const standing: Standing = {
    ...{ references: host.references, managedBy: NOBODY },
    ...(wanted ? { heldId: wanted.id } : {}),
  };
  const label = `${host.endpoint} (seen by handshake)`;
  return ageVerdict(leaf, { object: objectOf(host, index.seen.cluster), label, standing }, now).map((one) => ({
    ...one,
    evidence: { ...one.evidence, seenBy: SEEN_BY },
  }));
}

/** `expired`, `expiring-unmanaged` and `host-not-covered` of what one host serves. */
export const judgeHost = (host: HostSeen, index: ClusterIndex, now: Date): readonly Verdict[] =>
  host.shown.flatMap((leaf) => [...aged(host, leaf, { index, now }), ...notCovered(host, leaf, index.seen.cluster)]);

/** The line of one host: the certificate that ends first of those it serves. */
export function viewOfHost(host: HostSeen, cluster: string, now: Date): readonly CertificateView[] {
  const [leaf] = host.shown.toSorted((a, b) => a.notAfter.localeCompare(b.notAfter));
  if (!leaf) return [];
  const state = isExpired(leaf, now) ? 'expired' : leafAlarm(leaf, now) ? 'expiring' : 'ok';
  const { serial, notBefore, notAfter, issuer } = leaf;
  return [
    {
      id: `${cluster}/${host.namespace}/${host.endpoint}`,
      ...{ cluster, namespace: host.namespace, name: host.endpoint, kind: 'Endpoint', names: namesOf(leaf) },
      ...{ issuer, serial, notBefore, notAfter, state, managedBy: 'unknown (seen by handshake)' },
      references: host.references,
    },
  ];
}

/** What could not be seen either, as one gap beside that of the Secrets. */
export function gapOfHosts(hosts: readonly HostSeen[]): Snapshot['gaps'] {
  const unseen = hosts.filter(({ shown }) => shown.length === 0);
  if (unseen.length === 0) return [];
  const said = [...Map.groupBy(unseen, ({ why }) => why ?? 'it shows no certificate')].map(
    ([why, some]) => `${list(some.map(({ endpoint }) => endpoint))}: ${why}`,
  );
  return [
    {
      what: 'handshakes',
      problem: `of ${hosts.length} hosts ${unseen.length} could not be seen by handshake (${said.join('; ')})`,
    },
  ];
}
