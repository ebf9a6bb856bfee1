/** The text of a fleet file that was drafted from clusters: each guess beside where it came from, and no more than 25 lines a cluster. */
import type { ClusterAccess, Issuer } from '../../shared/contract/fleet.ts';
import { listed } from '../../shared/fleet/words.ts';
import type { ContextAccess } from '../context-access.ts';
import type { ProposedLine } from '../name-policy.ts';
import { jsonText, printable, wrapped } from './words.ts';

export interface DraftCluster extends ContextAccess {
  readonly name: string;
  /** Of the kubeconfig it was read by. */
  readonly context: string;
  /** What could not be read of it. */
  readonly gap?: string;
  readonly issuers: readonly Issuer[];
  readonly policy: readonly ProposedLine[];
}

export interface DraftZone {
  readonly name: string;
  readonly hostedZoneId: string;
  /** How many public zones of that name the account has. */
  readonly alike: number;
}

export type DraftZones =
  | { readonly by: 'nobody'; readonly domains: readonly string[] }
  | {
      readonly by: 'profile';
      readonly profile: string;
      readonly zones: readonly DraftZone[];
      /** Domains of names that lie in no zone of it. */
      readonly outside: readonly string[];
    };

export interface Draft {
  /** The first line, without its `#`: what to do with the file. */
  readonly next: string;
  readonly clusters: readonly DraftCluster[];
  readonly leftOut: readonly { readonly context: string; readonly problem: string }[];
  readonly zones: DraftZones;
}

export const LINES_A_CLUSTER = 25;
const WIDTH = 118;
const MOST_PROBLEM = 160;

const PLAIN = /^[A-Za-z~/][\w./~-]*$/;
const TAKEN = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

/** A scalar that YAML reads as this text, in a list too. */
const scalar = (text: string): string => (PLAIN.test(text) && !TAKEN.test(text) ? text : jsonText(text));
const list = (words: readonly string[]): string => `[${words.map(scalar).join(', ')}]`;
const mapping = (of: Readonly<Record<string, string | undefined>>): string =>
  `{ ${Object.entries(of)
    .flatMap(([key, value]) => (value === undefined ? [] : `${key}: ${scalar(value)}`))
    .join(', ')} }`;

const cut = (text: string): string => (text.length > MOST_PROBLEM ? `${text.slice(0, MOST_PROBLEM - 1)}…` : text);
const comment = (indent: string, text: string): readonly string[] =>
  wrapped(text, WIDTH - indent.length - 2).map((line) => `${indent}# ${line}`);

/** A word that a shell takes as it is. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", `'\\''`)}'`;

export const secretIdOf = (cluster: string): string => `nolapse/${cluster}-kubeconfig`;

/** The command that puts the context, alone and with all it names, into Secrets Manager. */
const createSecret = ({ name, context }: DraftCluster, path: string): string =>
  `kubectl --kubeconfig ${shellWord(path)} --context ${shellWord(context)} config view --minify --flatten --raw | ` +
  `aws secretsmanager create-secret --name ${secretIdOf(name)} --secret-string file:///dev/stdin`;

/** For the deployed service, which has no files. */
export function withoutFiles(cluster: DraftCluster): DraftCluster {
  const { access, onlyHere } = cluster;
  if (access.by !== 'kubeconfig') return cluster;
  const gap = onlyHere && `the context has ${onlyHere}, which a secret cannot have: put a token there instead`;
  return {
    ...cluster,
    access: { by: 'secret', secretId: secretIdOf(cluster.name), context: cluster.context },
    from: `the secret, with your own rights (fewer are enough: nolapse rbac ${cluster.name}): ${createSecret(cluster, access.path)}`,
    ...(gap === undefined ? {} : { gap }),
  };
}

function accessLines({ access, from, profile }: DraftCluster): readonly string[] {
  const asks = profile === undefined ? '' : `; it asks as AWS_PROFILE=${shellWord(profile)}`;
  const said = printable(`from ${from}${asks}`);
  if (access.by === 'secret')
    return [`      # ${from}`, `      kubeconfig: ${mapping({ secretId: access.secretId, context: access.context })}`];
  return [`      ${accessOf(access)} # ${said}`];
}

function accessOf(access: Exclude<ClusterAccess, { by: 'secret' }>): string {
  if (access.by === 'kubeconfig') return `kubeconfig: ${mapping({ path: access.path, context: access.context })}`;
  const { clusterName, region, roleArn, externalId } = access;
  return `eks: ${mapping({ clusterName, region, roleArn, externalId })}`;
}

const KINDS = { acme: 'ACME', ca: 'private CA', selfSigned: 'self-signed' } as const;

