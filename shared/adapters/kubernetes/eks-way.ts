/** The way to an EKS cluster without a kubeconfig: its address and roots from EKS, tokens from STS, both as the role that the fleet names. */
import type { EksAccess } from '../../contract/fleet.ts';
import { type EksEndpoint, eksCluster } from '../aws/eks-cluster.ts';
import { bearer, type ClusterWay, type Endpoint, type WayOptions } from './cluster-way.ts';
import { renewed } from './renewable.ts';

export function eksWay(access: EksAccess, { sessionName, clock }: WayOptions): ClusterWay {
  const eks = eksCluster({ ...access, sessionName, clock });
  return {
    endpoint: renewed(clock, lastKnown(eks.endpoint)),
    credentials: renewed(clock, async () => {
      const { token, expiresAt } = await eks.token();
      return { ...bearer(token), expiresAt };
    }),
    remedies: remediesOf(access),
    close: eks.close,
  };
}

/** That EKS does not answer says nothing against an address that it told before; and one that is the same is no other. */
function lastKnown(ask: () => Promise<EksEndpoint>): () => Promise<Endpoint> {
  let known: EksEndpoint | undefined;
  return async () => {
    const said = await ask().catch((error: unknown) => {
      if (known) return known;
      throw error;
    });
    if (known?.server !== said.server || !known.ca.equals(said.ca)) known = said;
    return known;
  };
}

/** EKS pins an access entry to the role's unique id: for a role that was made anew it is there, and matches nobody. */
const remediesOf = ({ clusterName, region, roleArn }: EksAccess) => ({
  unauthorized: `create an access entry for ${roleArn ?? 'the identity that Nolapse runs as'} in the EKS cluster ${clusterName}; where there is one, its role was deleted and made again since: delete the entry and create it again`,
  untrusted: `let nothing break up TLS on the way to the API server: its certificate is not of the roots that EKS tells (aws eks describe-cluster --name ${clusterName} --region ${region})`,
});
