/** A hosted zone looked at with the rights of challenges and no others: what it is, and whether its records may be changed. Changes nothing. */
import { randomBytes } from 'node:crypto';
import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import type { Zone } from '../../contract/fleet.ts';
import { ProblemError } from '../../contract/problem.ts';
import { serverNames } from '../../standards/dns/delegation.ts';
import { plainName } from '../../standards/dns/names.ts';
import { awsCode, awsProblem } from './aws-problem.ts';
import { Route53Clients } from './route53-clients.ts';

export interface ZoneContent {
  /** What the hosted zone is called: lower case, no final dot. */
  readonly name: string;
  /** Its name servers. */
  readonly nameServers: readonly string[];
}

export interface Route53Look {
  /** Throws ProblemError `aws:<ErrorCode>` or `nolapse:unreachable`. */
  content(zone: Zone): Promise<ZoneContent>;
  /**
   * That TXT values may be written at a name: the removal of a random value that is not there is asked for. Rights are looked at before records,
   * so it is either forbidden or refused because there is no such value. Throws as `content` does where it is forbidden.
   */
  mayChange(zone: Zone, fqdn: string): Promise<void>;
  close(): void;
}

/** Sets at an apex: of each type one, or one for each of a routing policy. */
const APEX_SETS = 50;

export function route53Look(): Route53Look {
  const clients = new Route53Clients();
  return {
    content: async (zone) => {
      const { hostedZoneId } = zone;
      try {
        // in Route 53's order the apex comes first
        const { ResourceRecordSets = [] } = await clients
          .of(zone)
          .send(new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId, MaxItems: APEX_SETS }));
        const name = plainName(ResourceRecordSets[0]?.Name ?? '');
        const ns = ResourceRecordSets.find((set) => set.Type === 'NS' && plainName(set.Name ?? '') === name);
        return { name, nameServers: serverNames((ns?.ResourceRecords ?? []).map(({ Value = '' }) => Value)) };
      } catch (error) {
        throw new ProblemError(awsProblem(error, `reading the hosted zone ${hostedZoneId}`));
      }
    },
    mayChange: async (zone, fqdn) => {
      const { hostedZoneId } = zone;
      try {
        await clients.of(zone).send(new ChangeResourceRecordSetsCommand(removalOfNothing(hostedZoneId, fqdn)));
      } catch (error) {
        if (awsCode(error) === 'InvalidChangeBatch') return;
        throw new ProblemError(awsProblem(error, `asking whether ${fqdn} in ${hostedZoneId} may be changed`));
      }
    },
    close: () => clients.close(),
  };
}

const removalOfNothing = (hostedZoneId: string, fqdn: string) => ({
  HostedZoneId: hostedZoneId,
  ChangeBatch: {
    Changes: [
      {
        Action: 'DELETE' as const,
        ResourceRecordSet: {
          ...{ Name: fqdn, Type: 'TXT' as const, TTL: 60 },
          ResourceRecords: [{ Value: `"nolapse-doctor-${randomBytes(16).toString('hex')}"` }],
        },
      },
    ],
  },
});
