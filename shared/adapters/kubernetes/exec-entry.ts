/** Reads the `exec` entry of a kubeconfig user. The two that ask AWS for an EKS token are understood, so that they need not be run. */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

/** A credential plugin as the kubeconfig names it (client.authentication.k8s.io). */
export interface ExecEntry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
}

/** What an EKS token is made from; absent parts come from the environment, as for every AWS client. */
export interface EksCall {
  /** Name or id of the EKS cluster. */
  readonly cluster: string;
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly sessionName?: string;
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const envOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (Array.isArray(value) ? value : [])
      .filter((one) => typeof one?.name === 'string')
      .map((one) => [String(one.name), String(one.value ?? '')]),
  );

/** Undefined when the entry names no command. */
export function execEntryOf(raw: Readonly<Record<string, unknown>>): ExecEntry | undefined {
  if (typeof raw.command !== 'string' || raw.command === '') return undefined;
  return {
    command: raw.command,
    args: texts(raw.args),
    env: envOf(raw.env),
    apiVersion: typeof raw.apiVersion === 'string' ? raw.apiVersion : 'client.authentication.k8s.io/v1',
    ...(typeof raw.installHint === 'string' && { installHint: raw.installHint }),
    provideClusterInfo: raw.provideClusterInfo === true,
  };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const AWS_CLI = {
  'cluster-name': text,
  'cluster-id': text,
  region: text,
  profile: text,
  'role-arn': text,
  output: text,
  'no-cli-pager': flag,
} as const;

const AUTHENTICATOR = {
  'cluster-id': { ...text, short: 'i' },
  region: text,
  role: { ...text, short: 'r' },
  'external-id': { ...text, short: 'e' },
  'session-name': { ...text, short: 's' },
  cache: flag,
} as const;

const AWS_ENV: ReadonlySet<string> = new Set([
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_STS_REGIONAL_ENDPOINTS',
]);

/**
 * The EKS token that `aws eks get-token` or `aws-iam-authenticator token` would make; undefined for every other plugin, and for
 * these when they carry an argument or a variable that is not known here: half understood would be another identity.
 */
export function eksCallOf({ command, args, env }: ExecEntry): EksCall | undefined {
  if (!Object.keys(env).every((name) => AWS_ENV.has(name))) return undefined;
  const program = basename(command).replace(/\.exe$/, '');
  const call = program === 'aws' ? awsCli(args) : program === 'aws-iam-authenticator' ? authenticator(args) : undefined;
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return call && { ...(env.AWS_PROFILE && { profile: env.AWS_PROFILE }), ...(region && { region }), ...call };
}

function awsCli(args: readonly string[]): EksCall | undefined {
  const { values, positionals } = read(() => parseArgs({ args: [...args], options: AWS_CLI, allowPositionals: true }));
  const cluster = values?.['cluster-name'] ?? values?.['cluster-id'];
  if (positionals?.join(' ') !== 'eks get-token' || !cluster) return undefined;
  return present({ cluster, region: values?.region, profile: values?.profile, roleArn: values?.['role-arn'] });
}

function authenticator(args: readonly string[]): EksCall | undefined {
  const { values, positionals } = read(() =>
    parseArgs({ args: [...args], options: AUTHENTICATOR, allowPositionals: true }),
  );
  const cluster = values?.['cluster-id'];
  if (positionals?.join(' ') !== 'token' || !cluster) return undefined;
  return present({
    cluster,
    region: values?.region,
    roleArn: values?.role,
    externalId: values?.['external-id'],
    sessionName: values?.['session-name'],
  });
}

/** An unknown argument makes the whole call one that is not understood. */
function read<T>(parse: () => T): T | { readonly values?: undefined; readonly positionals?: undefined } {
  try {
    return parse();
  } catch {
    // parseArgs throws on an argument it was not told of.
    return {};
  }
}

function present(call: { readonly cluster: string } & { readonly [K in keyof EksCall]?: EksCall[K] | undefined }) {
  const given = Object.entries(call).filter(([, value]) => value !== undefined && value !== '');
  return { cluster: call.cluster, ...Object.fromEntries(given) };
}
