/** The public hosted zones of an AWS account, for whoever begins. Asks for the list, and changes nothing. */
import { type HostedZone, paginateListHostedZones, Route53Client } from '@aws-sdk/client-route-53';
import { ProblemError } from '../../contract/problem.ts';
import { canonicalName } from '../../standards/dns/names.ts';
import { awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface PublicZone {
  /** Canonical. */
  readonly name: string;
  readonly hostedZoneId: string;
}

/** Right: `route53:ListHostedZones`. A name may come more than once: Route 53 allows it. Throws ProblemError `aws:<ErrorCode>`, `nolapse:unreachable`. */
export async function publicZones(profile: string): Promise<readonly PublicZone[]> {
  const client = new Route53Client({ profile, requestHandler: TIME_OUTS });
  try {
    const zones: HostedZone[] = [];
    for await (const { HostedZones = [] } of paginateListHostedZones({ client }, {})) zones.push(...HostedZones);
    return zones.flatMap(publicZone);
  } catch (error) {
    const problem = awsProblem(error, `listing hosted zones with the AWS profile ${profile}`);
    const isOfProfile = problem.status === undefined && problem.type !== 'nolapse:unreachable';
    throw new ProblemError(isOfProfile ? { ...problem, fix: NO_PROFILE } : problem);
  } finally {
    client.destroy();
  }
}

/** The SDK had nothing to ask with: it says what it lacks, and not that there is no such profile. */
const NO_PROFILE = 'name a profile of aws configure list-profiles that has credentials and a region';

function publicZone({ Name = '', Id = '', Config }: HostedZone): readonly PublicZone[] {
  const canonical = canonicalName(Name);
  if (Config?.PrivateZone === true || 'problem' in canonical) return [];
  return [{ name: canonical.name, hostedZoneId: Id.replace('/hostedzone/', '') }];
}
