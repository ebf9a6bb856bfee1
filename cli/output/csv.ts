/** The certificates as RFC 4180 has it, for spreadsheets: no cell of which is taken for a formula, whatever a cluster calls its things. */
import type { CertificateView } from '../../shared/contract/observation.ts';
import { certificateDocument } from './documents.ts';
import { printable } from './words.ts';

/** What spreadsheets begin a formula with (OWASP, CSV Injection), in the wide forms of East Asia too. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/u;

type Value = string | readonly string[] | null;

/** In quotes always: whether a cell needs them is nothing to be wrong about. Names stand on one line, a blank between them. */
function cell(value: Value): string {
  const text = printable(typeof value === 'string' ? value : (value ?? []).join(' '));
  const defused = FORMULA.test(text) ? `'${text}` : text;
  return `"${defused.replaceAll('"', '""')}"`;
}

/** RFC 4180 section 2 ends lines with CR LF; the LF is of whoever writes lines. */
const record = (values: readonly Value[]): string => `${values.map(cell).join(',')}\r`;

const COLUMNS = [
  ...['id', 'cluster', 'namespace', 'name', 'kind', 'names', 'issuer', 'serial', 'notBefore', 'notAfter'],
  ...['renewAt', 'state', 'managedBy', 'references', 'copies', 'moreCopies', 'endpoints'],
] as const satisfies readonly string[];

function recordOf(view: CertificateView): string {
  const { endpoints, moreCopies, ...document } = certificateDocument(view);
  const values: Readonly<Record<string, Value>> = {
    ...document,
    moreCopies: String(moreCopies),
    endpoints: endpoints.map(({ endpoint, state }) => `${endpoint} ${state}`),
  };
  return record(COLUMNS.map((column) => values[column] ?? null));
}

/** A header, then one line a certificate, in the order and with the columns of `-o json`; empty where nothing is known. */
export function* certificateLines(certificates: readonly CertificateView[]): Generator<string> {
  yield record(COLUMNS);
  for (const view of certificates) yield recordOf(view);
}
