/** What clients such as kubectl ask before anything else: versions, groups and their resources. */
import { type Answer, json } from '../listen.ts';
import { apiVersionOf, type Resource } from './resources.ts';

const VERSION = {
  major: '1',
  minor: '37',
  gitVersion: 'v1.37.2',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'sandbox',
};

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update'];

const REVIEWS = {
  name: 'selfsubjectaccessreviews',
  singularName: 'selfsubjectaccessreview',
  namespaced: false,
  kind: 'SelfSubjectAccessReview',
  verbs: ['create'],
};

const text = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});

function groupsOf(resources: readonly Resource[]) {
  const served = new Set([...resources.map(apiVersionOf), 'authorization.k8s.io/v1']);
  const named = [...served].filter((groupVersion) => groupVersion.includes('/'));
  const byGroup = Map.groupBy(named, (groupVersion) => groupVersion.split('/')[0] ?? '');
  return [...byGroup].map(([name, groupVersions]) => {
    const versions = groupVersions.map((groupVersion) => ({ groupVersion, version: groupVersion.split('/')[1] }));
    return { name, versions, preferredVersion: versions[0] };
  });
}

const groupList = (resources: readonly Resource[]): Answer =>
  json({ kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(resources) });

function oneGroup(group: string, resources: readonly Resource[]): Answer | undefined {
  const found = groupsOf(resources).find(({ name }) => name === group);
  return found && json({ kind: 'APIGroup', apiVersion: 'v1', ...found });
}

function resourceList(groupVersion: string, resources: readonly Resource[]): Answer | undefined {
  const own = resources.filter((resource) => apiVersionOf(resource) === groupVersion);
  const listed = own.map(({ plural, singular, kind, namespaced, shortNames }) => ({
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length > 0 ? { shortNames } : {}),
  }));
  const all = groupVersion === 'authorization.k8s.io/v1' ? [REVIEWS] : listed;
  return all.length === 0
    ? undefined
    : json({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: all });
}

/** The answer to a path that names no object; undefined = there is nothing at that path. */
export function discover(path: string, resources: readonly Resource[]): Answer | undefined {
  if (/^\/(readyz|livez|healthz)(\/|$)/.test(path)) return text('ok');
  if (path === '/version') return json(VERSION);
  if (path === '/api') return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
  if (path === '/apis') return groupList(resources);
  const group = /^\/apis\/([^/]+)\/?$/.exec(path)?.[1];
  if (group !== undefined) return oneGroup(group, resources);
  const groupVersion = /^\/(?:api|apis)\/(.+?)\/?$/.exec(path)?.[1];
  return groupVersion === undefined ? undefined : resourceList(groupVersion, resources);
}
