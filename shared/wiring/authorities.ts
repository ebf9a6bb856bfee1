/** Which authority an issuer is: of the file or found in a cluster, ACME, a private CA or self-signed. */
import type { AcmeAuthorities, AcmeIssuer } from '../adapters/acme/acme-authorities.ts';
import { caAuthority } from '../adapters/ca/ca-authority.ts';
import { selfSignedAuthority } from '../adapters/ca/self-signed-authority.ts';
import type { Fleet, Issuer } from '../contract/fleet.ts';
import type { IssuerId } from '../contract/ids.ts';
import type { Authority, Clock, ReadSecret } from '../contract/ports.ts';
import { ProblemError } from '../contract/problem.ts';
import { keys, type Records } from '../contract/records.ts';
import type { Requests } from '../lanes/rehearsal-course.ts';
import { secretRefOf } from '../standards/certmanager/issuer-secrets.ts';
import { zoneOf } from '../standards/dns/names.ts';

/** An issuer of the file, or one that an inventory has found. */
async function issuerOf(id: IssuerId, { fleet, records }: { fleet: Fleet; records: Records }): Promise<Issuer> {
  const inFile = fleet.issuers.find((issuer) => issuer.id === id);
  if (inFile) return inFile;
  const [source = '', ...rest] = id.split('/');
  const [namespace, name] = rest.length > 1 ? [rest[0], rest[1]] : [undefined, rest[0]];
  const found = await records.get(keys.issuer(source, namespace, name ?? ''));
  if (found) return found.body.issuer;
  throw new ProblemError({
    type: 'nolapse:issuer-not-found',
    detail: `the issuer ${id} is gone`,
    retry: 'later',
    fix: 'bring it back, or point the certificates to another one',
  });
}

interface AuthorityParts {
  readonly fleet: Fleet;
  readonly records: Records;
  readonly acme: AcmeAuthorities;
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
}

/** Where ClusterIssuers of the issuer's cluster have their Secrets. */
export const resourceNamespaceOf = ({ source }: Issuer, { clusters }: Fleet): string =>
  clusters.find(({ name }) => name === source)?.clusterResourceNamespace ?? 'cert-manager';

function authority(issuer: Issuer, { fleet, acme, readSecret, clock }: Omit<AuthorityParts, 'records'>): Authority {
  const { spec } = issuer;
  const clusterResourceNamespace = resourceNamespaceOf(issuer, fleet);
  if (spec.type === 'acme')
    return acme.of({ ...issuer, spec } satisfies AcmeIssuer, {
      zoneOf: (fqdn) => zoneOf(fqdn, fleet.zones)?.hostedZoneId,
      clusterResourceNamespace,
    });
  if (spec.type === 'selfSigned') return selfSignedAuthority({ spec, clock });
  return caAuthority({ spec, secretRef: secretRefOf(issuer, clusterResourceNamespace), readSecret, clock });
}

/** By the id of an issuer that is known, or for one that may be made up for the moment. Both ask nothing of any CA. */
export function authoritiesOf(parts: AuthorityParts) {
  return {
    authorityOf: async (id: IssuerId): Promise<Authority> => authority(await issuerOf(id, parts), parts),
    authorityFor: (issuer: Issuer): Authority => authority(issuer, parts),
  };
}

/** Counts what is sent, for those who are told how much it takes. */
export function requestCounts() {
  let [ca, route53] = [0, 0];
  const counts = {
    ca: (): void => {
      ca += 1;
    },
    route53: (): void => {
      route53 += 1;
    },
  };
  return { counts, requests: (): Requests => ({ ca, route53 }) };
}
