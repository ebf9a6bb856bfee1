/** What an inventory of the demo's clusters must name: every defect that was planted, and whether a run mends it. Pure. */
import { type Cast, secretOf } from './cast.ts';

export interface Planted {
  readonly code: string;
  /** As a finding's heading names it. */
  readonly object: string;
  /** Whether it is gone after the run; the others wait for a person. */
  readonly isMended: boolean;
}

function surpriseOf(cast: Cast): Planted {
  const { clusters, namespace, service, surprise } = cast;
  const place = (name: string): string => `${clusters[0]}/${namespace}/${name}`;
  const secret = secretOf(cast, 'surprise');
  switch (surprise) {
    case 'expired':
      return { code: surprise, object: `Secret ${place(secret)}`, isMended: false };
    case 'secret-missing':
      return { code: surprise, object: `Ingress ${place(service.surprise)}`, isMended: false };
    case 'name-not-allowed':
    case 'issuer-not-found':
      return { code: surprise, object: place(secret), isMended: false };
  }
}

export function plantedOf(cast: Cast): readonly Planted[] {
  const { clusters, namespace, service } = cast;
  const [one, two] = clusters.map((cluster) => `${cluster}/${namespace}`);
  const waiting = { isMended: false };
  return [
    { code: 'expired', object: `FleetCertificate ${service.expired}`, isMended: true },
    { code: 'adoptable', object: `Secret ${one}/${secretOf(cast, 'byKubectl')}`, isMended: true },
    { code: 'key-mismatch', object: `Secret ${one}/${secretOf(cast, 'mismatch')}`, ...waiting },
    { code: 'unreadable', object: `Secret ${one}/${secretOf(cast, 'unreadable')}`, ...waiting },
    { code: 'staging-in-production', object: `Secret ${two}/${secretOf(cast, 'staging')}`, ...waiting },
    { code: 'secret-name-mismatch', object: `Ingress ${two}/${service.misnamed}`, ...waiting },
    { code: 'key-in-annotation', object: `Secret ${two}/${secretOf(cast, 'annotated')}`, ...waiting },
    { code: 'ca-expiring', object: `Secret ${clusters[1]}/cert-manager/internal-ca`, ...waiting },
    surpriseOf(cast),
  ];
}
