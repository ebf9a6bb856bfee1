/** Each cluster: whether its API server answers, knows us, is the one it was, and lets us do what its mode needs, namespace by namespace. */
import type { KubernetesAccess, Right } from '../../shared/adapters/kubernetes/kubernetes-access.ts';
import type { Cluster, Fleet, Issuer } from '../../shared/contract/fleet.ts';
import { inventoryLane, placeParts } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import { keys } from '../../shared/contract/records.ts';
import type { Wanted } from '../../shared/contract/rows.ts';
import { isOptional, type PolicyRule, rbacOf, type SecretName } from '../../shared/rights/rbac.ts';
import { list } from '../../shared/stages/assess/phrases.ts';
import { secretsOf } from '../../shared/standards/certmanager/issuer-secrets.ts';
import type { Here, Instruments } from '../../shared/wiring/instruments.ts';
import { shellWord } from '../output/fleet-draft.ts';
import { counted } from '../output/words.ts';
import { brokenBy, type Check, ok, type Verdict, YOU } from './diagnose.ts';

export const CLUSTER = 'cluster';
const RIGHTS = 'rights';
export const clusterAdmin = (cluster: string): string => `an administrator of the cluster ${cluster}`;

interface Of {
  readonly tools: Instruments;
  readonly here: Here;
  readonly cluster: Cluster;
  readonly issuers: readonly Issuer[];
  readonly wanted: readonly Wanted[];
}

/** Rights that a rule gives, one by one. RBAC cannot limit `create` to a name. */
const rightsIn = (
  { apiGroups, resources, verbs, resourceNames = [] }: PolicyRule,
  namespace?: string,
): readonly Right[] =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => {
        const names = resourceNames.length > 0 && verb !== 'create' ? resourceNames : [undefined];
        return names.map((name) => ({
          ...{ verb, group, resource },
          ...(namespace === undefined ? {} : { namespace }),
          ...(name === undefined ? {} : { name }),
        }));
      }),
    ),
  );

const wordsOf = ({ verb, resource, namespace, name }: Right): string =>
  `${verb} ${resource}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`;

/** Missing rights of one kind in one line: `patch secrets in shop, web`. */
function missingWords(missing: readonly Right[]): readonly string[] {
  const alike = Map.groupBy(missing, ({ verb, resource }) => `${verb} ${resource}`);
  return [...alike].map(([what, rights]) => {
    const [only] = rights;
    if (rights.length === 1 && only) return `may not ${wordsOf(only)}`;
    const where = rights.map(({ namespace = '', name = '' }) => [namespace, name].filter(Boolean).join('/'));
    return `may not ${what}: ${list([...new Set(where)], 8)}`;
  });
}

const issuerSecrets = ({ cluster, issuers }: Of): readonly SecretName[] =>
  issuers
    .filter(({ source }) => source === cluster.name)
    .flatMap((issuer) =>
      secretsOf(issuer).map((name) => ({ namespace: issuer.namespace ?? cluster.clusterResourceNamespace, name })),
    );

/** What `--bind` calls whoever the API server says we are. */
function bindOption(user: string | undefined, { access }: Cluster): string {
  if (access.by === 'eks' || user === undefined) return '';
  const [, namespace, name] = /^system:serviceaccount:([^:]+):(.+)$/.exec(user) ?? [];
  return ` --bind ${shellWord(namespace && name ? `serviceaccount:${namespace}/${name}` : `user:${user}`)}`;
}

function applyCommand(of: Of, user: string | undefined): string {
  const { cluster } = of;
  const secrets = issuerSecrets(of).map(
    ({ namespace, name }) => ` --issuer-secret ${shellWord(`${namespace}/${name}`)}`,
  );
  const command = `nolapse rbac ${shellWord(cluster.name)}${bindOption(user, cluster)}${secrets.join('')}`;
  return `${command} | kubectl${contextOption(cluster)} apply -f -`;
}

const contextOption = ({ access }: Cluster): string =>
  access.by !== 'eks' && access.context !== undefined ? ` --context ${shellWord(access.context)}` : '';

type May = KubernetesAccess['may'];

/** Asked of all namespaces first, once: who may do it everywhere may do it in each of a hundred. */
function mayIn(access: KubernetesAccess): May {
  const everywhere = new Map<string, Promise<boolean>>();
  return async (right) => {
    const { verb, group, resource } = right;
    const key = `${verb} ${group}/${resource}`;
    const asked = everywhere.get(key) ?? access.may({ verb, group, resource });
    everywhere.set(key, asked);
    if (await asked) return true;
    return (right.namespace !== undefined || right.name !== undefined) && access.may(right);
  };
}

