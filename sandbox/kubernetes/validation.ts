/** What makes an object invalid: names, labels, and the rules of Secrets. Messages are the API server's. */
import { isDeepStrictEqual } from 'node:util';
import { isFields, type KubernetesObject } from './object.ts';
import type { Resource } from './resources.ts';
import { badRequest, type Cause, cause, invalid } from './status.ts';

export const MAX_DATA_BYTES = 1_048_576;

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const DATA_KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const wrong = (field: string, value: string, rule: string): Cause =>
  cause('invalid', field, `Invalid value: ${JSON.stringify(value)}: ${rule}`);

function nameCauses(name: string | undefined): readonly Cause[] {
  if (!name) return [cause('required', 'metadata.name', 'Required value: name or generateName is required')];
  return NAME.test(name) && name.length <= 253 ? [] : [wrong('metadata.name', name, NAME_RULE)];
}

function labelCauses(labels: Readonly<Record<string, string>>): readonly Cause[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...(/^([^/]+\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(key)
      ? []
      : [wrong('metadata.labels', key, LABEL_NAME_RULE)]),
    ...(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)
      ? []
      : [wrong('metadata.labels', value, LABEL_VALUE_RULE)]),
  ]);
}

export const dataOf = ({ data }: KubernetesObject): Readonly<Record<string, string>> =>
  isFields(data) ? (data as Readonly<Record<string, string>>) : {};

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function secretCauses(secret: KubernetesObject): readonly Cause[] {
  const data = dataOf(secret);
  const bytes = Object.values(data).reduce((sum, value) => sum + Buffer.from(value, 'base64').length, 0);
  const missing = (REQUIRED[String(secret.type)] ?? []).filter((key) => !Object.hasOwn(data, key));
  return [
    ...Object.keys(data)
      .filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key))
      .map((key) => wrong(`data[${key}]`, key, DATA_KEY_RULE)),
    ...(bytes > MAX_DATA_BYTES
      ? [cause('tooLong', 'data', `Too long: may not be more than ${MAX_DATA_BYTES} bytes`)]
      : []),
    ...missing.map((key) => cause('required', `data[${key}]`, 'Required value')),
  ];
}

const FIXED = 'Forbidden: field is immutable when `immutable` is set';

function secretChangeCauses(before: KubernetesObject, after: KubernetesObject): readonly Cause[] {
  const isFixed = before.immutable === true;
  return [
    ...(before.type === after.type ? [] : [wrong('type', String(after.type), 'field is immutable')]),
    ...(isFixed && after.immutable !== true ? [cause('forbidden', 'immutable', FIXED)] : []),
    ...(isFixed && !isDeepStrictEqual(dataOf(before), dataOf(after)) ? [cause('forbidden', 'data', FIXED)] : []),
  ];
}

/** Throws 422 with all that is wrong with the object, as a new one or in place of `before`. */
export function validate(resource: Resource, after: KubernetesObject, before?: KubernetesObject): void {
  const { name, labels = {}, uid } = after.metadata;
  const isSecret = resource.kind === 'Secret';
  const causes = [
    ...nameCauses(name),
    ...labelCauses(labels),
    ...(before && before.metadata.uid !== uid ? [wrong('metadata.uid', String(uid), 'field is immutable')] : []),
    ...(isSecret && before ? secretChangeCauses(before, after) : []),
    ...(isSecret ? secretCauses(after) : []),
  ];
  const { group, kind } = resource;
  if (causes.length > 0) throw invalid({ group, kind }, name ?? '', causes);
}

/** Where Go's decoder stops; undefined = it is base64. Line ends are allowed anywhere. */
export function badBase64At(text: string): number | undefined {
  const bad = /[^A-Za-z0-9+/=\r\n]/.exec(text)?.index;
  const firstPad = text.indexOf('=');
  const body = text.replaceAll(/[\r\n]/g, '');
  if (bad !== undefined && (firstPad === -1 || bad < firstPad)) return bad;
  if (!/^[^=]*={0,2}$/.test(body)) return firstPad;
  if (body.length % 4 === 0) return undefined;
  return firstPad === -1 ? text.length - (body.length % 4) : firstPad;
}

/** The Secret as it is stored: `stringData` in `data`, a type. Throws what `refuse` makes of data that is none. */
export function settledSecret(secret: KubernetesObject, refuse: (why: string) => Error): KubernetesObject {
  const { stringData, data, ...others } = secret;
  for (const value of Object.values(isFields(data) ? data : {})) {
    if (typeof value !== 'string')
      throw refuse(`json: cannot unmarshal ${typeof value} into Go struct field Secret.data of type []uint8`);
    const at = badBase64At(value);
    if (at !== undefined) throw refuse(`illegal base64 data at input byte ${at}`);
  }
  const plain = Object.entries(isFields(stringData) ? stringData : {}).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const all = { ...(isFields(data) ? data : {}), ...Object.fromEntries(plain) };
  return {
    ...others,
    ...(Object.keys(all).length > 0 ? { data: all } : {}),
    type: others.type ? others.type : 'Opaque',
  } as KubernetesObject;
}

const OPTIONS = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
} as const;

/** What the query of a write says. Throws 422 as the API server does for options that are none. */
export function writeOptions(verb: keyof typeof OPTIONS, query: URLSearchParams, isApply = false): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const fieldManager = query.get('fieldManager') ?? undefined;
  const force = query.get('force');
  const causes = [
    ...(isApply && !fieldManager
      ? [cause('required', 'fieldManager', 'Required value: is required for apply patch')]
      : []),
    ...(fieldManager !== undefined && fieldManager.length > 128
      ? [cause('tooLong', 'fieldManager', 'Too long: may not be more than 128 bytes')]
      : []),
    ...(force !== null && !isApply
      ? [cause('forbidden', 'force', 'Forbidden: may not be specified for non-apply patch')]
      : []),
    ...(dryRun.some((value) => value !== 'All')
      ? [cause('notSupported', 'dryRun', `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`)]
      : []),
  ];
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: OPTIONS[verb] }, '', causes);
  return {
    dryRun: dryRun.length > 0,
    force: force === 'true' || force === '1',
    strict: query.get('fieldValidation') === 'Strict',
    ...(fieldManager ? { fieldManager } : {}),
  };
}

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly strict: boolean;
  readonly fieldManager?: string;
}

/** The `limit` of a list; 0 = none. */
export function limitOf(query: URLSearchParams): number {
  const text = query.get('limit') ?? '';
  if (!/^\d*$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
