/** Where certificates of the file must be seen served: kept in one spelling, from `endpoints` and from the annotation. */
import { expect, test } from 'vitest';
import { GOOD } from './bad-input.ts';
import { loadText } from './folder.ts';

test('endpoints are kept in one spelling, and a Certificate has them as an annotation', async () => {
  const annotations = 'annotations: { nolapse.dev/endpoints: "SHOP.example.com:443" }';
  const asked = GOOD.replace('namespace: shop }', `namespace: shop, ${annotations} }`);
  const { fleet } = await loadText(`${asked}  endpoints: ["API.example.com.:8443"]\n`);
  expect(fleet.certificates.map(({ id, endpoints }) => [id, endpoints])).toEqual([
    ['prod/shop/shop', ['shop.example.com:443']],
    ['fleet/api', ['api.example.com:8443']],
  ]);
});

test('each block of an Ingress has its own of the annotation, and what none of them is for is refused once', async () => {
  const ingress = (endpoints: string) =>
    `${GOOD}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: two
  namespace: shop
  annotations: { cert-manager.io/cluster-issuer: letsencrypt, nolapse.dev/endpoints: "${endpoints}" }
spec:
  tls:
    - { hosts: [a.example.com], secretName: a }
    - { hosts: [b.example.com], secretName: b }
`;
  const { fleet } = await loadText(ingress('a.example.com:443, b.example.com:443'));
  expect(
    fleet.certificates.flatMap(({ id, endpoints = [] }) => (endpoints.length > 0 ? [[id, endpoints]] : [])),
  ).toEqual([
    ['prod/shop/a', ['a.example.com:443']],
    ['prod/shop/b', ['b.example.com:443']],
  ]);
  const refused = await loadText(ingress('a.example.com:443, c.example.com:443')).catch((error: unknown) => error);
  expect(String(refused).match(/the certificate is not for c\.example\.com/g)).toHaveLength(1);
});

test('who asks for none has none', async () => {
  const { fleet } = await loadText(GOOD);
  expect(fleet.certificates.flatMap(({ endpoints }) => endpoints ?? [])).toEqual([]);
});
