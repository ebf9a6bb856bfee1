/** One EKS cluster as AWS knows it: where its API server is, by which roots it is trusted, and tokens for it. Asks, and changes nothing. */
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import type { EksAccess } from '../../contract/fleet.ts';
import type { Clock } from '../../contract/ports.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { assumedRole, type Role } from './assumed-role.ts';
import { awsCode, awsProblem } from './aws-problem.ts';
import { type ExpiringToken, eksToken } from './eks-token.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface EksEndpoint {
  /** https URL without a slash at its end. */
  readonly server: string;
  /** PEM; several while they are rotated. */
  readonly ca: Buffer;
}

export interface EksCluster {
  /** Throws ProblemError `aws:<ErrorCode>`, `nolapse:unreachable`, `nolapse:eks-cluster` for one that has no address yet. */
  endpoint(): Promise<EksEndpoint>;
  /** Throws as `eksToken`. */
  token(): Promise<ExpiringToken>;
  close(): void;
}

export interface EksClusterOptions extends Omit<EksAccess, 'by'> {
  /** Of the role, where there is one. */
  readonly sessionName: string;
  readonly clock: Pick<Clock, 'now'>;
}

export function eksCluster({
  clusterName,
  region,
  roleArn,
  externalId,
  sessionName,
  clock,
}: EksClusterOptions): EksCluster {
  const role: Role | undefined =
    roleArn === undefined
      ? undefined
      : { arn: roleArn, sessionName, ...(externalId === undefined ? {} : { externalId }) };
  const client = new EKSClient({
    region,
    requestHandler: TIME_OUTS,
    ...(role && { credentials: assumedRole(role, { region }) }),
  });
  const subject = `the EKS cluster ${clusterName} in ${region}`;
  return {
    endpoint: async () => {
      try {
        const { cluster } = await client.send(new DescribeClusterCommand({ name: clusterName }));
        const { endpoint = '', certificateAuthority, status = 'unknown' } = cluster ?? {};
        const ca = Buffer.from(certificateAuthority?.data ?? '', 'base64');
        // a token is handed to this address: it must be one that proves itself by the cluster's own roots
        if (endpoint.startsWith('https://') && ca.length > 0) return { server: endpoint.replace(/\/$/, ''), ca };
        throw new ProblemError(withoutAddress(subject, status));
      } catch (error) {
        const problem = awsProblem(error, `asking for the address of ${subject}${role ? ` as ${role.arn}` : ''}`);
        throw new ProblemError(
          awsCode(error) === 'ResourceNotFoundException' ? { ...problem, fix: ELSEWHERE } : problem,
        );
      }
    },
    token: () => eksToken({ cluster: clusterName, region, clock, ...(role && { role }) }),
    close: () => client.destroy(),
  };
}

const ELSEWHERE =
  'correct clusterName and region in spec.clusters of the fleet file, or the roleArn of the account that has the cluster';

const withoutAddress = (subject: string, status: string): Problem => ({
  type: 'nolapse:eks-cluster',
  detail: `${subject} has no https endpoint with a certificate authority; its status is ${status}`,
  retry: 'later',
  fix: 'wait until the cluster is ACTIVE',
});
