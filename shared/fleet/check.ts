/** Takes one document of a fleet file at face value: its kind, and its shape by the kind's schema. */
import type * as z from 'zod';
import type { InputProblem } from '../contract/problem.ts';
import type { FileDocument } from './documents.ts';
import { problemsOfIssues } from './errors.ts';
import { flattenedProblems } from './flattened.ts';
import { API_VERSIONS, KINDS, type Kind, SCHEMAS } from './kinds.ts';
import { type FleetCertificateDocument, type FleetDocument, fleetCertificateSchema, fleetSchema } from './schema.ts';
import { listed, nearestWord, shown } from './words.ts';

/** Our own documents come with their defaults; those of cert-manager are read by the standard's readers. */
export type Checked = { readonly document: FileDocument; readonly problems: readonly InputProblem[] } & (
  | { readonly kind: 'Fleet'; readonly read: FleetDocument | undefined }
  | { readonly kind: 'FleetCertificate'; readonly read: FleetCertificateDocument | undefined }
  | { readonly kind: 'ClusterIssuer' | 'Issuer' | 'Certificate' | 'Ingress' | 'Gateway' }
);

export type CheckedOrNot =
  | { readonly is: 'checked'; readonly checked: Checked }
  | { readonly is: 'foreign' }
  | { readonly is: 'unusable'; readonly problems: readonly InputProblem[] };

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOf(document: FileDocument): Kind | InputProblem {
  const { value } = document;
  if (!isMap(value)) return { where: document.where([]), message: `a manifest is expected, found ${shown(value)}` };
  const { kind, apiVersion } = value;
  const allowed = `allowed: ${listed(KINDS)}`;
  if (typeof kind !== 'string') return { where: document.where(['kind']), message: `kind: is required; ${allowed}` };
  const known = KINDS.find((k) => k === kind);
  if (!known) {
    const near = nearestWord(kind, KINDS);
    const message = `kind: ${shown(kind)} is not read from a fleet file; ${allowed}`;
    return { where: document.where(['kind']), message, ...(near ? { fix: `did you mean ${near}?` } : {}) };
  }
  if (apiVersion === API_VERSIONS[known]) return known;
  const says = apiVersion === undefined ? 'is required' : `${shown(apiVersion)} is not allowed`;
  return {
    where: document.where(['apiVersion']),
    message: `apiVersion: ${says}; a ${known} has ${API_VERSIONS[known]}`,
  };
}

function checkKind(document: FileDocument, kind: Kind): Checked {
  const shaped = <R>(result: z.ZodSafeParseResult<R>) => ({
    document,
    problems: result.success ? [] : problemsOfIssues(document, kind, result.error.issues),
    read: result.data,
  });
  if (kind === 'Fleet') return { kind, ...shaped(fleetSchema.safeParse(document.value)) };
  if (kind === 'FleetCertificate') return { kind, ...shaped(fleetCertificateSchema.safeParse(document.value)) };
  const { read: _, ...checked } = shaped<unknown>(SCHEMAS[kind].safeParse(document.value));
  return { kind, ...checked };
}

/** Checks one document; `foreign` is a file of another tool that is known to live beside manifests (alerting rules). */
export function checkDocument(document: FileDocument): CheckedOrNot {
  const flattened = flattenedProblems(document);
  if (flattened) return { is: 'unusable', problems: flattened };
  if (document.complaints.length > 0) return { is: 'unusable', problems: document.complaints };
  if (isMap(document.value) && Array.isArray(document.value.groups) && !('kind' in document.value))
    return { is: 'foreign' };
  const kind = kindOf(document);
  if (typeof kind !== 'string') return { is: 'unusable', problems: [kind] };
  return { is: 'checked', checked: checkKind(document, kind) };
}
