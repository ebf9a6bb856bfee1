/** Certificates of AWS that load balancers of Ingresses serve: who uses them; what they hold is not seen. Pure. */
import type { CertificateView, IngressFacts } from '../../contract/observation.ts';
import { addTo } from './cluster-index.ts';

const ACM = 'ACM';

const ingressOf = ({ namespace, name }: IngressFacts): string => `${namespace}/${name}`;

/** One line for each ARN, and one for each Ingress whose certificates the load balancer finds by its hosts. */
export function viewsOfAcm(ingresses: readonly IngressFacts[], cluster: string): readonly CertificateView[] {
  const users = new Map<string, IngressFacts[]>();
  for (const ingress of ingresses) {
    const { acm } = ingress;
    for (const arn of acm ?? []) addTo(users, arn, ingress);
    if (acm?.length === 0) addTo(users, `${ingressOf(ingress)}#acm`, ingress);
  }
  return [...users].map(([name, all]) => ({
    ...{ id: `${cluster}/${name}`, cluster, name, kind: 'AcmCertificate', managedBy: ACM, state: 'ok' },
    names: [...new Set(all.flatMap(({ hosts }) => hosts))],
    references: all.map((ingress) => `Ingress ${ingressOf(ingress)}`),
  }));
}
