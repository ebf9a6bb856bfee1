/** What API servers make of Secrets: creation, replacement, deletion and validation. */
import { base64, type Group, MERGE } from '../replay.ts';

const path = '/api/v1/namespaces/shop/secrets';
const data = { 'tls.crt': base64('certificate'), 'tls.key': base64('key') };

const secret = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type: 'kubernetes.io/tls',
  data,
  ...more,
});

export const secretLife: Group = {
  name: 'the life of a Secret',
  crds: false,
  steps: [
    { name: 'one that is not there is not found', request: `GET ${path}/life` },
    { name: 'it is created', request: `POST ${path}?fieldManager=kubectl-create`, body: secret('life'), label: 'a' },
    { name: 'it is read', request: `GET ${path}/life` },
    { name: 'it cannot be created twice', request: `POST ${path}`, body: secret('life') },
    {
      name: 'it is replaced by what names its version',
      request: `PUT ${path}/life?fieldManager=editor`,
      body: secret('life', {
        metadata: { name: 'life', resourceVersion: '<a.rv>', labels: { app: 'shop' } },
        data: { ...data, 'ca.crt': base64('ca') },
      }),
      label: 'b',
    },
    {
      name: 'a stale version is a conflict',
      request: `PUT ${path}/life`,
      body: secret('life', { metadata: { name: 'life', resourceVersion: '<a.rv>' } }),
    },
    {
      name: 'a replacement without version takes the place of any, and its manager is the client',
      request: `PUT ${path}/life`,
      userAgent: 'Mozilla (X11) curl/8',
      body: secret('life'),
      label: 'c',
    },
    {
      name: 'a replacement that changes nothing keeps the version',
      request: `PUT ${path}/life`,
      userAgent: 'Mozilla (X11) curl/8',
      body: secret('life'),
    },
    {
      name: 'a wrong uid is a conflict',
      request: `PUT ${path}/life`,
      body: secret('life', { metadata: { name: 'life', uid: '00000000-0000-0000-0000-000000000000' } }),
    },
    { name: 'a replacement of none is not found', request: `PUT ${path}/nothing`, body: secret('nothing') },
    { name: 'a body with another name is bad', request: `PUT ${path}/life`, body: secret('other') },
    {
      name: 'a deletion with a stale version in its preconditions is a conflict',
      request: `DELETE ${path}/life`,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion: '<a.rv>' } },
    },
    { name: 'it is deleted', request: `DELETE ${path}/life` },
    { name: 'it is gone', request: `DELETE ${path}/life` },
  ],
};

