/** What API servers make of server-side apply: owners of fields, conflicts, compare-and-set, removal. */
import { APPLY, base64, type Group, MERGE, STRATEGIC, type Step } from '../replay.ts';

const path = '/api/v1/namespaces/shop/secrets';
const one = base64('one');
const two = base64('two');

const pair = (crt: string, key = crt) => ({ 'tls.crt': crt, 'tls.key': key });
const body = (name: string, data: object | undefined, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop', ...metadata },
  type: 'kubernetes.io/tls',
  ...(data ? { data } : {}),
});

type Apply = Omit<Step, 'request' | 'type'> & {
  readonly of: string;
  readonly manager?: string;
  readonly force?: boolean;
};
const apply = ({ of, manager = 'nolapse', force, ...step }: Apply): Step => ({
  ...step,
  type: APPLY,
  request: `PATCH ${path}/${of}?fieldManager=${manager}${force === undefined ? '' : `&force=${force}`}`,
});

export const applyGroup: Group = {
  name: 'server-side apply',
  crds: false,
  steps: [
    apply({
      name: 'creates',
      of: 'own',
      body: body('own', pair(one), { labels: { a: '1' }, annotations: { 'x/y': 'z' } }),
      label: 'a',
    }),
    apply({
      name: 'the same again changes nothing',
      of: 'own',
      body: body('own', pair(one), { labels: { a: '1' }, annotations: { 'x/y': 'z' } }),
    }),
    apply({
      name: 'another value replaces our own',
      of: 'own',
      body: body('own', pair(two), { labels: { a: '1' } }),
      label: 'b',
    }),
    apply({
      name: 'a field no longer named is removed',
      of: 'own',
      body: body('own', { ...pair(two), 'ca.crt': one }),
    }),
    apply({ name: 'and so is this one', of: 'own', body: body('own', pair(two)), label: 'c' }),
    apply({ name: 'another manager meets a conflict', of: 'own', manager: 'other', body: body('own', pair(one)) }),
    apply({
      name: 'another manager with one field only',
      of: 'own',
      manager: 'other',
      body: body('own', { 'tls.crt': one }),
    }),
    apply({
      name: 'another manager with equal values shares them',
      of: 'own',
      manager: 'other',
      body: body('own', { 'tls.crt': two }),
    }),
    apply({ name: 'force takes fields over', of: 'own', manager: 'other', force: true, body: body('own', pair(one)) }),
    apply({
      name: 'the first manager meets two now',
      of: 'own',
      manager: 'nolapse',
      force: false,
      body: body('own', pair(two)),
    }),
    apply({
      name: 'a required field no longer named is invalid',
      of: 'own',
      manager: 'other',
      body: body('own', { 'tls.crt': one }),
    }),
    apply({
      name: 'a stale version is a conflict even with force',
      of: 'own',
      force: true,
      body: body('own', pair(two), { resourceVersion: '<a.rv>' }),
    }),
    { name: 'it is read', request: `GET ${path}/own`, label: 'd' },
    apply({
      name: 'the present version is not',
      of: 'own',
      force: true,
      body: body('own', pair(two), { resourceVersion: '<d.rv>' }),
    }),
    apply({
      name: 'a wrong uid is a conflict',
      of: 'own',
      force: true,
      body: body('own', pair(two), { uid: '00000000-0000-0000-0000-000000000000' }),
    }),
    apply({
      name: 'an empty set of fields gives all up',
      of: 'own',
      manager: 'other',
      force: true,
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'own' } },
    }),
    {
      name: 'a merge patch owns what it changes',
      request: `PATCH ${path}/own?fieldManager=patcher`,
      type: MERGE,
      body: { data: { 'tls.crt': one }, metadata: { labels: { p: 'q' } } },
    },
    {
      name: 'a strategic patch as well',
      request: `PATCH ${path}/own?fieldManager=patcher`,
      type: STRATEGIC,
      body: { data: { extra: one }, metadata: { annotations: { p: 'q' } } },
    },
    apply({ name: 'what was changed by an update is a conflict', of: 'own', body: body('own', pair(two)) }),
    {
      name: 'a removal by patch removes the owner',
      request: `PATCH ${path}/own?fieldManager=remover`,
      type: MERGE,
      body: { data: { extra: null } },
    },
  ],
};

