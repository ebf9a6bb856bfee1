/** Who the functions are: one role each, without any right. Others trust these roles by name, so they outlive every change of the service. */
import { CfnCondition, Fn, Stack, Token } from 'aws-cdk-lib';
import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Fleet } from '../shared/contract/fleet.ts';
import { type EksCluster, GROUPS, isEks, whoIs } from '../shared/rights/cluster-role.ts';
import { type RoleName, roleNameOf, rolesIn } from '../shared/rights/role-names.ts';
import { copiesOf } from './copies.ts';

export class FunctionRoles extends Construct {
  readonly #roles: ReadonlyMap<RoleName, Role>;

  constructor(scope: Construct, id: string, { fleet }: { readonly fleet: Fleet }) {
    super(scope, id);
    this.#roles = new Map(
      copiesOf(fleet).map(({ name }) => [
        name,
        new Role(this, name, {
          roleName: roleNameOf(fleet.name, name),
          description: `Nolapse, fleet ${fleet.name}: the function ${name}`,
          assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        }),
      ]),
    );
    // a cluster that names a role is prepared by that role's owners
    for (const cluster of fleet.clusters.filter(isEks))
      if (cluster.access.roleArn === undefined) this.#enter(cluster, fleet);
  }

  of(name: RoleName): IRole {
    const role = this.#roles.get(name);
    if (!role) throw new TypeError(`no role for ${name}: these are the roles of another fleet`);
    return role;
  }

  /** CloudFormation reaches the clusters of its own region only; for others, `nolapse access cluster` says what to do. */
  #enter(cluster: EksCluster, fleet: Fleet): void {
    const { region } = Stack.of(this);
    const isKnown = !Token.isUnresolved(region);
    if (isKnown && region !== cluster.access.region) return;
    for (const role of rolesIn(cluster, fleet)) {
      const entry = new CfnAccessEntry(this, `${cluster.name} ${role}`, {
        clusterName: cluster.access.clusterName,
        principalArn: this.of(role).roleArn,
        kubernetesGroups: [GROUPS[whoIs(role)]],
        type: 'STANDARD',
      });
      if (!isKnown) entry.cfnOptions.condition = this.#isIn(cluster.access.region);
    }
  }

  #isIn(region: string): CfnCondition {
    const made = this.node.tryFindChild(region);
    if (made instanceof CfnCondition) return made;
    return new CfnCondition(this, region, { expression: Fn.conditionEquals(Stack.of(this).region, region) });
  }
}
