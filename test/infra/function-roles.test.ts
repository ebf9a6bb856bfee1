/** Who is let into which cluster: by CloudFormation where it can, which is in its own account and region. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { AccessStack } from '../../infra/access-stack.ts';
import { deployable } from '../../infra/fleet-file.ts';
import { accessEntries, isEks } from '../../shared/rights/cluster-role.ts';
import { roleNames } from '../../shared/rights/role-names.ts';
import { FLEET_FILE } from './synthesised.ts';

const { fleet } = deployable(FLEET_FILE);
const stackIn = (region?: string) =>
  new AccessStack(new App(), 'access', { fleet, env: { account: '111111111111', ...(region ? { region } : {}) } });
const entriesOf = (stack: AccessStack) =>
  Object.values(Template.fromStack(stack).findResources('AWS::EKS::AccessEntry'));

describe('access entries', () => {
  test('are those that shared/rights names, of the clusters of this account', () => {
    const stack = stackIn('eu-west-1');
    const own = fleet.clusters.filter(isEks).filter(({ access }) => access.roleArn === undefined);
    const expected = own.flatMap((cluster) => accessEntries(cluster, fleet, (role) => role));
    expect(expected.length).toBeGreaterThan(1);
    const named = new Map(
      roleNames(fleet).map((name) => [stack.resolve(stack.roles.of(name).roleArn)['Fn::GetAtt'][0], name]),
    );
    const made = entriesOf(stack).map(({ Properties: { ClusterName, PrincipalArn, KubernetesGroups, Type } }) => {
      expect(Type).toBe('STANDARD');
      return [ClusterName, named.get(PrincipalArn['Fn::GetAtt'][0]), KubernetesGroups];
    });
    expect(made).toEqual(expected.map(({ clusterName, principalArn, groups }) => [clusterName, principalArn, groups]));
  });

  test('are left to others in another region', () => {
    expect(entriesOf(stackIn('us-east-1'))).toEqual([]);
  });

  test('are made in their region alone where it is not known yet', () => {
    const template = Template.fromStack(stackIn());
    const conditions = Object.entries(template.findConditions('*'));
    expect(conditions).toEqual([[expect.any(String), { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] }]]);
    const entries = Object.values(template.findResources('AWS::EKS::AccessEntry'));
    expect(new Set(entries.map(({ Condition }) => Condition))).toEqual(new Set([conditions[0]?.[0]]));
  });
});

test('the roles of one fleet are not taken for those of another', () => {
  expect(() => stackIn().roles.of('inventory@elsewhere')).toThrow(
    'no role for inventory@elsewhere: these are the roles of another fleet',
  );
});
