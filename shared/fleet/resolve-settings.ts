/** The Fleet document's own part of the resolved fleet: clusters, zones, DNS and notifications, defaults applied and names checked. */
import { dirname, isAbsolute, join } from 'node:path';
import type { Cluster, ClusterAccess, Fleet, NamePolicyLine, Zone } from '../contract/fleet.ts';
import { RESERVED_CLUSTER_NAMES } from '../contract/ids.ts';
import type { InputProblem } from '../contract/problem.ts';
import { fieldPath } from '../standards/certmanager/field.ts';
import { canonicalName, canonicalPattern } from '../standards/dns/names.ts';
import type { FileDocument } from './documents.ts';
import { resolveNotifications } from './resolve-notifications.ts';
import type { FleetDocument } from './schema.ts';
import { listed, nearestWord, shown } from './words.ts';

export type Say = (problem: InputProblem) => void;
export type Settings = Omit<Fleet, 'issuers' | 'certificates'>;

type ClusterEntry = FleetDocument['spec']['clusters'][number];
interface From {
  readonly document: FileDocument;
  readonly home: string;
  readonly say: Say;
}

/** A kubeconfig's path as kubectl would find it: `~` at home, the rest beside the fleet file. */
function kubeconfigPath(path: string, { document, home }: From): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return isAbsolute(path) ? path : join(dirname(document.file), path);
}

/** The schema has seen that there is exactly one of each pair. */
function accessOf({ eks, kubeconfig = {} }: ClusterEntry, from: From): ClusterAccess {
  if (eks) {
    const { clusterName, region, roleArn, externalId } = eks;
    return { by: 'eks', clusterName, region, ...(roleArn ? { roleArn } : {}), ...(externalId ? { externalId } : {}) };
  }
  const { path = '', secretId } = kubeconfig;
  const context = kubeconfig.context ? { context: kubeconfig.context } : {};
  if (secretId !== undefined) return { by: 'secret', secretId, ...context };
  return { by: 'kubeconfig', path: kubeconfigPath(path, from), ...context };
}

function sayTwice(from: From, path: readonly string[], keys: readonly string[]): void {
  keys.forEach((key, i) => {
    const first = keys.indexOf(key);
    if (first === i) return;
    const at = (n: number): readonly string[] => path.map((part) => (part === '#' ? String(n) : part));
    const where = from.document.where(at(i));
    const message = `${fieldPath(at(i))}: ${JSON.stringify(key)} is there already, at ${from.document.where(at(first))}`;
    from.say({ where, message });
  });
}

function policyOf(entry: ClusterEntry, index: number, from: From): readonly NamePolicyLine[] {
  return entry.namePolicy.map((line, i) => ({
    namespaces: line.namespaces,
    names: line.names.map((pattern, j) => {
      const canonical = canonicalPattern(pattern);
      if ('name' in canonical) return canonical.name;
      const path = ['spec', 'clusters', String(index), 'namePolicy', String(i), 'names', String(j)];
      from.say({
        where: from.document.where(path),
        message: `spec.clusters[${index}].namePolicy[${i}].names[${j}]: ${canonical.problem}`,
        fix: 'allowed are a name, *.example.com or **.example.com',
      });
      return pattern;
    }),
    ...(line.mode ? { mode: line.mode } : {}),
    ...(line.adopt ? { adopt: true } : {}),
  }));
}

function clusterOf(entry: ClusterEntry, index: number, from: From): Cluster {
  if (RESERVED_CLUSTER_NAMES.includes(entry.name))
    from.say({
      where: from.document.where(['spec', 'clusters', String(index), 'name']),
      message: `spec.clusters[${index}].name: ${JSON.stringify(entry.name)} is reserved (${RESERVED_CLUSTER_NAMES.join(', ')})`,
    });
  return {
    name: entry.name,
    access: accessOf(entry, from),
    ...(entry.reach === undefined ? {} : { reach: entry.reach }),
    mode: entry.mode,
    trustDomain: entry.trustDomain ?? entry.name,
    clusterResourceNamespace: entry.clusterResourceNamespace,
    namePolicy: policyOf(entry, index, from),
  };
}

/** A network that nobody has described cannot be asked from. */
function sayUnknownReach({ reach, clusters }: FleetDocument['spec'], { document, say }: From): void {
  const names = reach.map(({ name }) => name);
  clusters.forEach((entry, i) => {
    if (entry.reach === undefined || names.includes(entry.reach)) return;
    const near = nearestWord(entry.reach, names);
    say({
      where: document.where(['spec', 'clusters', String(i), 'reach']),
      message: `spec.clusters[${i}].reach: there is no ${shown(entry.reach)} in spec.reach; it has: ${listed(names)}`,
      fix: near ? `did you mean ${near}?` : 'describe it in spec.reach, or take it out here',
    });
  });
}

function zoneOf(entry: FleetDocument['spec']['zones'][number], index: number, from: From): Zone {
  const canonical = canonicalName(entry.name);
  const problem =
    'problem' in canonical
      ? canonical.problem
      : canonical.name.startsWith('*.')
        ? `${JSON.stringify(entry.name)} is a wildcard, not a zone`
        : undefined;
  if (problem)
    from.say({
      where: from.document.where(['spec', 'zones', String(index), 'name']),
      message: `spec.zones[${index}].name: ${problem}`,
    });
  return {
    name: 'name' in canonical ? canonical.name : entry.name,
    hostedZoneId: entry.hostedZoneId,
    ...(entry.roleArn ? { roleArn: entry.roleArn } : {}),
    ...(entry.externalId ? { externalId: entry.externalId } : {}),
  };
}

/** Defaults and checks of one Fleet document of the right shape; what is wrong is said, and the rest goes on. */
export function resolveSettings(fleet: FleetDocument, from: From): Settings {
  const { clusters, zones, dns, reach, notifications } = fleet.spec;
  const resolved = zones.map((zone, i) => zoneOf(zone, i, from));
  sayTwice(
    from,
    ['spec', 'clusters', '#', 'name'],
    clusters.map((c) => c.name),
  );
  sayTwice(
    from,
    ['spec', 'reach', '#', 'name'],
    reach.map((r) => r.name),
  );
  sayUnknownReach(fleet.spec, from);
  sayTwice(
    from,
    ['spec', 'zones', '#', 'name'],
    resolved.map((z) => z.name),
  );
  sayTwice(
    from,
    ['spec', 'zones', '#', 'hostedZoneId'],
    resolved.map((z) => z.hostedZoneId),
  );
  return {
    name: fleet.metadata.name,
    clusters: clusters.map((cluster, i) => clusterOf(cluster, i, from)),
    zones: resolved,
    dns,
    reach,
    notifications: resolveNotifications(notifications, from),
  };
}
