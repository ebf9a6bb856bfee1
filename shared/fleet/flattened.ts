/** Recognises a manifest whose indentation a web page or a chat has lost, and shows the shape it should have. */
import type { InputProblem } from '../contract/problem.ts';
import type { FileDocument } from './documents.ts';
import { scrubbedMail } from './errors.ts';

/** What may stand in column 1 of a manifest. */
const ROOT_KEYS = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status', 'data', 'stringData', 'type']);

const SHAPES: Readonly<Record<string, string>> = {
  ClusterIssuer: 'spec:\n  acme:\n    email: …\n    server: …\n    solvers:\n      - http01:\n          ingress: …',
  Issuer: 'spec:\n  acme:\n    email: …\n    server: …\n    solvers:\n      - http01:\n          ingress: …',
  Certificate: 'spec:\n  secretName: …\n  issuerRef:\n    name: …\n    kind: …\n  dnsNames:\n    - …',
  Ingress: 'spec:\n  tls:\n    - hosts:\n        - …\n      secretName: …\n  rules: …',
  Gateway: 'spec:\n  listeners:\n    - name: …\n      hostname: …\n      protocol: HTTPS\n      tls: …',
  Fleet: 'spec:\n  clusters:\n    - name: …\n      kubeconfig:\n        path: …',
  FleetCertificate: 'spec:\n  certificate:\n    dnsNames:\n      - …\n  destinations:\n    - kubernetesSecret: …',
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function strays(value: unknown): readonly string[] {
  if (!isMap(value) || !('metadata' in value) || value.metadata !== null) return [];
  return Object.keys(value).filter((key) => !ROOT_KEYS.has(key));
}

/** The problems of a flattened document, in place of all others it has; undefined for a document that is not flattened. */
export function flattenedProblems(document: FileDocument): readonly InputProblem[] | undefined {
  const { value, kind: named } = document;
  const stray = strays(value);
  if (!isMap(value) || stray.length === 0) return undefined;
  const kind = typeof named === 'string' ? named : 'manifest';
  const shape = `metadata:\n  name: …\n${SHAPES[kind] ?? 'spec:\n  …'}`;
  const keys = stray.length > 6 ? `${stray.slice(0, 6).join(', ')}, …` : stray.join(', ');
  return [
    {
      where: document.whereKey(['metadata']),
      message: `this ${kind} has lost its indentation: metadata is empty and ${keys} stand in column 1, as copied from a web page`,
      fix: `indent it again:\n${shape.replace(/^/gm, '  ')}`,
    },
    ...stray.flatMap((key) => scrubbedMail(document, [key]) ?? []),
  ];
}
