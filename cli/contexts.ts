/** A fleet without a fleet file: contexts of a kubeconfig, looked at and nothing else. */
import type { Cluster, Fleet } from '../shared/contract/fleet.ts';
import { RESERVED_CLUSTER_NAMES } from '../shared/contract/ids.ts';
import { InputError } from '../shared/contract/problem.ts';
import { listed, nearestWord } from '../shared/fleet/words.ts';

/** One kubeconfig file, reduced to what a choice of context needs. */
export interface Kubeconfig {
  readonly path: string;
  readonly contexts: readonly string[];
  readonly current?: string;
}

const MAX_LABEL = 63;

/** A context's name as a cluster's name (one DNS label): of `arn:aws:eks:eu-west-1:1:cluster/prod` the last word, else all of it. */
export function clusterName(context: string): string {
  const said = /^arn:.*cluster\/([^/]+)$/.exec(context)?.[1] ?? context;
  const label = said
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_LABEL)
    .replace(/^-+|-+$/g, '');
  if (label === '') return 'cluster';
  return RESERVED_CLUSTER_NAMES.includes(label) ? `${label}-cluster` : label;
}

/** The same, made different from those taken by a number. */
function freeName(context: string, taken: ReadonlySet<string>): string {
  const name = clusterName(context);
  if (!taken.has(name)) return name;
  for (let n = 2; ; n++) {
    const numbered = `${name.slice(0, MAX_LABEL - String(n).length - 1)}-${n}`;
    if (!taken.has(numbered)) return numbered;
  }
}

function unknownContext(context: string, configs: readonly Kubeconfig[]): InputError {
  const known = configs.flatMap((config) => config.contexts);
  const near = nearestWord(context, known);
  const message = `${JSON.stringify(context)} is in none of ${listed(configs.map((c) => c.path))}; there are: ${listed(known)}`;
  return new InputError([{ where: '--context', message, ...(near ? { fix: `did you mean ${near}?` } : {}) }]);
}

/** As kubectl: where none is named, the current one of the first file that has one. */
function currentContext(configs: readonly Kubeconfig[]): string {
  const current = configs.find((config) => config.current)?.current;
  if (current) return current;
  const known = configs.flatMap((config) => config.contexts);
  const message = `no context is named, and ${listed(configs.map((c) => c.path))} has no current one; there are: ${listed(known)}`;
  throw new InputError([{ where: '--context', message, fix: 'name one with --context' }]);
}

/** A fleet of these contexts in audit mode: nothing is ever ordered for it or written to it. Throws InputError for one that is not there. */
export function fleetOfContexts(asked: readonly string[], configs: readonly Kubeconfig[]): Fleet {
  const contexts = asked.length > 0 ? [...new Set(asked)] : [currentContext(configs)];
  const taken = new Set<string>();
  const clusters = contexts.map((context): Cluster => {
    const config = configs.find((each) => each.contexts.includes(context));
    if (!config) throw unknownContext(context, configs);
    const name = freeName(context, taken);
    taken.add(name);
    return {
      name,
      access: { by: 'kubeconfig', path: config.path, context },
      mode: 'audit',
      trustDomain: name,
      clusterResourceNamespace: 'cert-manager',
      namePolicy: [],
    };
  });
  return {
    name: 'contexts',
    clusters,
    zones: [],
    dns: { resolvers: [], port: 53 },
    reach: [],
    notifications: {},
    issuers: [],
    certificates: [],
  };
}
