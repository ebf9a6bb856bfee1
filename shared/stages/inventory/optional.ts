/** Kinds that may be unknown without any harm to what is renewed: a gap at most, which leaves the look whole. */
import { createHash } from 'node:crypto';
import type { Definitions, Gap } from '../../contract/observation.ts';
import { type ClusterReader, type KubernetesObject, OPTIONAL_KINDS, type OptionalKind } from '../../contract/ports.ts';
import { gapOf } from './gaps.ts';
import { readAll } from './read-all.ts';
import type { SecretsQuestion } from './tls-secrets.ts';
import { type Told, toldBy } from './users.ts';

const DEFINITIONS = 'custom-resource-definitions';

const versionOf = ({ metadata: { uid, resourceVersion } }: KubernetesObject): string => `${uid} ${resourceVersion}`;

const digest = (versions: readonly string[]): string =>
  createHash('sha256').update(versions.toSorted().join('\n')).digest('hex');

/** Metadata first: bodies, of which many are big, only where any of them has changed, and that is seldom. */
async function readDefinitions(reader: ClusterReader, cluster: string, before?: Definitions): Promise<Definitions> {
  if (before) {
    const listed = await readAll(reader, DEFINITIONS, versionOf, 'metadata');
    if (digest(listed) === before.versions) return before;
  }
  const all = await readAll(reader, DEFINITIONS, (object) => ({
    version: versionOf(object),
    bundles: toldBy(DEFINITIONS, object, cluster).bundles ?? [],
  }));
  return { versions: digest(all.map(({ version }) => version)), bundles: all.flatMap(({ bundles }) => bundles) };
}

export interface OptionalRead {
  readonly told: readonly Told[];
  readonly definitions?: Definitions;
  readonly gaps: readonly Gap[];
}

export async function readOptional(reader: ClusterReader, question: SecretsQuestion): Promise<OptionalRead> {
  const { cluster, previous } = question;
  let definitions: Definitions | undefined;
  const read = async (kind: OptionalKind): Promise<readonly Told[]> => {
    if (kind !== DEFINITIONS) return readAll(reader, kind, (object) => toldBy(kind, object, cluster));
    definitions = await readDefinitions(reader, cluster, previous?.definitions);
    return [definitions];
  };
  const results = await Promise.allSettled(OPTIONAL_KINDS.map(read));
  const told: Told[] = [];
  const gaps: Gap[] = [];
  for (const [i, kind] of OPTIONAL_KINDS.entries()) {
    const result = results[i];
    if (result?.status === 'fulfilled') told.push(...result.value);
    else gaps.push(gapOf(kind, result?.reason));
  }
  return { told, gaps, ...(definitions && { definitions }) };
}
