/** The words Nolapse writes on what it owns, and those of cert-manager it writes beside them. */
export const MARK = {
  fleet: 'nolapse.dev/fleet',
  installation: 'nolapse.dev/installation',
  issuance: 'nolapse.dev/issuance',
  certificate: 'nolapse.dev/certificate',
  sha256: 'nolapse.dev/sha256',
  serial: 'nolapse.dev/serial',
  notBefore: 'nolapse.dev/not-before',
  notAfter: 'nolapse.dev/not-after',
} as const;

const MARKS: ReadonlySet<string> = new Set(Object.values(MARK));

/** Whether an annotation or a tag is one of ours. Of all that is written beside a certificate, tags of Secrets Manager hold these only. */
export const isMark = (key: string): boolean => MARKS.has(key);

/** On documents of the fleet file: the clusters a namespaced one belongs to (`a,b` or `*`). */
export const CLUSTERS_ANNOTATION = 'nolapse.dev/clusters';

/** On ACME issuers, of the fleet file or of a cluster: the directory of the CA's staging environment, where `rehearse` orders. */
export const STAGING_ANNOTATION = 'nolapse.dev/staging-server';
/** On Certificates, Ingresses and Gateways, in clusters too: where what they ask for must be seen served (`shop.example.com:443, …`). */
export const ENDPOINTS_ANNOTATION = 'nolapse.dev/endpoints';

/** The field manager that cert-manager keeps the Secrets of its Certificates as. */
export const CERT_MANAGER_ISSUING = 'cert-manager-certificates-issuing';

/** The field manager of server-side apply: the API server itself refuses a second fleet. */
export const fieldManager = (fleet: string): string => `nolapse-${fleet}`;