export const applyOnOthers: Group = {
  name: 'server-side apply on what others made',
  crds: false,
  steps: [
    {
      name: 'kubectl create',
      request: `POST ${path}?fieldManager=kubectl-create`,
      body: body('made', pair(one)),
      label: 'a',
    },
    apply({ name: 'is a conflict on both', of: 'made', body: body('made', pair(two)) }),
    apply({ name: 'equal values are none', of: 'made', body: body('made', pair(one)) }),
    apply({ name: 'force takes both', of: 'made', force: true, body: body('made', pair(two)) }),
    {
      name: 'client-side apply',
      request: `POST ${path}?fieldManager=kubectl-client-side-apply`,
      body: body('client', pair(one), { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }),
    },
    apply({ name: 'is a conflict, too', of: 'client', body: body('client', pair(two)) }),
    apply({ name: 'and force leaves its annotation', of: 'client', force: true, body: body('client', pair(two)) }),
    apply({
      name: 'cert-manager applies',
      of: 'cm',
      manager: 'cert-manager-certificates-issuing',
      body: body('cm', pair(one)),
    }),
    apply({ name: 'is a conflict with it', of: 'cm', body: body('cm', pair(two)) }),
    apply({ name: 'two owners', of: 'cm', manager: 'second', body: body('cm', pair(one)) }),
    apply({ name: 'are named both', of: 'cm', body: body('cm', pair(two)) }),
    apply({ name: 'Opaque', of: 'opaque', manager: 'someone', body: { ...body('opaque', pair(one)), type: 'Opaque' } }),
    apply({ name: 'keeps its type', of: 'opaque', force: true, body: body('opaque', pair(two)) }),
    apply({
      name: 'immutable',
      of: 'frozen',
      manager: 'someone',
      body: { ...body('frozen', pair(one)), immutable: true },
    }),
    apply({ name: 'keeps its data', of: 'frozen', force: true, body: body('frozen', pair(two)) }),
    apply({ name: 'an unchanged immutable one takes an owner', of: 'frozen', body: body('frozen', pair(one)) }),
  ],
};

export const applyRefusals: Group = {
  name: 'server-side applies that are refused',
  crds: false,
  steps: [
    { name: 'no field manager', request: `PATCH ${path}/refused`, type: APPLY, body: body('refused', pair(one)) },
    apply({ name: 'an unknown field', of: 'refused', body: { ...body('refused', pair(one)), extra: 1 } }),
    apply({
      name: 'managed fields',
      of: 'refused',
      body: body('refused', pair(one), {
        managedFields: [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
      }),
    }),
    apply({ name: 'another name', of: 'refused', body: body('else', pair(one)) }),
    apply({ name: 'another kind', of: 'refused', body: { ...body('refused', pair(one)), kind: 'ConfigMap' } }),
    apply({ name: 'no kind', of: 'refused', body: { metadata: { name: 'refused' } } }),
    apply({ name: 'half a pair', of: 'refused', body: body('refused', { 'tls.crt': one }) }),
    apply({ name: 'no base64', of: 'refused', body: body('refused', pair('%')) }),
    apply({ name: 'no object', of: 'refused', body: '- a' }),
    apply({
      name: 'a version where there is none',
      of: 'refused',
      body: body('refused', pair(one), { resourceVersion: '1' }),
    }),
    apply({ name: 'a wrong dry run', of: 'x', manager: 'm&dryRun=Maybe', body: body('x', pair(one)) }),
    { name: 'force without apply', request: `PATCH ${path}/x?force=true`, type: MERGE, body: { data: {} } },
    {
      name: 'a namespace that is none',
      request: 'PATCH /api/v1/namespaces/none/secrets/x?fieldManager=m',
      type: APPLY,
      body: body('x', pair(one), { namespace: 'none' }),
    },
    apply({
      name: 'an apply by one who may not create',
      as: 'renewer',
      of: 'shop-tls',
      body: body('shop-tls', pair(one)),
    }),
    { name: 'made by another', request: `POST ${path}?fieldManager=kubectl-create`, body: body('shop-tls', pair(one)) },
    apply({
      name: 'an apply by one who may patch that name',
      as: 'renewer',
      of: 'shop-tls',
      force: true,
      body: body('shop-tls', pair(two)),
    }),
    apply({
      name: 'an apply by one who may patch another name',
      as: 'renewer',
      of: 'else',
      force: true,
      body: body('else', pair(two)),
    }),
    apply({
      name: 'a dry run',
      of: 'shop-tls',
      force: true,
      manager: 'nolapse&dryRun=All',
      body: body('shop-tls', pair(base64('three'))),
    }),
    { name: 'changes nothing', request: `GET ${path}/shop-tls` },
  ],
};
