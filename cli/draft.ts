/** What the clusters of contexts tell about the fleet file that they should have: read as an inventory reads them, and nothing else. */
import { homedir } from 'node:os';
import { type PublicZone, publicZones } from '../shared/adapters/aws/hosted-zones.ts';
import type { Cluster, Issuer, KubeconfigAccess } from '../shared/contract/fleet.ts';
import { inventoryLane } from '../shared/contract/ids.ts';
import type { CertificateView, SourceView } from '../shared/contract/observation.ts';
import { isIssuerRow, isWantedRow, keys } from '../shared/contract/records.ts';
import type { Wanted } from '../shared/contract/rows.ts';
import { zoneOf } from '../shared/standards/dns/names.ts';
import { isPublicName, registeredDomains } from '../shared/standards/dns/public-suffix.ts';
import { accessOfContext } from './context-access.ts';
import { proposedPolicy, usedNames } from './name-policy.ts';
import type { Draft, DraftCluster, DraftZones } from './output/fleet-draft.ts';
import type { Session } from './session.ts';

interface Read {
  readonly cluster: Cluster & { readonly access: KubeconfigAccess };
  readonly source: SourceView | undefined;
  readonly views: readonly CertificateView[];
  readonly issuers: readonly Issuer[];
  /** Why the last look found nothing out. */
  readonly problem?: string;
}

const byContext = (cluster: Cluster): cluster is Read['cluster'] => cluster.access.by === 'kubeconfig';

/** What is asked for may have other names than what is there. */
const withWanted = (view: CertificateView, wanted: ReadonlyMap<string, readonly string[]>): CertificateView => ({
  ...view,
  names: [...new Set([...view.names, ...(wanted.get(view.id) ?? [])])],
});

const namesOf = ({ spec: { dnsNames, commonName } }: Wanted): readonly string[] => [
  ...dnsNames,
  ...(commonName ? [commonName] : []),
];

async function readCluster(cluster: Read['cluster'], { local }: Session): Promise<Read> {
  const [sources, views] = await Promise.all([local.sources(), local.views()]);
  const wanted = new Map<string, readonly string[]>();
  const issuers: Issuer[] = [];
  for await (const row of local.records.children(`SRC#${cluster.name}`)) {
    if (isIssuerRow(row)) issuers.push(row.body.issuer);
    if (isWantedRow(row) && !row.body.goneAt) wanted.set(row.body.id, namesOf(row.body));
  }
  const problem = (await local.records.get(keys.lane(inventoryLane(cluster.name))))?.body.problem?.detail;
  return {
    ...{ cluster, source: sources.find(({ name }) => name === cluster.name) },
    views: views.filter((view) => view.cluster === cluster.name).map((view) => withWanted(view, wanted)),
    issuers: issuers.toSorted((a, b) => a.id.localeCompare(b.id)),
    ...(problem === undefined ? {} : { problem: problem.replace(`${cluster.name}: `, '') }),
  };
}

function draftCluster({ cluster, source, views, issuers }: Read): DraftCluster {
  const { context = cluster.name } = cluster.access;
  return {
    ...accessOfContext(cluster.access, { home: homedir(), env: process.env }),
    ...{ name: cluster.name, context, policy: proposedPolicy(views), issuers },
    ...(source?.problem === undefined ? {} : { gap: `read in part: ${source.problem}` }),
  };
}

function draftZones(names: readonly string[], profile: string | undefined, all: readonly PublicZone[]): DraftZones {
  if (profile === undefined) return { by: 'nobody', domains: registeredDomains(names.filter(isPublicName)) };
  const holding = new Set(
    names.map((name) => zoneOf(name.replace(/^\*\./, ''), all)).filter((zone) => zone !== undefined),
  );
  const outside = names.filter((name) => isPublicName(name) && !zoneOf(name.replace(/^\*\./, ''), all));
  return {
    ...{ by: 'profile', profile, outside: registeredDomains(outside) },
    zones: [...holding]
      .map((zone) => ({ ...zone, alike: all.filter(({ name }) => name === zone.name).length }))
      .toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

/** Looks at every cluster; `profile`: whose hosted zones are listed, which is tried first. Throws ProblemError where they cannot be. */
export async function drafted(session: Session, profile: string | undefined): Promise<Omit<Draft, 'next'>> {
  const zones = profile === undefined ? [] : await publicZones(profile);
  await session.local.inventory();
  const read = await Promise.all(session.clusters.filter(byContext).map((cluster) => readCluster(cluster, session)));
  const known = read.filter(({ problem }) => problem === undefined);
  const names = [...new Set(known.flatMap(({ views }) => views.flatMap(usedNames)))];
  return {
    clusters: known.map(draftCluster),
    leftOut: read.flatMap(({ cluster, problem }) =>
      problem === undefined ? [] : { context: cluster.access.context ?? cluster.name, problem },
    ),
    zones: draftZones(names, profile, zones),
  };
}
