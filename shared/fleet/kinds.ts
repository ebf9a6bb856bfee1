/** The kinds of documents a fleet file may hold, each with the schema that it is checked against. */
import type * as z from 'zod';
import {
  certificateSchema,
  clusterIssuerSchema,
  gatewaySchema,
  ingressSchema,
  issuerSchema,
} from './manifest-schema.ts';
import { fleetCertificateSchema, fleetSchema } from './schema.ts';

export const KINDS = [
  'Fleet',
  'FleetCertificate',
  'ClusterIssuer',
  'Issuer',
  'Certificate',
  'Ingress',
  'Gateway',
] as const;
export type Kind = (typeof KINDS)[number];

export const SCHEMAS = {
  Fleet: fleetSchema,
  FleetCertificate: fleetCertificateSchema,
  ClusterIssuer: clusterIssuerSchema,
  Issuer: issuerSchema,
  Certificate: certificateSchema,
  Ingress: ingressSchema,
  Gateway: gatewaySchema,
} as const satisfies Record<Kind, z.ZodType>;

export const API_VERSIONS: Readonly<Record<Kind, string>> = {
  Fleet: 'nolapse.dev/v1',
  FleetCertificate: 'nolapse.dev/v1',
  ClusterIssuer: 'cert-manager.io/v1',
  Issuer: 'cert-manager.io/v1',
  Certificate: 'cert-manager.io/v1',
  Ingress: 'networking.k8s.io/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
};