async function rightsVerdict(of: Of, fleet: Fleet, user: () => Promise<string | undefined>): Promise<Verdict> {
  const access = await of.here.cluster(of.cluster.name);
  const may = mayIn(access);
  const rights = rbacOf(fleet, of.cluster, { issuerSecrets: issuerSecrets(of) }).flatMap(({ rules, namespace }) =>
    rules.flatMap((rule) => rightsIn(rule, namespace)),
  );
  // what the cluster has no kind for is not missed
  const isMissing = async (right: Right): Promise<boolean> =>
    !(await may(right)) && access.serves(right.group, right.resource);
  const answers = await Promise.all(rights.map(isMissing));
  const missing = rights.filter((_, i) => answers[i]);
  const needed = missing.filter((right) => !isOptional(right));
  if (missing.length === 0) return ok(`has all of ${counted(rights.length, 'right')} that the fleet file needs`);
  return {
    state: needed.length > 0 ? 'broken' : 'warning',
    evidence: missingWords(needed.length > 0 ? needed : missing),
    fix: 'read what this prints, and apply it',
    command: applyCommand(of, await user()),
    who: clusterAdmin(of.cluster.name),
  };
}

/** Whoever it was at first contact. */
async function identity({ tools, here, cluster }: Of, user: string | undefined): Promise<Verdict> {
  const access = await here.cluster(cluster.name);
  const [uid, lane] = [await access.uid(), await tools.records.get(keys.lane(inventoryLane(cluster.name)))];
  const pinned = lane?.body.clusterUid;
  if (pinned !== undefined && uid !== undefined && uid !== pinned)
    return {
      state: 'broken',
      evidence: [`is another cluster than before: the UID of its kube-system is ${uid}, and was ${pinned}`],
      fix: `correct the access of ${cluster.name} in the fleet file; if it was made anew on purpose, give it another name there`,
      who: YOU,
    };
  return ok(`answers, and knows us as ${user ?? 'somebody it does not name'}`);
}

/** Namespaces that certificates of the fleet file go to: nobody there has asked for them, so nothing says that they exist. */
const namespacesOf = ({ cluster, wanted }: Of): readonly string[] => [
  ...new Set(
    wanted
      .filter(({ origin, held }) => origin === 'FleetCertificate' && held === undefined)
      .flatMap(({ places }) => places.map(({ place }) => placeParts(place)))
      .flatMap((parts) => (parts.at === 'kubernetes' && parts.cluster === cluster.name ? [parts.namespace] : [])),
  ),
];

async function namespacesVerdict(of: Of, namespaces: readonly string[]): Promise<Verdict> {
  const access = await of.here.cluster(of.cluster.name);
  const tried = await Promise.all(
    namespaces.map((namespace) =>
      access.tries(namespace).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof ProblemError) return error.problem;
          throw error;
        },
      ),
    ),
  );
  const refused = tried.filter((one) => one !== undefined);
  const [first] = refused;
  if (!first) return ok(`Secrets would be taken in ${list(namespaces)}: asked as a dry run`);
  const verdict = brokenBy(first, clusterAdmin(of.cluster.name));
  const command = verdict.command?.replace(/^kubectl/, `kubectl${contextOption(of.cluster)}`);
  return { ...verdict, evidence: refused.map(({ detail }) => detail), ...(command === undefined ? {} : { command }) };
}

/** The same way tried by a program that people know. */
function wayCommand({ access }: Cluster): { readonly command?: string } {
  if (access.by === 'eks')
    return { command: `aws eks describe-cluster --name ${shellWord(access.clusterName)} --region ${access.region}` };
  const file = access.by === 'kubeconfig' ? ` --kubeconfig ${shellWord(access.path)}` : undefined;
  const { context } = access;
  if (file === undefined) return {};
  return {
    command: `kubectl${file}${context === undefined ? '' : ` --context ${shellWord(context)}`} get --raw /readyz`,
  };
}

async function reached(of: Of, user: () => Promise<string | undefined>): Promise<Verdict> {
  try {
    return await identity(of, await user());
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { ...brokenBy(error.problem), ...wayCommand(of.cluster) };
  }
}

export function clusterChecks(of: Of): readonly Check[] {
  const { here, cluster, tools } = of;
  const user = async (): Promise<string | undefined> => (await here.cluster(cluster.name)).user();
  const subject = cluster.name;
  const namespaces = namespacesOf(of);
  return [
    { check: CLUSTER, subject, look: () => reached(of, user) },
    {
      ...{ check: RIGHTS, subject, needs: [`${CLUSTER} ${subject}`], who: clusterAdmin(subject) },
      look: () => rightsVerdict(of, tools.fleet, user),
    },
    ...(namespaces.length > 0
      ? [
          {
            ...{ check: 'namespaces', subject, needs: [`${RIGHTS} ${subject}`], who: clusterAdmin(subject) },
            look: () => namespacesVerdict(of, namespaces),
          },
        ]
      : []),
  ];
}