export const secretRefusals: Group = {
  name: 'Secrets that are refused',
  crds: false,
  steps: [
    { name: 'a body that is no JSON', request: `POST ${path}`, body: '{"apiVersion":' },
    { name: 'an empty body', request: `POST ${path}`, body: '' },
    { name: 'a body of another kind', request: `POST ${path}`, body: { ...secret('kind'), kind: 'ConfigMap' } },
    { name: 'a body without kind', request: `POST ${path}`, body: { ...secret('kindless'), kind: undefined } },
    { name: 'a body of another version', request: `POST ${path}`, body: { ...secret('v2'), apiVersion: 'v2' } },
    {
      name: 'a body for another namespace',
      request: `POST ${path}`,
      body: secret('ns', { metadata: { name: 'ns', namespace: 'other' } }),
    },
    { name: 'a namespace that is not there', request: 'POST /api/v1/namespaces/none/secrets', body: secret('a') },
    { name: 'no name', request: `POST ${path}`, body: secret('', { metadata: {} }) },
    { name: 'a name that is none', request: `POST ${path}`, body: secret('Not_A_Name') },
    {
      name: 'a resource version at creation',
      request: `POST ${path}`,
      body: secret('rv', { metadata: { name: 'rv', resourceVersion: '1' } }),
    },
    { name: 'TLS without key', request: `POST ${path}`, body: secret('half', { data: { 'tls.crt': 'YQ==' } }) },
    { name: 'TLS without data', request: `POST ${path}`, body: secret('none', { data: undefined }) },
    {
      name: 'TLS with empty values is accepted',
      request: `POST ${path}`,
      body: secret('empty', { data: { 'tls.crt': '', 'tls.key': '' } }),
    },
    {
      name: 'data that is not base64',
      request: `POST ${path}`,
      body: secret('b64', { data: { a: 'a%b=' }, type: 'Opaque' }),
    },
    { name: 'data that is no text', request: `POST ${path}`, body: secret('num', { data: { a: 1 }, type: 'Opaque' }) },
    {
      name: 'a key of data that is none',
      request: `POST ${path}`,
      body: secret('key', { data: { 'a/b': 'YQ==' }, type: 'Opaque' }),
    },
    {
      name: 'more than 1 MiB',
      request: `POST ${path}`,
      body: secret('big', { type: 'Opaque', data: { a: Buffer.alloc(1_048_577).toString('base64') } }),
    },
    {
      name: 'an unknown field is dropped',
      request: `POST ${path}?fieldManager=x`,
      body: secret('unknown', { extra: 1, type: undefined, data: undefined, stringData: { a: 'b' } }),
    },
    {
      name: 'an unknown field is refused where that is asked for',
      request: `POST ${path}?fieldValidation=Strict`,
      body: secret('strict', { extra: 1 }),
    },
    {
      name: 'a label that is none',
      request: `POST ${path}`,
      body: secret('label', { metadata: { name: 'label', labels: { 'a b': 'c d' } } }),
    },
    {
      name: 'a field manager that is none',
      request: `POST ${path}?fieldManager=${'x'.repeat(129)}`,
      body: secret('fm'),
    },
    { name: 'a method that is none', request: `PUT ${path}`, body: secret('put') },
    { name: 'a content type that is none', request: `POST ${path}`, type: 'text/plain', body: secret('text') },
    { name: 'a dry run makes nothing', request: `POST ${path}?dryRun=All&fieldManager=x`, body: secret('dry') },
    { name: 'so that there is nothing', request: `GET ${path}/dry` },
  ],
};

export const secretChanges: Group = {
  name: 'changes of Secrets that are refused',
  crds: false,
  steps: [
    { name: 'a TLS Secret', request: `POST ${path}?fieldManager=x`, body: secret('typed') },
    { name: 'its type', request: `PUT ${path}/typed?fieldManager=x`, body: secret('typed', { type: 'Opaque' }) },
    {
      name: 'its type by merge patch',
      request: `PATCH ${path}/typed?fieldManager=x`,
      type: MERGE,
      body: { type: 'Opaque' },
    },
    {
      name: 'its key',
      request: `PATCH ${path}/typed?fieldManager=x`,
      type: MERGE,
      body: { data: { 'tls.key': null } },
    },
    { name: 'an immutable Secret', request: `POST ${path}?fieldManager=x`, body: secret('fixed', { immutable: true }) },
    {
      name: 'its data',
      request: `PATCH ${path}/fixed?fieldManager=x`,
      type: MERGE,
      body: { data: { 'tls.crt': base64('other') } },
    },
    { name: 'its immutability', request: `PATCH ${path}/fixed?fieldManager=x`, type: MERGE, body: { immutable: null } },
    {
      name: 'its labels may change',
      request: `PATCH ${path}/fixed?fieldManager=x`,
      type: MERGE,
      body: { metadata: { labels: { a: 'b' } } },
    },
    {
      name: 'immutable and its data at once',
      request: `PUT ${path}/typed?fieldManager=x`,
      body: secret('typed', { immutable: true, data: { ...data, more: 'YQ==' } }),
    },
    {
      name: 'the stale version of a merge patch',
      request: `PATCH ${path}/typed`,
      type: MERGE,
      body: { metadata: { resourceVersion: '1' } },
    },
    { name: 'the name by merge patch', request: `PATCH ${path}/typed`, type: MERGE, body: { metadata: { name: 'x' } } },
    { name: 'a patch that is cut off', request: `PATCH ${path}/typed`, type: MERGE, body: '{' },
    { name: 'a patch that is a list', request: `PATCH ${path}/typed`, type: MERGE, body: '[]' },
    { name: 'a deletion whose options are cut off', request: `DELETE ${path}/typed`, body: '{' },
    { name: 'a merge patch of none', request: `PATCH ${path}/nothing`, type: MERGE, body: { data: {} } },
    { name: 'a patch of an unknown type', request: `PATCH ${path}/typed`, type: 'application/json', body: {} },
  ],
};