const issuerWords = ({ kind, namespace, name, spec }: Issuer): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} (${KINDS[spec.type]})`;

function issuerLines({ issuers, name }: DraftCluster): readonly string[] {
  if (issuers.length === 0)
    return [`      # issuers: none was seen in ${name}; there is one to fill in at the end of this file`];
  const byHttp = issuers.filter(
    ({ spec }) => spec.type === 'acme' && spec.solvers.some(({ type }) => type === 'http01'),
  );
  const answered =
    byHttp.length > 0
      ? `; http01 solvers are answered by DNS-01, in zones below: ${listed(byHttp.map((one) => one.name))}`
      : '';
  return comment(
    '      ',
    `issuers, read from the cluster at each look and used as they are: ${listed(issuers.map(issuerWords))}${answered}`,
  );
}

/** All but the policy's lines. */
function clusterHead(cluster: DraftCluster): readonly string[] {
  const { name, context, gap, policy } = cluster;
  return [
    `    - name: ${scalar(name)}${name === context ? '' : ` # from the context ${cut(printable(context))}`}`,
    ...(gap === undefined ? [] : comment('      ', cut(gap))),
    ...accessLines(cluster),
    '      mode: audit # looks and tells; manage renews',
    ...issuerLines(cluster),
    policy.length === 0
      ? '      namePolicy: [] # no names of certificates were found here'
      : '      namePolicy: # proposed: what each namespace has today; in manage nothing else is ordered for it',
  ];
}

function policyLines({ policy, context }: DraftCluster, room: number): readonly string[] {
  const shown = policy.length <= room ? policy : policy.slice(0, room - 1);
  const rest = policy.slice(shown.length).flatMap(({ namespaces }) => namespaces).length;
  const more = `nolapse inventory --context ${shellWord(context)} --all`;
  return [
    ...shown.map(
      ({ namespaces, names, from }) =>
        `        - { namespaces: ${list(namespaces)}, names: ${list(names)} } # from ${from}`,
    ),
    ...(rest > 0 ? [`        # left out: ${rest} more namespaces with certificates; see ${more}`] : []),
  ];
}

const noId = '{ name, hostedZoneId }';

function zoneLines(zones: DraftZones): readonly string[] {
  if (zones.by === 'nobody')
    return zones.domains.length === 0
      ? ['  zones: [] # no public names were found']
      : [`  zones: [] # names under ${listed(zones.domains)}: add ${noId} of each`];
  const { profile, outside } = zones;
  const lacking =
    outside.length > 0 ? comment('    ', `in no public zone of that profile: names under ${listed(outside)}`) : [];
  const said = `# from Route 53 as the profile ${printable(profile)}: public zones with names found`;
  if (zones.zones.length === 0) return [`  zones: [] ${said}; there is none`, ...lacking];
  const lines = zones.zones.map(({ name, hostedZoneId, alike }) => {
    const doubt = alike > 1 ? ` # one of ${alike} of that name: compare its name servers with dig NS ${name}` : '';
    return `    - ${mapping({ name, hostedZoneId })}${doubt}`;
  });
  return [`  zones: ${said}`, ...lines, ...lacking];
}

export const withoutIssuer = ({ clusters }: Pick<Draft, 'clusters'>): readonly string[] =>
  clusters.filter(({ issuers }) => issuers.length === 0).map(({ name }) => name);

/** One to fill in, for clusters that have none. */
function ownIssuer(draft: Draft): readonly string[] {
  const names = withoutIssuer(draft);
  if (names.length === 0) return [];
  const acme =
    'server: https://acme-v02.api.letsencrypt.org/directory, email: you@example.com, solvers: [{ dns01: { route53: {} } }]';
  return [
    `# --- # an issuer for ${listed(names)}: write your address, and take "# " away from these five lines`,
    '# apiVersion: cert-manager.io/v1',
    '# kind: ClusterIssuer',
    '# metadata: { name: letsencrypt }',
    `# spec: { acme: { ${acme} } }`,
  ];
}

/** At most 25 lines for each cluster, the rest of the file included; zones are named whatever it takes. */
export function draftLines(draft: Draft): readonly string[] {
  const { clusters, leftOut, zones } = draft;
  const begin = [
    `# ${draft.next}`,
    'apiVersion: nolapse.dev/v1',
    'kind: Fleet',
    'metadata:',
    '  name: fleet # yours to choose before the first renewal: what is delivered carries it',
    'spec:',
    ...leftOut.flatMap(({ context, problem }) =>
      comment('  ', cut(`left out, could not be read: ${context}: ${problem}`)),
    ),
    '  clusters:',
  ];
  const heads = clusters.map(clusterHead);
  const end = [...zoneLines(zones), ...ownIssuer(draft)];
  const taken = begin.length + heads.flat().length + end.length;
  const room = Math.max(2, Math.floor((LINES_A_CLUSTER * clusters.length - taken) / clusters.length));
  const blocks = clusters.flatMap((cluster, i) => [...(heads[i] ?? []), ...policyLines(cluster, room)]);
  return [...begin, ...blocks, ...end];
}
