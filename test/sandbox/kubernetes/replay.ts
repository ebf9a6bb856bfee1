/** Sends a list of requests to an API server and gives its answers with everything that differs from run to run replaced by a word. */
import * as https from 'node:https';
import { fileURLToPath } from 'node:url';

export interface Step {
  /** What the step shows; unique in its group. */
  readonly name: string;
  /** Who asks; default `admin`. `anonymous` sends no token. */
  readonly as?: string;
  /** Method and path; `<label.rv>` and `<label.uid>` stand for what the step with that label answered. */
  readonly request: string;
  /** Content type, where it is not application/json. */
  readonly type?: string;
  readonly accept?: string;
  readonly userAgent?: string;
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly label?: string;
}

export interface Group {
  readonly name: string;
  /** Whether cert-manager's kinds are served. */
  readonly crds: boolean;
  readonly steps: readonly Step[];
}

export interface ReplayTarget {
  readonly server: string;
  /** The root it is trusted by. */
  readonly caPem: string;
  /** By name. */
  readonly tokens: Readonly<Record<string, string>>;
}

export interface ReplayAnswer {
  readonly status: number;
  readonly body: unknown;
}

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Labels = Map<string, { readonly rv: string; readonly uid: string }>;

const fill = (text: string, labels: Labels): string =>
  text.replaceAll(/<(\w+)\.(rv|uid)>/g, (all, label: string, what: 'rv' | 'uid') => labels.get(label)?.[what] ?? all);

const textOf = (body: unknown): string | undefined =>
  body === undefined || typeof body === 'string' ? body : JSON.stringify(body);

function send(target: ReplayTarget, step: Step, labels: Labels): Promise<{ status: number; text: string }> {
  const [method, path = '/'] = fill(step.request, labels).split(' ');
  const body = textOf(step.body);
  const token = target.tokens[step.as ?? 'admin'];
  const headers = {
    accept: step.accept ?? 'application/json',
    'user-agent': step.userAgent ?? 'replay/1.0',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined
      ? {}
      : { 'content-type': step.type ?? 'application/json', 'content-length': Buffer.byteLength(fill(body, labels)) }),
  };
  return new Promise((resolve, reject) => {
    const request = https.request(new URL(path, target.server), { method, headers, ca: target.caPem }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : fill(body, labels));
  });
}

const MESSAGE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'UID'],
  [/\(\d+\)/g, '(VERSION)'],
  [/\/registry-\w+\//g, '/registry/'],
];

/** How old an object is, as it is printed for people. */
const AGE = /^\d+s$/;

const VARYING: Readonly<Record<string, string>> = {
  uid: 'UID',
  time: 'TIME',
  creationTimestamp: 'TIME',
  continue: 'CONTINUE',
};

/** Owners are ordered by the second in which they wrote, and causes by chance: here by what tells them apart. */
function inOrder(key: string, items: readonly unknown[]): readonly unknown[] {
  if (key !== 'managedFields' && key !== 'causes') return items;
  const sortKey = (item: unknown): string => {
    const { operation, manager, subresource, message, field } = item as Readonly<Record<string, unknown>>;
    return JSON.stringify([operation, manager, subresource, message, field]);
  };
  return items.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Resource versions become `rv1`, `rv2` … in the order in which a group shows them; those of lists, which move with the whole cluster, `RV`. */
function normalised(value: unknown, versions: Map<string, string>, key = ''): unknown {
  if (key === 'cells' && Array.isArray(value)) return value.map((cell) => (AGE.test(String(cell)) ? 'AGE' : cell));
  if (Array.isArray(value))
    return inOrder(
      key,
      value.map((item) => normalised(item, versions)),
    );
  if (typeof value === 'object' && value !== null) {
    const isList = ('items' in value && Array.isArray(value.items)) || 'columnDefinitions' in value;
    const entries = Object.entries(value).map(([name, inner]) => [
      name,
      isList && name === 'metadata' ? { ...inner, resourceVersion: 'RV' } : inner,
    ]);
    return Object.fromEntries(entries.map(([name, inner]) => [name, normalised(inner, versions, String(name))]));
  }
  if (typeof value !== 'string' || value === '') return value;
  if (key === 'resourceVersion' && value !== 'RV') {
    if (!versions.has(value)) versions.set(value, `rv${versions.size + 1}`);
    return versions.get(value);
  }
  if (key === 'message') return MESSAGE_PARTS.reduce((text, [from, to]) => text.replaceAll(from, to), value);
  if (key === 'reason' && value.startsWith('RBAC: ')) return 'RBAC';
  return VARYING[key] ?? value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function labelOf(body: unknown): { rv: string; uid: string } {
  const { metadata = {} } = body as { metadata?: { resourceVersion?: string; uid?: string; continue?: string } };
  return { rv: metadata.resourceVersion ?? '', uid: metadata.uid ?? metadata.continue ?? '' };
}

/** Sends the steps of a group in order; answers by the names of the steps. */
export async function replay(target: ReplayTarget, { steps }: Group): Promise<Record<string, ReplayAnswer>> {
  const labels: Labels = new Map();
  const versions = new Map<string, string>();
  const answers: Record<string, ReplayAnswer> = {};
  for (const step of steps) {
    const { status, text } = await send(target, step, labels);
    const body = parsed(text);
    if (step.label) labels.set(step.label, labelOf(body));
    answers[step.name] = { status, body: normalised(body, versions) };
  }
  return answers;
}

/** Where the answers of a real server to that group are kept. */
export const measuredPath = (group: Group): string =>
  fileURLToPath(
    new URL(`./measured/${group.name.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}.golden.json`, import.meta.url),
  );
