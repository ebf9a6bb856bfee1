/** Roles that owners of other accounts make: what is in them, and who may take them. */
import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { policyOf, roleArnOf } from '../../../shared/rights/account-role.ts';
import { accessEntries, clusterRole, type EksCluster, isEks } from '../../../shared/rights/cluster-role.ts';
import { challengeRights, dnsAccounts, dnsRoles } from '../../../shared/rights/dns-role.ts';
import { policyJson, trustJson } from '../../../shared/rights/statements.ts';
import { fleet, ROLE, SERVICE } from './service.ts';

const principals = [`arn:aws:iam::${SERVICE}:role/nolapse-acme-issue`];
const trusted = { account: SERVICE, principals };

const DNS_TRUST = {
  Version: '2012-10-17',
  Statement: [
    {
      ...{ Sid: 'Nolapse', Effect: 'Allow', Action: ['sts:AssumeRole'] },
      Principal: { AWS: ['arn:aws:iam::111111111111:root'] },
      Condition: {
        ArnEquals: { 'aws:PrincipalArn': ['arn:aws:iam::111111111111:role/nolapse-acme-issue'] },
        StringEquals: { 'sts:ExternalId': ['dns-secret'] },
      },
    },
  ],
};

const CHANGES = 'route53:ChangeResourceRecordSets';
const ZONE = ['arn:aws:route53:::hostedzone/Z0ELSEWHERE'];

const DNS_POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      ...{ Sid: 'ChallengeTxtOnly', Effect: 'Allow', Action: [CHANGES], Resource: ZONE },
      Condition: {
        'ForAllValues:StringLike': {
          [`${CHANGES}NormalizedRecordNames`]: ['_acme-challenge.example.com', '_acme-challenge.*.example.com'],
        },
        'ForAllValues:StringEquals': {
          [`${CHANGES}RecordTypes`]: ['TXT'],
          [`${CHANGES}Actions`]: ['CREATE', 'DELETE'],
        },
        Null: {
          [`${CHANGES}NormalizedRecordNames`]: ['false'],
          [`${CHANGES}RecordTypes`]: ['false'],
          [`${CHANGES}Actions`]: ['false'],
        },
      },
    },
    { Sid: 'ReadRecords', Effect: 'Allow', Action: ['route53:ListResourceRecordSets'], Resource: ZONE },
    {
      ...{ Sid: 'ChangeStatus', Effect: 'Allow', Action: ['route53:GetChange'] },
      Resource: ['arn:aws:route53:::change/*'],
    },
  ],
};

describe('a DNS role', () => {
  test('is for TXT records of challenges in the zones that name it, and for who knows the external id', () => {
    const [role, ...others] = dnsRoles(fleet, '333333333333', trusted);
    expect(others).toEqual([]);
    expect(role?.roleArn).toBe(ROLE.dns);
    expect(trustJson(role?.trust ?? { statements: [] })).toEqual(DNS_TRUST);
    expect(policyJson(policyOf(role?.granted ?? []))).toEqual(DNS_POLICY);
  });

  test('of two roles in one account are two, each with its own zones', () => {
    const zones: Fleet['zones'] = [
      { name: 'a.example', hostedZoneId: 'ZA', roleArn: `${ROLE.dns}-a` },
      { name: 'b.example', hostedZoneId: 'ZB', roleArn: `${ROLE.dns}-b` },
      { name: 'c.example', hostedZoneId: 'ZC', roleArn: `${ROLE.dns}-a` },
    ];
    const roles = dnsRoles({ ...fleet, zones }, '333333333333', trusted);
    expect(roles.map(({ roleArn, granted }) => [roleArn, granted[0]?.statement.resources])).toEqual([
      [`${ROLE.dns}-a`, ['arn:aws:route53:::hostedzone/ZA', 'arn:aws:route53:::hostedzone/ZC']],
      [`${ROLE.dns}-b`, ['arn:aws:route53:::hostedzone/ZB']],
    ]);
    expect(roles[0]?.trust.statements[0]?.conditions).toEqual({ ArnEquals: { 'aws:PrincipalArn': principals } });
  });

  test('is in the accounts that zones name, and in no other', () => {
    expect(dnsAccounts(fleet)).toEqual(['333333333333']);
    expect(dnsRoles(fleet, '222222222222', trusted)).toEqual([]);
  });

  test('for very many zones has several statements, so that IAM takes each', () => {
    const zones = Array.from({ length: 45 }, (_, i) => ({ name: `z${i}.example`, hostedZoneId: `Z${i}` }));
    const sids = challengeRights(zones, 'aws').map(({ statement }) => `${statement.sid} ${statement.resources.length}`);
    expect(sids).toEqual([
      'ChallengeTxtOnly 20',
      'ChallengeTxtOnly2 20',
      'ChallengeTxtOnly3 5',
      'ReadRecords 40',
      'ReadRecords2 5',
      'ChangeStatus 1',
    ]);
    for (const { statement } of challengeRights(zones, 'aws'))
      expect(JSON.stringify(policyJson({ statements: [statement] })).length).toBeLessThan(6_144);
  });
});

describe('a cluster', () => {
  const [prod, own] = fleet.clusters.filter(isEks) as [EksCluster, EksCluster];

  test('of another account has a role that finds it, and one access entry with the groups of all who take it', () => {
    const role = clusterRole(prod, trusted);
    expect(policyJson(policyOf(role?.granted ?? [])).Statement).toEqual([
      {
        ...{ Sid: 'FindCluster', Effect: 'Allow', Action: ['eks:DescribeCluster'] },
        Resource: ['arn:aws:eks:eu-west-1:222222222222:cluster/prod'],
      },
    ]);
    expect(role?.trust.statements[0]?.conditions).toEqual({
      ArnEquals: { 'aws:PrincipalArn': principals },
      StringEquals: { 'sts:ExternalId': ['prod-secret'] },
    });
    expect(accessEntries(prod, fleet, (name) => name)).toEqual([
      {
        ...{ clusterName: 'prod', region: 'eu-west-1', principalArn: ROLE.prod },
        groups: ['nolapse:inventory', 'nolapse:deliver', 'nolapse:issue'],
      },
    ]);
  });

  test('of the own account has no role, and an access entry with its own group for each function', () => {
    expect(clusterRole(own, trusted)).toBeUndefined();
    expect(
      accessEntries(own, fleet, (name) => `arn of ${name}`).map(({ principalArn, groups }) => [principalArn, groups]),
    ).toEqual([
      ['arn of inventory', ['nolapse:inventory']],
      ['arn of deliver', ['nolapse:deliver']],
      ['arn of issue', ['nolapse:issue']],
    ]);
  });
});

test.each([
  [ROLE.dns, { partition: 'aws', account: '333333333333', path: '/acme/', name: 'nolapse-dns' }],
  ['arn:aws-cn:iam::333333333333:role/x', { partition: 'aws-cn', account: '333333333333', path: '/', name: 'x' }],
  ['arn:aws:iam::333333333333:user/x', undefined],
  ['x', undefined],
])('the parts of %s', (arn, parts) => {
  expect(roleArnOf(arn)).toEqual(parts);
});
