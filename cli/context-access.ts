/** How a fleet file reaches the cluster of a kubeconfig context: as EKS where its exec entry asks for an EKS token, else by the context. */
import { type EksCall, eksCallOf } from '../shared/adapters/kubernetes/exec-entry.ts';
import { type KubeAccess, readKubeconfig } from '../shared/adapters/kubernetes/kubeconfig.ts';
import type { ClusterAccess, EksAccess, KubeconfigAccess } from '../shared/contract/fleet.ts';

export interface ContextAccess {
  readonly access: ClusterAccess;
  /** Where that is known from. */
  readonly from: string;
  /** The AWS profile that the context asks with; a fleet file names none. */
  readonly profile?: string;
  /** What a kubeconfig in a secret cannot have: such a thing is where the file is, and nowhere else. */
  readonly onlyHere?: 'a credential plugin' | 'a token file';
}

interface Surroundings {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Region {
  readonly region: string;
  readonly of: string;
}

/** The address of an EKS API server: `<id>.<shard>.<region>.eks.amazonaws.com`. */
const EKS_ADDRESS = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.eks\.amazonaws\.com/;

function regionOf({ region }: EksCall, { server }: KubeAccess, env: Surroundings['env']): Region | undefined {
  if (region) return { region, of: 'its exec entry' };
  const [, ofAddress] = EKS_ADDRESS.exec(server) ?? [];
  if (ofAddress) return { region: ofAddress, of: "its API server's address" };
  const ofEnv = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return ofEnv ? { region: ofEnv, of: 'AWS_REGION here' } : undefined;
}

/** As the fleet file takes it; an ARN or id instead of a name is left to the kubeconfig. */
const CLUSTER_NAME = /^[0-9A-Za-z][\w-]{0,99}$/;

function eksAccess(call: EksCall, { region }: Region): EksAccess {
  const { cluster: clusterName, roleArn, externalId } = call;
  return {
    ...{ by: 'eks', clusterName, region },
    ...(roleArn && { roleArn }),
    ...(roleArn && externalId && { externalId }),
  };
}

/** Throws ProblemError `nolapse:kubeconfig`. */
export function accessOfContext(given: KubeconfigAccess, { home, env }: Surroundings): ContextAccess {
  const kube = readKubeconfig({ path: given.path, home }, given.context);
  const { user } = kube;
  const call = user.by === 'exec' ? eksCallOf(user.exec) : undefined;
  const region = call && regionOf(call, kube, env);
  if (call && region && CLUSTER_NAME.test(call.cluster))
    return {
      access: eksAccess(call, region),
      from: `the exec entry of the context${region.of === 'its exec entry' ? '' : `, region of ${region.of}`}`,
      ...(call.profile && { profile: call.profile }),
    };
  const path = given.path.startsWith(`${home}/`) ? `~${given.path.slice(home.length)}` : given.path;
  return {
    access: { ...given, path },
    from: 'the context of that name',
    ...(user.by === 'exec' && { onlyHere: 'a credential plugin' }),
    ...(user.by === 'token-file' && { onlyHere: 'a token file' }),
  };
}
