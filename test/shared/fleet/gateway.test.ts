/** A Gateway of a fleet file: what it asks for, what is passed over, and what is wrong with it, each where it stands. */
import { expect, test } from 'vitest';
import { complaints, loadText } from './folder.ts';

const FLEET = `apiVersion: nolapse.dev/v1
kind: Fleet
metadata: { name: acme }
spec:
  clusters: [{ name: a, kubeconfig: { path: k } }]
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: ca }
spec: { ca: { secretName: ca } }
`;
const gateway = (annotations: string, listeners: string): string =>
  `---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: g, namespace: n, annotations: ${annotations} }\nspec: { gatewayClassName: c, listeners: ${listeners} }\n`;
const ISSUER = '{ cert-manager.io/cluster-issuer: ca }';
const listener = (name: string, more = ''): string =>
  `{ name: ${name}, protocol: HTTPS, port: 443, ${more} tls: { mode: Terminate, certificateRefs: [{ name: ${name}-tls }] } }`;

test('asks for what the shim makes of its listeners, and says what it passes over', async () => {
  const listeners = `[${listener('x', 'hostname: x.internal,')}, ${listener('y')}, { name: z, protocol: HTTP, port: 80 }]`;
  const { fleet, notices } = await loadText(FLEET + gateway(ISSUER, listeners));
  expect(fleet.certificates.map(({ id, places, spec }) => [id, places[0]?.place, ...spec.dnsNames])).toEqual([
    ['a/n/x-tls', 'a/n/x-tls', 'x.internal'],
  ]);
  expect(notices).toEqual([
    expect.stringMatching(
      /^fleet\.yaml:15:\d+: Skipped a listener block: spec\.listeners\[1\]\.hostname: Required value$/,
    ),
  ]);
});

test('without annotations asks for nothing, and that is said', async () => {
  const { fleet, notices } = await loadText(FLEET + gateway('{}', '[]'));
  expect(fleet.certificates).toEqual([]);
  expect(notices).toEqual(['fleet.yaml:12:1: this Gateway asks for no certificate']);
});

test.each([
  [
    'a bad annotation',
    gateway('{ cert-manager.io/issuer: "" }', '[]'),
    /^fleet\.yaml:14:\d+: Gateway: Could not determine issuer for gateway/,
  ],
  [
    'an older version',
    gateway(ISSUER, '[]').replace('k8s.io/v1', 'k8s.io/v1beta1'),
    /^fleet\.yaml:12:13: apiVersion: .* a Gateway has gateway\.networking\.k8s\.io\/v1$/,
  ],
  [
    'a field that is none',
    gateway(ISSUER, '[{ name: x, protocol: HTTPS, tls: { certificateRefs: [{ nme: y }] } }]'),
    /spec\.listeners\[0\]\.tls\.certificateRefs\[0\]/,
  ],
])('%s is refused where it stands', async (_, text, said) => {
  expect((await complaints(loadText(FLEET + text)))[0]).toMatch(said);
});
