/** What API servers make of owners that a patch sets: who is left out owns nothing any more, and what nobody owned belongs to the past. */
import { APPLY, base64, type Group, MERGE, type Step } from '../replay.ts';

const path = '/api/v1/namespaces/shop/secrets';
const [one, two] = [base64('one'), base64('two')];
const pair = (text: string) => ({ 'tls.crt': text, 'tls.key': text });
const entry = (manager: string, fieldsV1: object) => ({
  ...{ manager, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 },
});
const body = (name: string, data: object, metadata: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop', ...metadata } },
  ...{ type: 'kubernetes.io/tls', data },
});

const apply = (name: string, of: string, step: Partial<Step> & { manager?: string; force?: boolean }): Step => {
  const { manager = 'nolapse', force = false, ...rest } = step;
  return { name, type: APPLY, request: `PATCH ${path}/${of}?fieldManager=${manager}&force=${force}`, ...rest };
};
const patched = (name: string, of: string, metadata: object): Step => ({
  ...{ name, type: MERGE, request: `PATCH ${path}/${of}?fieldManager=nolapse`, body: { metadata } },
});

const ours = { labels: { a: '1' }, annotations: { mark: 'ours', theirs: 'stays' } };
const without = { annotations: { mark: null } };

export const ownersGroup: Group = {
  name: 'owners of fields set by a patch',
  crds: false,
  steps: [
    {
      ...{ name: 'kubectl creates it', request: `POST ${path}?fieldManager=kubectl-create` },
      body: body('two', { ...pair(one), 'ca.crt': one }),
    },
    apply('and we take it over', 'two', { force: true, body: body('two', pair(two), ours), label: 'a' }),
    patched('a stale version is a conflict', 'two', { ...without, resourceVersion: '1', managedFields: [{}] }),
    patched('who is left out owns nothing', 'two', {
      ...{ ...without, resourceVersion: '<a.rv>' },
      managedFields: [entry('kubectl-create', { 'f:data': { '.': {}, 'f:ca.crt': {} }, 'f:type': {} })],
    }),
    apply('then anybody may apply another value', 'two', { manager: 'other', body: body('two', pair(one)) }),
    apply('it is ours alone', 'own', { body: body('own', pair(one), ours) }),
    patched('one who owns the type alone', 'own', {
      ...without,
      managedFields: [entry('before-first-apply', { 'f:type': {} })],
    }),
    apply('stands in the way of nobody', 'own', { manager: 'other', body: body('own', pair(two)) }),
    apply('ours alone again', 'bare', { body: body('bare', pair(one), ours) }),
    patched('no owner at all', 'bare', { ...without, managedFields: [{}] }),
    patched('stays none, whatever is written', 'bare', { labels: { b: '2' } }),
    apply('to an apply all belongs to the past', 'bare', { manager: 'other', body: body('bare', pair(two)) }),
    apply('with which it may agree', 'bare', { manager: 'other', body: body('bare', pair(one)) }),
  ],
};
