/** Kubernetes object names, label keys and values (RFC 1123 forms). Each check returns what is wrong, or undefined. */

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

function checked(text: string, form: RegExp, rule: { readonly max: number; readonly says: string }) {
  if (text.length > rule.max) return `${shown(text)} has ${text.length} characters, at most ${rule.max}`;
  return form.test(text) ? undefined : `${shown(text)} is no ${rule.says}`;
}

/** Namespaces, and names that must be one DNS label. */
export const dnsLabelProblem = (text: string): string | undefined =>
  checked(text, LABEL, { max: 63, says: 'DNS-1123 label: a-z, 0-9 and inner hyphens' });

/** Names of Secrets, Certificates, issuers and Ingresses. */
export const dnsSubdomainProblem = (text: string): string | undefined =>
  checked(text, SUBDOMAIN, { max: 253, says: 'DNS-1123 subdomain: a-z, 0-9, inner hyphens and dots' });

/** Keys of labels and annotations: an optional DNS prefix and `/`, then a name of at most 63. */
export function metadataKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : dnsSubdomainProblem(key.slice(0, slash));
  return prefix ?? checked(key.slice(slash + 1), QUALIFIED, { max: 63, says: 'key: letters, digits and inner - _ .' });
}

/** Label values; annotation values are free. */
export const labelValueProblem = (value: string): string | undefined =>
  value === ''
    ? undefined
    : checked(value, QUALIFIED, { max: 63, says: 'label value: letters, digits and inner - _ .' });
