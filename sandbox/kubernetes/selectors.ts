/** Field and label selectors of lists. */
import type { KubernetesObject } from './object.ts';
import type { Resource } from './resources.ts';
import { badRequest } from './status.ts';

export type Selects = (object: KubernetesObject) => boolean;

const FIELDS: Readonly<Record<string, (object: KubernetesObject) => string>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
};

function fieldTerm(resource: Resource, term: string): Selects {
  const [, field = '', operator, wanted] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
  if (operator === undefined) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const isType = resource.kind === 'Secret' && field === 'type';
  const read = isType ? ({ type }: KubernetesObject) => String(type) : FIELDS[field];
  if (!read) throw badRequest(`field label not supported: ${field}`);
  return (object) => (read(object) === wanted) === (operator !== '!=');
}

/** Throws 400 for what the kind cannot be selected by. */
export function fieldSelector(resource: Resource, text: string): Selects {
  const terms = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => fieldTerm(resource, term));
  return (object) => terms.every((term) => term(object));
}

const labelOf = ({ metadata }: KubernetesObject, key: string): string | undefined => metadata.labels?.[key];

/** Commas outside parentheses part the terms. */
const termsOf = (text: string): readonly string[] => text.match(/(?:\([^)]*\)|[^,(])+/g) ?? [];

function labelTerm(text: string): Selects {
  const term = text.trim();
  const [, absent] = /^!\s*([^\s=!]+)$/.exec(term) ?? [];
  if (absent) return (object) => labelOf(object, absent) === undefined;
  if (/^[^\s=!]+$/.test(term)) return (object) => labelOf(object, term) !== undefined;
  const [, set = '', word, values = ''] = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term) ?? [];
  if (word) {
    const wanted = values.split(',').map((value) => value.trim());
    return (object) => wanted.includes(labelOf(object, set) ?? '\0') === (word === 'in');
  }
  const [, key = '', operator, value] = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(term) ?? [];
  if (operator === undefined) throw badRequest("found '=', expected: ',' or 'end of string'");
  return (object) => (labelOf(object, key) === value) === (operator !== '!=');
}

/** Equality, sets and presence. Throws 400 for anything else. */
export function labelSelector(text: string): Selects {
  const terms = termsOf(text).map(labelTerm);
  return (object) => terms.every((term) => term(object));
}
