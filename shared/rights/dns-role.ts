/** Rights on hosted zones: the TXT records of challenges, and nothing else. */
import type { Fleet, Zone } from '../contract/fleet.ts';
import { type AccountRole, roleArnOf, type Trusted, trustOf } from './account-role.ts';
import { type Granted, granted, grantedOn } from './granted.ts';

const NAMES = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
const TYPES = 'route53:ChangeResourceRecordSetsRecordTypes';
const ACTIONS = 'route53:ChangeResourceRecordSetsActions';

/** As Route 53 normalises them: lower case, no final dot. The challenge of `*.example.com` is that of `example.com`. */
const challengeNames = (zones: readonly Zone[]): readonly string[] =>
  zones.flatMap(({ name }) => [`_acme-challenge.${name}`, `_acme-challenge.*.${name}`]);

/** A zone takes names of its own only, so names and zones need not be told apart pair by pair. */
const changeRights = (zones: readonly Zone[], partition: string): Granted =>
  granted(
    {
      sid: 'ChallengeTxtOnly',
      actions: ['route53:ChangeResourceRecordSets'],
      resources: zones.map(({ hostedZoneId }) => `arn:${partition}:route53:::hostedzone/${hostedZoneId}`),
      conditions: {
        'ForAllValues:StringLike': { [NAMES]: challengeNames(zones) },
        'ForAllValues:StringEquals': { [TYPES]: ['TXT'], [ACTIONS]: ['CREATE', 'DELETE'] },
        // ForAllValues holds where there is no value at all
        Null: { [NAMES]: ['false'], [TYPES]: ['false'], [ACTIONS]: ['false'] },
      },
    },
    {
      because: 'a challenge is answered by a TXT value, which is added before and removed after',
      thief: `proves to any CA that he has the names of ${zones.map(({ name }) => name).join(', ')}, and gets certificates for them`,
    },
  );

/** So many zones of long names fit into a policy. */
const AT_ONCE = 20;

/** Rights on these zones: in the policy of the role that they name, or in the service's own where they name none. */
export function challengeRights(zones: readonly Zone[], partition: string): readonly Granted[] {
  if (zones.length === 0) return [];
  const parts = Array.from({ length: Math.ceil(zones.length / AT_ONCE) }, (_, i) =>
    changeRights(zones.slice(i * AT_ONCE, (i + 1) * AT_ONCE), partition),
  );
  return [
    ...parts.map((part, i) =>
      i === 0 ? part : { ...part, statement: { ...part.statement, sid: `${part.statement.sid}${i + 1}` } },
    ),
    ...grantedOn(
      zones.map(({ hostedZoneId }) => `arn:${partition}:route53:::hostedzone/${hostedZoneId}`),
      { sid: 'ReadRecords', actions: ['route53:ListResourceRecordSets'] },
      {
        because: 'where somebody else has values at the same name, they are read and kept as they are',
        thief: 'reads the records of the zones, which are public but for private zones',
      },
    ),
    granted(
      {
        sid: 'ChangeStatus',
        actions: ['route53:GetChange'],
        resources: [`arn:${partition}:route53:::change/*`],
      },
      {
        because: 'Route 53 says when all its name servers have a change; nobody knows the id of a change before',
        thief: 'learns whether a change is served, if he knows its id',
      },
    ),
  ];
}

/** The accounts that the fleet's DNS roles are in. */
export const dnsAccounts = ({ zones }: Fleet): readonly string[] => [
  ...new Set(zones.flatMap(({ roleArn }) => roleArnOf(roleArn ?? '')?.account ?? [])),
];

/** The DNS roles that a fleet names in an account: one, unless its zones name more. */
export function dnsRoles({ zones }: Fleet, account: string, trusted: Trusted): readonly AccountRole[] {
  const here = zones.filter(({ roleArn }) => roleArnOf(roleArn ?? '')?.account === account);
  const byRole = Map.groupBy(here, ({ roleArn = '' }) => roleArn);
  return [...byRole].map(([roleArn, ofRole]) => {
    const partition = roleArnOf(roleArn)?.partition ?? 'aws';
    const externalId = ofRole.find((zone) => zone.externalId !== undefined)?.externalId;
    return {
      roleArn,
      trust: trustOf(trusted, { partition, externalId }),
      granted: challengeRights(ofRole, partition),
    };
  });
}
