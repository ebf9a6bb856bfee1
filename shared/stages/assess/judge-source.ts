/** What is wrong with a source itself: a cluster that cannot be read, an object that asks for what is not honoured. Pure. */
import type { ObjectRef, Verdict } from '../../contract/finding.ts';
import { type Lane, PROBE_LANE } from '../../contract/ids.ts';
import type { Gap } from '../../contract/observation.ts';
import { OPTIONAL_KINDS } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Failure, LaneState, Pause } from '../../contract/rows.ts';
import type { StatusState } from '../../contract/status.ts';
import { instant, list, shortened, span, times } from './phrases.ts';
import { HOUR_MS } from './thresholds.ts';

/** Inventory is hourly: longer than this is no hiccup. */
const LONG_MS = 3 * HOUR_MS;
const FAILURES_THAT_TELL = 3;
/** What is longer is whole in the evidence. */
const MAX_SAID = 600;

/**
 * `source-down`: the cluster cannot be read and is stale, never empty. `lane`: its inventory lane's row after this failure; absent = never ran.
 * A warning at first; high when it will not come right by itself, never did work, or lasts.
 */
export function sourceDown(cluster: string, problem: Problem, lane: LaneState | undefined, now: Date): Verdict {
  const { lastOkAt, failures = 1 } = lane ?? {};
  const blindFor = lastOkAt === undefined ? undefined : now.getTime() - Date.parse(lastOkAt);
  const isLasting = blindFor === undefined || blindFor > LONG_MS || failures >= FAILURES_THAT_TELL;
  const known =
    lastOkAt === undefined || blindFor === undefined
      ? 'it was never read'
      : `what is known of it is ${span(blindFor)} old, of ${instant(lastOkAt)}`;
  return {
    code: 'source-down',
    severity: problem.retry === 'never' || isLasting ? 'high' : 'warning',
    object: { cluster, kind: 'Cluster', name: cluster },
    names: [],
    message: `The cluster ${cluster} cannot be read, and ${known}: ${shortened(problem.detail)}`,
    evidence: {
      problem: problem.detail,
      problemType: problem.type,
      tried: times(Math.max(1, failures)),
      ...(lastOkAt === undefined ? {} : { lastRead: lastOkAt }),
      ...(problem.retryAt === undefined ? {} : { nextAttempt: problem.retryAt }),
    },
    fix:
      problem.fix ??
      `Check that the API server of ${cluster} can be reached and takes the credentials: nolapse inventory`,
    rootCause: `source-down:${cluster}`,
  };
}

/** Whether it is the same cluster, and who else uses what is there: without these all is known that anything is decided by. */
const HARMLESS: readonly string[] = ['kube-system', ...OPTIONAL_KINDS];

/** The one that matters most: that of the Secrets, else the first by which something cannot be decided; undefined = none of these. */
export const graveGap = (gaps: readonly Gap[]): Gap | undefined =>
  gaps.find(({ what }) => what === 'tls-secrets') ?? gaps.find(({ what }) => !HARMLESS.includes(what));

/** A right that lacks, lacks for most kinds: one is told in the server's words, and the others by name. */
function gapWords(first: Gap, others: readonly Gap[]): string {
  const isAlike = ({ refused }: Gap): boolean => first.refused !== undefined && refused !== undefined;
  const alike = others.filter(isAlike).map(({ what }) => what);
  const words = others.filter((gap) => !isAlike(gap)).map(({ problem }) => problem);
  return [first.problem, ...(alike.length > 0 ? [`refused as well: ${alike.join(', ')}`] : []), ...words].join('; ');
}

function fixOfGaps(cluster: string, gaps: readonly Gap[]): string {
  const rules = [...new Set(gaps.flatMap(({ refused }) => refused?.rule ?? []))];
  const isOneRole = rules.length > 1;
  const fixes = gaps.flatMap(({ fix, refused }) => (isOneRole && refused ? [] : (fix ?? [])));
  const role = isOneRole
    ? [
        `bind a ClusterRole with the rules ${rules.join(', ')}; as a manifest, with the --fleet or --context of this look: nolapse rbac ${cluster} --audit`,
      ]
    : [];
  return [...role, ...new Set(fixes)].join('; ');
}

/**
 * `source-down` of a cluster that was read in part. High where its Secrets are unknown, as nothing can be renewed or delivered for them;
 * info where only its identity is, or who else uses them. Nothing where there is no gap.
 */
