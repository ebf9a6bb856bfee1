/** The issuers of the fleet file: read by the standard, one entry per cluster for an Issuer, their solvers checked against the fleet's zones. */
import type { Issuer, Zone } from '../contract/fleet.ts';
import { FLEET_SOURCE } from '../contract/ids.ts';
import { CLUSTERS_ANNOTATION, STAGING_ANNOTATION } from '../contract/marks.ts';
import { stagingServerProblem } from '../standards/acme/staging.ts';
import { readIssuer } from '../standards/certmanager/issuer.ts';
import { clustersOf } from './belonging.ts';
import type { Checked } from './check.ts';
import type { FileDocument } from './documents.ts';
import { beyondSchema, problemAt, valueAt } from './errors.ts';
import type { Say, Settings } from './resolve-settings.ts';
import { listed, nearestWord, shown } from './words.ts';

export interface FileIssuer {
  readonly document: FileDocument;
  readonly issuer: Issuer;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A solver may name a zone and a role, and they must be what the fleet says: rights are made from the fleet file alone. */
function checkSolver(document: FileDocument, index: number, zones: readonly Zone[], say: Say): void {
  const path = ['spec', 'acme', 'solvers', String(index), 'dns01', 'route53'];
  const id = text(valueAt(document.value, [...path, 'hostedZoneID']));
  const role = text(valueAt(document.value, [...path, 'role']));
  const named = `spec.acme.solvers[${index}].dns01.route53`;
  const zone = zones.find((z) => z.hostedZoneId === id);
  if (id && !zone)
    say({
      where: document.where([...path, 'hostedZoneID']),
      message: `${named}.hostedZoneID: ${shown(id)} is no zone of the fleet; it has: ${listed(zones.map((z) => `${z.hostedZoneId} (${z.name})`))}`,
      fix: 'add the zone to spec.zones of the Fleet',
    });
  const candidates = zone ? [zone] : zones;
  if (role && !candidates.some((z) => z.roleArn === role))
    say({
      where: document.where([...path, 'role']),
      message: `${named}.role: ${shown(role)} is not the roleArn of ${zone ? `the zone ${zone.name}` : 'any zone of the fleet'}`,
      fix: 'make it the same as roleArn in spec.zones of the Fleet, or remove it',
    });
}

const OURS = ['metadata', 'annotations'] as const;
const OURS_KNOWN: readonly string[] = [CLUSTERS_ANNOTATION, STAGING_ANNOTATION];

/** Of annotations only those that begin as ours are read, and one that is nearly one of them would be passed over in silence. */
function checkAnnotations({ document }: Checked, { spec }: Issuer, say: Say): void {
  const annotations = valueAt(document.value, OURS);
  for (const name of Object.keys(annotations ?? {})) {
    if (!name.startsWith('nolapse.dev/') || OURS_KNOWN.includes(name)) continue;
    const near = nearestWord(name, OURS_KNOWN);
    say({
      where: document.whereKey([...OURS, name]),
      message: `metadata.annotations: unknown ${shown(name)}; allowed: ${listed(OURS_KNOWN)}`,
      ...(near ? { fix: `did you mean ${near}?` } : {}),
    });
  }
  if (valueAt(document.value, [...OURS, STAGING_ANNOTATION]) === undefined) return;
  const wrong =
    spec.type === 'acme'
      ? stagingServerProblem(spec)
      : { message: 'only an acme issuer has a staging environment', fix: 'remove it' };
  if (wrong)
    say({
      where: document.where([...OURS, STAGING_ANNOTATION]),
      message: `${STAGING_ANNOTATION}: ${wrong.message}`,
      ...(wrong.fix ? { fix: wrong.fix } : {}),
    });
}

function readOne(
  checked: Checked,
  where: { readonly settings: Settings | undefined; readonly say: Say },
): readonly FileIssuer[] {
  const { document } = checked;
  const { settings, say } = where;
  const isNamespaced = checked.kind === 'Issuer';
  const clusters = !isNamespaced
    ? [FLEET_SOURCE]
    : settings
      ? clustersOf(document, settings.clusters, say).map((cluster) => cluster.name)
      : [];
  const first = readIssuer(document.value, FLEET_SOURCE, clusters[0]);
  if ('problems' in first) {
    for (const problem of beyondSchema(
      checked.problems,
      first.problems.map((p) => problemAt(document, p)),
    ))
      say(problem);
    return [];
  }
  checkAnnotations(checked, first.issuer, say);
  const solvers = first.issuer.spec.type === 'acme' ? first.issuer.spec.solvers : [];
  if (settings) for (const i of solvers.keys()) checkSolver(document, i, settings.zones, say);
  return clusters.flatMap((cluster) => {
    const reading = readIssuer(document.value, FLEET_SOURCE, cluster);
    return 'issuer' in reading ? { document, issuer: reading.issuer } : [];
  });
}

/** All issuers of the documents; two of one id are a problem. Without settings (a Fleet that cannot be read) only the documents themselves are checked. */
export function resolveIssuers(
  documents: readonly Checked[],
  settings: Settings | undefined,
  say: Say,
): readonly FileIssuer[] {
  const read = documents
    .filter((checked) => checked.kind === 'ClusterIssuer' || checked.kind === 'Issuer')
    .flatMap((checked) => readOne(checked, { settings, say }));
  read.forEach(({ document, issuer }, i) => {
    const first = read.findIndex((other) => other.issuer.id === issuer.id);
    if (first < i)
      say({
        where: document.where(['metadata', 'name']),
        message: `metadata.name: the ${issuer.kind} ${issuer.id} is there already, at ${read[first]?.document.where(['metadata', 'name'])}`,
      });
  });
  return read;
}
