/** The Secrets of issuers: which there are, and where. */
import type { Issuer } from '../../contract/fleet.ts';
import { FLEET_SOURCE } from '../../contract/ids.ts';
import type { SecretRef } from '../../contract/ports.ts';

/** Secrets that an issuer cannot work without: a private CA's key, the key that binds an account. */
export function secretsOf({ spec }: Pick<Issuer, 'spec'>): readonly string[] {
  if (spec.type === 'ca') return [spec.secretName];
  return spec.type === 'acme' && spec.externalAccountBinding ? [spec.externalAccountBinding.keySecret.name] : [];
}

/** Where an issuer's Secrets are: the file's among the fleet's own, an Issuer's beside it, a ClusterIssuer's in `resourceNamespace` of its cluster. */
export const secretRefOf =
  ({ source, namespace }: Pick<Issuer, 'source' | 'namespace'>, resourceNamespace: string) =>
  (name: string, key: string): SecretRef =>
    source === FLEET_SOURCE
      ? { from: 'fleet', name, key }
      : { from: 'cluster', cluster: source, namespace: namespace ?? resourceNamespace, name, key };