export function sourceGaps(cluster: string, gaps: readonly Gap[]): readonly Verdict[] {
  const grave = graveGap(gaps);
  const first = grave ?? gaps[0];
  if (!first) return [];
  const words = gapWords(
    first,
    gaps.filter((gap) => gap !== first),
  );
  return [
    {
      code: 'source-down',
      severity: first.what === 'tls-secrets' ? 'high' : grave ? 'warning' : 'info',
      object: { cluster, kind: 'Cluster', name: cluster },
      names: [],
      message: `The cluster ${cluster} is read in part only: ${shortened(words, MAX_SAID)}`,
      evidence: Object.fromEntries(
        gaps.map(({ what, problem, refused }) => [what, refused ? `refused; ${refused.instead}` : problem]),
      ),
      fix:
        fixOfGaps(cluster, gaps) || `Let Nolapse read these in ${cluster}: ${gaps.map(({ what }) => what).join(', ')}`,
      rootCause: `source-down:${cluster}`,
    },
  ];
}

/** `unreadable`: a Certificate, issuer or Ingress that asks for what is not honoured; it is refused by name, never ignored. */
export function unreadableManifest(
  unreadable: {
    readonly object: ObjectRef;
    readonly problems: readonly string[];
    readonly names: readonly string[];
  },
  cluster: string,
): Verdict {
  const { object, problems, names } = unreadable;
  const said = problems.join('; ');
  const path = [object.namespace, object.name].filter((part) => part !== undefined).join('/');
  const namespace = object.namespace === undefined ? '' : `-n ${object.namespace} `;
  return {
    code: 'unreadable',
    severity: 'warning',
    object: { ...object, cluster },
    names,
    message: `The ${object.kind} ${path} in ${cluster} cannot be followed: ${shortened(said, MAX_SAID)}`,
    evidence: said.length > MAX_SAID ? { problems: said } : {},
    fix: `Correct what the message names: kubectl ${namespace}edit ${object.kind.toLowerCase()} ${object.name}`,
  };
}

export const laneObject = (lane: Lane): ObjectRef => ({ kind: 'Lane', name: lane });

const STANDS_STILL: Readonly<Record<string, string>> = {
  inventory: 'nothing new is seen there',
  issue: 'nothing is ordered there',
  deliver: 'nothing is delivered there',
  [PROBE_LANE]: 'nobody looks at what is served',
  notify: 'nobody is told of anything',
};

/** `lane-paused`: high, because what the lane was paused for is forgotten sooner than what it should do. */
export function lanePaused(lane: Lane, { since, until, by, because }: Pause): Verdict {
  return {
    code: 'lane-paused',
    severity: 'high',
    object: laneObject(lane),
    names: [],
    message: `${by} has paused the lane ${lane} until ${instant(until)}: ${STANDS_STILL[lane] ?? STANDS_STILL[lane.split(':')[0] ?? '']}`,
    evidence: { because, by, until },
    fix: `When the reason is gone: nolapse pause ${lane} --end`,
    rootCause: `lane-paused:${lane}`,
    since,
  };
}

/**
 * `status-not-written`: a warning of the cluster as a whole, as whatever keeps one status from being written keeps all of them. What comes
 * right by itself is told when it has not. Nothing that is renewed depends on it.
 */
export function statusNotWritten(cluster: string, failed: readonly StatusState[]): readonly Verdict[] {
  const telling = failed.flatMap(({ object, failure }) => (failure && isTelling(failure) ? [{ object, failure }] : []));
  const [first] = telling.toSorted((a, b) => a.failure.firstAt.localeCompare(b.failure.firstAt));
  if (!first) return [];
  const { problem, firstAt, retryAt } = first.failure;
  const objects = telling.map(({ object: { kind, namespace, name } }) =>
    [kind, [namespace, name].filter((part) => part !== undefined).join('/')].join(' '),
  );
  return [
    {
      code: 'status-not-written',
      severity: 'warning',
      object: { cluster, kind: 'Cluster', name: cluster },
      names: [],
      message: `The status of ${list(objects.toSorted())} in ${cluster} cannot be written; what they ask for is renewed all the same: ${shortened(problem.detail)}`,
      evidence: { problem: problem.detail, problemType: problem.type, nextAttempt: retryAt },
      since: firstAt,
      fix: problem.fix
        ? `${problem.fix}; all that is needed is printed by: nolapse rbac ${cluster}`
        : `Look at what the API server of ${cluster} says to it; it is tried again by itself`,
      rootCause: `status-not-written:${cluster}`,
    },
  ];
}

const isTelling = ({ problem, count }: Failure): boolean =>
  problem.type === 'kubernetes:Forbidden' || problem.retry === 'never' || count >= FAILURES_THAT_TELL;
