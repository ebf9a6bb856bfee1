/** What a request is about: a kind of object with verb, namespace and name, or a bare path. Looks at method, path and query only. */

export interface ResourceTarget {
  readonly type: 'resource';
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export interface PathTarget {
  readonly type: 'path';
  readonly verb: string;
  readonly path: string;
}

export type Target = ResourceTarget | PathTarget;

const ONE: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** A request that names an object has another verb than one for the collection. */
function verbOf(method: string, query: URLSearchParams, name: string | undefined): string {
  const verb = ONE[method] ?? method.toLowerCase();
  if (name !== undefined) return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

export const isTrue = (value: string | null): boolean => value === 'true' || value === '1';

interface Named {
  readonly namespace?: string;
  readonly plural?: string;
  readonly name?: string;
  readonly subresource?: string;
}

const given = (named: Readonly<Record<string, string | undefined>>): Named =>
  Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));

/** A namespace is the scope of what follows it, and itself the object where nothing does. */
function namesIn(segments: readonly string[]): Named {
  const [first, namespace, plural, name, subresource] = segments;
  if (first !== 'namespaces' || namespace === undefined)
    return given({ plural: first, name: segments[1], subresource: segments[2] });
  if (plural === undefined || plural === 'finalize' || plural === 'status')
    return given({ plural: first, name: namespace, namespace, subresource: plural });
  return given({ namespace, plural, name, subresource });
}

export function targetOf(method: string, path: string, query: URLSearchParams): Target {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
  const [root, ...rest] = segments;
  const group = root === 'api' ? '' : rest.shift();
  const version = rest.shift();
  const bare = { type: 'path', verb: ONE[method] ?? method.toLowerCase(), path } as const;
  if ((root !== 'api' && root !== 'apis') || group === undefined || version === undefined) return bare;
  const { plural, ...names } = namesIn(rest);
  if (plural === undefined) return bare;
  // a list of one name is allowed to whom that name is
  const only = /^metadata\.name=([^,]+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const verb = verbOf(method, query, names.name);
  const name = names.name ?? (verb === 'create' ? undefined : only);
  return { type: 'resource', verb, group, version, plural, ...names, ...(name === undefined ? {} : { name }) };
}
