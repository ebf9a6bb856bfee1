/** The body that is sent for a bundle, and when sending it would change nothing. */
import { describe, expect, test } from 'vitest';
import type { Bundle, KubernetesObject } from '../../../../shared/contract/ports.ts';
import { holdsAlready, secretBody } from '../../../../shared/standards/kubernetes/secret-apply.ts';

const AT = { namespace: 'shop', name: 'shop-tls' };
const bundle: Bundle = {
  chainPem: 'chain',
  caPem: 'ca',
  keyPem: Buffer.from('key'),
  labels: { 'controller.cert-manager.io/fao': 'true' },
  annotations: { 'nolapse.dev/fleet': 'acme' },
};

const body = secretBody(bundle, AT);
const live: KubernetesObject = { ...body, metadata: { ...body.metadata, uid: 'u', resourceVersion: '1' } };

describe('the body of a bundle', () => {
  test('holds certificate, key and CA together', () => {
    expect(body).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...AT, labels: bundle.labels, annotations: bundle.annotations },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': 'Y2hhaW4=', 'tls.key': 'a2V5', 'ca.crt': 'Y2E=' },
    });
  });

  test('names no CA where there is none, and the version that was seen', () => {
    const { caPem: _, ...without } = bundle;
    const seen = secretBody(without, AT, live);
    expect(Object.keys(seen.data)).toEqual(['tls.crt', 'tls.key']);
    expect(seen.metadata).toMatchObject({ uid: 'u', resourceVersion: '1' });
  });
});

describe('sending it changes nothing', () => {
  test('where all of it is there, whatever else is', () => {
    const more = { ...live, data: { ...live.data, more: 'x' } };
    expect(holdsAlready(more, body)).toBe(true);
  });

  test.each([
    ['type', { ...live, type: 'Opaque' }],
    ['certificate', { ...live, data: { ...live.data, 'tls.crt': 'b3RoZXI=' } }],
    ['key', { ...live, data: { 'tls.crt': 'Y2hhaW4=', 'ca.crt': 'Y2E=' } }],
    ['label', { ...live, metadata: { ...live.metadata, labels: {} } }],
    ['annotation', { ...live, metadata: { ...live.metadata, annotations: { 'nolapse.dev/fleet': 'rival' } } }],
  ] satisfies readonly (readonly [string, KubernetesObject])[])('but not with another %s', (_, other) => {
    expect(holdsAlready(other, body)).toBe(false);
  });
});
