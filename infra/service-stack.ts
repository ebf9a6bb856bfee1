/** What the service does: everything but the roles, which other accounts and clusters trust. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Fleet } from '../shared/contract/fleet.ts';
import { CertificateRenewal, type CertificateRenewalProps } from './certificate-renewal.ts';

export interface ServiceStackProps extends StackProps, Omit<CertificateRenewalProps, 'fleet'> {
  readonly fleet: Fleet;
}

export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { fleet, service, roles, bundles, ...props }: ServiceStackProps) {
    super(scope, id, { description: `Nolapse, fleet ${fleet.name}: the service`, ...props });
    new CertificateRenewal(this, 'Certs', {
      fleet,
      ...(service === undefined ? {} : { service }),
      ...(roles ? { roles } : {}),
      ...(bundles === undefined ? {} : { bundles }),
    });
  }
}
