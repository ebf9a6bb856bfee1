/** Request bodies as objects of the kind that the path names. What cannot be one is refused as the API server does. */
import { parse, YAMLParseError } from 'yaml';
import type { Asked } from '../listen.ts';
import { type Fields, isFields, type KubernetesObject, type ObjectMeta } from './object.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { badRequest, internal, StatusError, unsupportedMediaType } from './status.ts';
import { settledSecret } from './validation.ts';

export const MEDIA = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export type PatchKind = keyof typeof MEDIA;

const CUT_OFF = 'json parse error: unexpected end of JSON input';

const notAnObject = (value: unknown): string =>
  `cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`;

function parsedJson(text: string, { kind }: Pick<Resource, 'kind'>): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const shown = text === '' ? '<empty>' : text.slice(0, 200);
    const why = `couldn't get version/kind; ${CUT_OFF} (${shown})`;
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
  }
}

const cannot = (kind: unknown, version: unknown, resource: Resource, why: string): StatusError =>
  badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${resource.kind}: ${why}`);

function checkKind(body: Fields, resource: Resource): void {
  const { kind = resource.kind, apiVersion = apiVersionOf(resource) } = body;
  const version = String(apiVersion).split('/').at(-1);
  if (apiVersion !== apiVersionOf(resource)) {
    const why = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
    throw cannot(kind, version, resource, why);
  }
  if (kind !== resource.kind)
    throw cannot(kind, version, resource, `converting (v1.${kind}) to (core.${resource.kind}): unknown conversion`);
}

const KNOWN = ['apiVersion', 'kind', 'metadata'];

const unknownFields = (body: Fields, { fields }: Resource): readonly string[] =>
  fields === undefined ? [] : Object.keys(body).filter((name) => !KNOWN.includes(name) && !fields.includes(name));

/** Without what the kind does not know, nulls, and empty maps that a built-in kind does not write. */
export function settled(body: Fields, resource: Resource, refuse: (why: string) => Error): KubernetesObject {
  const unknown = unknownFields(body, resource);
  const metadata = isFields(body.metadata) ? body.metadata : {};
  const object = {
    ...present(body, unknown),
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: present(metadata, []) as ObjectMeta,
  } satisfies KubernetesObject;
  return resource.kind === 'Secret' ? settledSecret(object, refuse) : object;
}

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

const MAPS = ['labels', 'annotations', 'data', 'binaryData', 'stringData'];

const present = (fields: Fields, dropped: readonly string[]): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) =>
        !dropped.includes(name) &&
        !isNothing(value) &&
        !(MAPS.includes(name) && isFields(value) && Object.keys(value).length === 0),
    ),
  );

/** The object of a create or a replacement. Throws 400 and 415. */
export function bodyObject({ body: sent, headers }: Asked, { resource, strict }: BodyOptions): KubernetesObject {
  const type = headers['content-type']?.split(';')[0]?.trim() || 'application/json';
  if (type !== 'application/json')
    throw unsupportedMediaType(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']);
  const body = parsedJson(sent.toString(), resource);
  if (!isFields(body)) throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
  checkKind(body, resource);
  const refuse = (why: string): Error => cannot(resource.kind, resource.version, resource, why);
  const [unknown] = unknownFields(body, resource);
  if (strict && unknown !== undefined) throw refuse(`strict decoding error: unknown field "${unknown}"`);
  return settled(body, resource, refuse);
}

export interface BodyOptions {
  readonly resource: Resource;
  readonly strict: boolean;
}

/** Which patch a content type asks for. Throws 415 where the kind does not take it. */
export function patchKind(contentType: string | undefined, { custom }: Resource): PatchKind {
  const type = contentType?.split(';')[0]?.trim();
  const accepted = Object.entries(MEDIA).filter(([kind]) => !(custom && kind === 'strategic'));
  const found = accepted.find(([, media]) => media === type);
  if (found) return found[0] as PatchKind;
  const isPatch = type === MEDIA.strategic || type === 'application/json-patch+json';
  if (isPatch && custom) throw unsupportedMediaType(['application/json-patch+json', MEDIA.merge, MEDIA.apply]);
  throw new StatusError(415, { message: '415: Unsupported Media Type', reason: 'UnsupportedMediaType', details: {} });
}

function parsedYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw badRequest(`error decoding patch: error converting YAML to JSON: yaml: ${error.message}`);
    throw error;
  }
}

export interface ConfigOptions {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The configuration of a server-side apply. Throws 400 and, for fields that the kind does not know, 500. */
export function appliedConfig({ body }: Asked, { resource, namespace, name }: ConfigOptions): Fields {
  const config = parsedYaml(body.toString());
  if (!isFields(config)) {
    throw badRequest(
      `error decoding patch: error unmarshaling JSON: while decoding JSON: json: ${notAnObject(config)}`,
    );
  }
  const { apiVersion = '', kind = '' } = config;
  const [group, version] = String(apiVersion).includes('/') ? String(apiVersion).split('/') : ['', apiVersion];
  if (apiVersion !== apiVersionOf(resource) || kind !== resource.kind)
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  const metadata = isFields(config.metadata) ? config.metadata : {};
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const [unknown] = unknownFields(config, resource);
  if (unknown !== undefined) {
    const place = namespace === undefined ? `/${name}` : `${namespace}/${name}`;
    const what = `${place}; ${apiVersion === 'v1' ? '/v1' : apiVersion}, Kind=${kind}`;
    throw internal(`failed to create typed patch object (${what}): .${unknown}: field not declared in schema`);
  }
  return config;
}

/** The fields of a review. Throws 400 for what is no JSON. */
export function reviewBody(asked: Asked, kind: string): Fields {
  const body = parsedJson(asked.body.toString(), { kind });
  return isFields(body) ? body : {};
}

const jsonOf = ({ body }: Asked, refuse: () => Error): unknown => {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse();
    throw error;
  }
};

/** The patch that a request carries. Throws 400 for what is no JSON object. */
export function patchOf(asked: Asked): Fields {
  const patch = jsonOf(asked, () => badRequest('invalid JSON patch'));
  if (!isFields(patch)) throw badRequest(`error decoding patch: json: ${notAnObject(patch)}`);
  return patch;
}

export interface Preconditions {
  readonly uid?: unknown;
  readonly resourceVersion?: unknown;
}

/** What a deletion demands. */
export function preconditionsOf(asked: Asked): Preconditions {
  if (asked.body.length === 0) return {};
  const options = jsonOf(asked, () => badRequest(`couldn't get version/kind; ${CUT_OFF}`));
  return isFields(options) && isFields(options.preconditions) ? options.preconditions : {};
}
