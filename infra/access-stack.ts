/** Who the service is: its roles, and their entries in the clusters of this account. Hardly ever changes, and goes last. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Fleet } from '../shared/contract/fleet.ts';
import { FunctionRoles } from './function-roles.ts';

export class AccessStack extends Stack {
  readonly roles: FunctionRoles;

  constructor(scope: Construct, id: string, { fleet, ...props }: StackProps & { readonly fleet: Fleet }) {
    super(scope, id, { description: `Nolapse, fleet ${fleet.name}: roles of the functions`, ...props });
    this.roles = new FunctionRoles(this, 'Roles', { fleet });
  }
}
