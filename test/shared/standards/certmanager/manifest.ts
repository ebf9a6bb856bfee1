/** The least Certificate that can be asked for, to be changed by tests, and its problems as lines of text. */
import { readCertificate } from '../../../../shared/standards/certmanager/certificate.ts';
import { type FieldProblem, fieldPath } from '../../../../shared/standards/certmanager/field.ts';

export const SPEC = { secretName: 's', dnsNames: ['a.b'], issuerRef: { name: 'i' } };

export const manifest = (spec: object, metadata: object = { name: 'c', namespace: 'n' }) => ({ metadata, spec });

export const linesOf = (problems: readonly FieldProblem[]): readonly string[] =>
  problems.map((p) => `${fieldPath(p.path)}: ${p.message}${p.fix ? ` (${p.fix})` : ''}`);

export const problemsOf = (document: unknown): readonly string[] => {
  const reading = readCertificate(document);
  return 'problems' in reading ? linesOf(reading.problems) : [];
};

export const specOf = (more: object) => {
  const reading = readCertificate(manifest({ ...SPEC, ...more }));
  if ('problems' in reading) throw new Error(linesOf(reading.problems).join('; '));
  return reading.certificate.spec;
};
