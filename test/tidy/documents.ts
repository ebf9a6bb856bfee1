/** What must not stand in our documents and texts: paths and commands that do not exist, and addresses of the machine they were written on. */
import { globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const ROOMS = 'shared|functions|infra|cli|sandbox|test|docs|\\.ci';
const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g;
const PATH_IN_CODE = new RegExp(`\`((?:${ROOMS})/[^\`\\s]*)\``, 'g');
const RUN = /npm run (?:-s |--silent )?([\w:-]+)/g;
/** Words of npm itself that are scripts of ours when they stand alone. */
const SHORT_RUN = /npm (test|start)\b/g;
const MACHINE_PATH = /(?<![\w.)\]])\/(?:root|work)\/[\w.]/;
const HOST = /https?:\/\/([^/\s'"`)]+)/g;
const REGISTRY_LIKE = /registry|mirror|artifactory|nexus|proxy\./;

export interface Repository {
  readonly root: string;
  readonly scripts: readonly string[];
}

const allOf = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '').filter((found) => found !== '');

const exists = (root: string, path: string): boolean => globSync(normalize(path), { cwd: root }).length > 0;

/** Relative links, paths of our rooms in code marks, and `npm run` commands of one document that lead nowhere. */
export function documentProblems({ root, scripts }: Repository, path: string, text: string): readonly string[] {
  const links = allOf(text, LINK).filter((link) => !/^[a-z]+:/.test(link));
  const paths = [...links.map((link) => join(dirname(path), link)), ...allOf(text, PATH_IN_CODE)];
  const commands = [...allOf(text, RUN), ...allOf(text, SHORT_RUN)];
  return [
    ...paths.filter((named) => !exists(root, named)).map((named) => `${path}: there is no ${named}`),
    ...commands.filter((name) => !scripts.includes(name)).map((name) => `${path}: npm run ${name} is no script`),
  ];
}

/** Paths of one machine and package registries, in any text of ours. */
export function placeProblems(path: string, text: string): readonly string[] {
  const machine = MACHINE_PATH.exec(text);
  const hosts = allOf(text, HOST).filter((host) => REGISTRY_LIKE.test(host));
  return [
    ...(machine ? [`${path}: names a path of one machine: ${machine[0]}`] : []),
    ...[...new Set(hosts)].map((host) => `${path}: names the registry ${host}`),
  ];
}
