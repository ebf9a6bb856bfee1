/** The TLS Secrets of a cluster, as observations: metadata first, bodies only of what changed, everything once a week. */
import pLimit from 'p-limit';
import type { Facts } from '../../contract/certificate.ts';
import { type Iso, kubernetesPlace, type Place } from '../../contract/ids.ts';
import type { Observation, Snapshot } from '../../contract/observation.ts';
import type { ClusterReader, KubernetesObject } from '../../contract/ports.ts';
import { problemOf } from '../../contract/problem.ts';
import { observeSecret } from '../../standards/kubernetes/observe.ts';
import { type Slim, slimming } from './slim.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const GETS_AT_ONCE = 8;
export const FORBIDDEN = 'kubernetes:Forbidden';

export interface SecretsQuestion {
  readonly cluster: string;
  readonly previous?: Omit<Snapshot, 'certificates'>;
  readonly now: Date;
  /** Told the number of Secrets seen so far, never less than before. */
  readonly progress?: (seen: number) => void;
  /** Whether somebody asks for what is at the place, so that the PEM of its chain is kept; default: no. */
  readonly isAskedFor?: (place: Place) => boolean;
}

export interface SecretsRead {
  readonly observations: readonly Observation[];
  /** When the bodies of all were read last. */
  readonly wholeAt: Iso;
}

/** The observation of the last pass, where uid and resourceVersion are still the same; else where to ask for a new one. */
type Listed = Observation | { readonly namespace: string; readonly name: string };

const isKept = (one: Listed): one is Observation => 'place' in one;

/** Passes on only what is more than was told: a second listing does not begin at nought again. */
function counting(progress: SecretsQuestion['progress']): (seen: number) => void {
  let most = 0;
  return (seen) => {
    if (seen <= most) return;
    most = seen;
    progress?.(most);
  };
}

interface Keeping {
  readonly cluster: string;
  readonly slim: Slim;
  /** What stands above leaves, by its PEM. */
  readonly known: Map<string, Facts>;
  readonly isAskedFor: (place: Place) => boolean;
}

/** By place, here and below: a list that had to start again can give a Secret twice, the newer one later. */
async function readWhole(reader: ClusterReader, { cluster, slim, known }: Keeping, seen: (count: number) => void) {
  const observations = new Map<Place, Observation>();
  for await (const page of reader.pages('tls-secrets', 'object')) {
    for (const object of page) {
      const one = slim(await observeSecret(object, cluster, known));
      observations.set(one.place, one);
    }
    seen(observations.size);
  }
  return [...observations.values()];
}

/** A metadata object can hold a key in an annotation: nothing of it is kept but what addresses it. */
function listed(
  { metadata }: KubernetesObject,
  { cluster, isAskedFor }: Keeping,
  before: ReadonlyMap<Place, Observation>,
): readonly [Place, Listed] {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  const place = kubernetesPlace(cluster, namespace, name);
  const last = before.get(place);
  const isSame = last !== undefined && last.uid === uid && last.version === resourceVersion;
  if (!isSame) return [place, { namespace, name }];
  const { chainPem, ...rest } = last;
  // the text that is kept already, not another of the same letters
  if (!isAskedFor(place)) return [last.place, chainPem === undefined ? last : rest];
  const isEnough = chainPem !== undefined || last.chain.length === 0;
  return [last.place, isEnough ? last : { namespace, name }];
}

/** What is there now, each as it was observed last where it has not changed. */
async function listAll(
  reader: ClusterReader,
  { keeping, previous }: { readonly keeping: Keeping; readonly previous: readonly Observation[] },
  seen: (count: number) => void,
): Promise<readonly Listed[]> {
  const before = new Map(previous.map((observation) => [observation.place, observation]));
  const all = new Map<Place, Listed>();
  for await (const page of reader.pages('tls-secrets', 'metadata')) {
    for (const object of page) all.set(...listed(object, keeping, before));
    seen(all.size);
  }
  return [...all.values()];
}

/** The observations of what was listed, in its order; a Secret that vanished since is simply absent. */
async function fetchChanged(reader: ClusterReader, { cluster, slim }: Keeping, all: readonly Listed[]) {
  const limit = pLimit(GETS_AT_ONCE);
  const observe = async ({
    namespace,
    name,
  }: {
    namespace: string;
    name: string;
  }): Promise<Observation | undefined> => {
    const object = await reader.secret(namespace, name);
    return object && slim(await observeSecret(object, cluster));
  };
  try {
    const found = await Promise.all(all.map((one) => (isKept(one) ? one : limit(() => observe(one)))));
    return found.filter((observation) => observation !== undefined);
  } catch (error) {
    limit.clearQueue();
    if (problemOf(error).type === FORBIDDEN) return undefined;
    throw error;
  }
}

const isWeekOld = ({ wholeAt }: Pick<Snapshot, 'wholeAt'>, now: Date): boolean =>
  !(now.getTime() - Date.parse(wholeAt) < WEEK_MS);

/**
 * Observations of all Secrets of type kubernetes.io/tls. Bodies are fetched one by one where at most a third changed since
 * `previous`; else, and where the role may list Secrets but not get them, all are listed with their bodies.
 * Key material is dropped in the tick in which it arrives. Throws what the reader throws.
 */
export async function readTlsSecrets(reader: ClusterReader, question: SecretsQuestion): Promise<SecretsRead> {
  const { cluster, previous, now, isAskedFor = () => false } = question;
  const keeping: Keeping = { cluster, isAskedFor, slim: slimming(isAskedFor), known: new Map() };
  const seen = counting(question.progress);
  const whole = async (): Promise<SecretsRead> => ({
    observations: await readWhole(reader, keeping, seen),
    wholeAt: now.toISOString(),
  });
  if (previous === undefined || isWeekOld(previous, now)) return whole();
  const all = await listAll(reader, { keeping, previous: previous.observations }, seen);
  const changed = all.filter((one) => !isKept(one)).length;
  if (changed * 3 > all.length) return whole();
  const observations = await fetchChanged(reader, keeping, all);
  return observations ? { observations, wholeAt: previous.wholeAt } : whole();
}
