/** Lists: pages, selectors, metadata alone. */
import { type Group, MERGE, type Step } from '../replay.ts';

const path = '/api/v1/namespaces/lists/secrets';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

const make = (name: string, labels: object, type = 'Opaque'): Step => ({
  name: `made: ${name}`,
  request: `POST ${path}?fieldManager=x`,
  body: { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels }, type, data: { 'tls.crt': '', 'tls.key': '' } },
});
const list = (name: string, query: string, more: Partial<Step> = {}): Step => ({
  name,
  request: `GET ${path}?${query}`,
  ...more,
});

export const listGroup: Group = {
  name: 'lists',
  crds: false,
  steps: [
    {
      name: 'a namespace',
      request: 'POST /api/v1/namespaces?fieldManager=x',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lists' } },
    },
    list('none', ''),
    make('c', { app: 'shop', tier: 'web' }, 'kubernetes.io/tls'),
    make('a', { app: 'shop' }, 'kubernetes.io/tls'),
    make('b', { app: 'pay' }),
    list('by name', 'fieldSelector=metadata.name%3Da'),
    list('by type', 'fieldSelector=type%3Dkubernetes.io%2Ftls'),
    list('by what is not the type', 'fieldSelector=type!%3Dkubernetes.io%2Ftls'),
    list('by type and name', 'fieldSelector=type%3D%3Dkubernetes.io%2Ftls%2Cmetadata.name%3Dc'),
    list('by a field that cannot be selected', 'fieldSelector=data%3Dx'),
    list('by a selector that is none', 'fieldSelector=type'),
    list('by label', 'labelSelector=app%3Dshop', { accept: METADATA_LIST }),
    list('by no label', 'labelSelector=app!%3Dshop', { accept: METADATA_LIST }),
    list('by a label that is there', 'labelSelector=tier', { accept: METADATA_LIST }),
    list('by a label that is not there', 'labelSelector=!tier', { accept: METADATA_LIST }),
    list('by a set', 'labelSelector=app+in+(pay,x),!tier', { accept: METADATA_LIST }),
    list('by a set that it is not in', 'labelSelector=app+notin+(pay)', { accept: METADATA_LIST }),
    list('by a label selector that is none', 'labelSelector=a%3Db%3Dc', { accept: METADATA_LIST }),
    list('a page', 'limit=2', { accept: METADATA_LIST, label: 'page' }),
    list('the next page', 'limit=2&continue=<page.uid>', { accept: METADATA_LIST }),
    list('a page of what a selector chose', 'limit=1&fieldSelector=type%3Dkubernetes.io%2Ftls', {
      accept: METADATA_LIST,
      label: 'chosen',
    }),
    list('its next page', 'limit=1&fieldSelector=type%3Dkubernetes.io%2Ftls&continue=<chosen.uid>', {
      accept: METADATA_LIST,
    }),
    list('a page of a token that is none', 'limit=2&continue=abc'),
    list('a limit that is none', 'limit=x'),
    list('a page from version 0', 'limit=2&resourceVersion=0', { accept: METADATA_LIST }),
    { name: 'metadata of one', request: `GET ${path}/a`, accept: METADATA },
    {
      name: 'metadata of a patched one',
      request: `PATCH ${path}/a?fieldManager=y`,
      type: MERGE,
      body: { metadata: { labels: { z: '1' } } },
      accept: METADATA,
    },
    { name: 'the wrong word for the metadata of one', request: `GET ${path}/a`, accept: METADATA_LIST },
    list('the wrong word for the metadata of a list', '', { accept: METADATA }),
    { name: 'a form that is not served', request: `GET ${path}/a`, accept: 'application/xml' },
    { name: 'any form', request: `GET ${path}/a`, accept: '*/*' },
    { name: 'deletion of all', request: `DELETE ${path}?labelSelector=app%3Dshop` },
    list('what is left', '', { accept: METADATA_LIST }),
    { name: 'the namespace', request: 'GET /api/v1/namespaces/lists' },
  ],
};
