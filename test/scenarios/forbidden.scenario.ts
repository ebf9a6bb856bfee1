/** A cluster whose Secrets may not be read: what its hosts serve is seen by handshake, with nothing but a kubeconfig, and told as such. */
import { join } from 'node:path';
import { inventoryIn } from './harness/answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { namespaces } from './harness/plan-then-run.ts';
import { scenario } from './harness/scenario.ts';
import { startTlsFront, type TlsFront } from './harness/tls-front.ts';
import { selfSignedPair } from './harness/tls-secrets.ts';
import type { Manifest, NolapseResult, World } from './harness/world.ts';

const DAY_MS = 86_400_000;
const EVERYWHERE = '127.0.0.1';

/** An Ingress that says itself where it is served. */
const ingress = (name: string, host: string, port: number): Manifest => ({
  ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  metadata: { namespace: 'shop', name, annotations: { 'nolapse.dev/endpoints': `${host}:${port}` } },
  spec: {
    tls: [{ hosts: [host], secretName: `${name}-tls` }],
    rules: [
      {
        host,
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
      },
    ],
  },
});

/** Of `shop` the certificate ends in three days, `wrong` gets that of `shop` too, and `gone` has no address. */
async function scene(world: World): Promise<TlsFront> {
  await namespaces(world, 'shop');
  const [{ admin }] = world.clusters;
  const { name } = world.zone;
  const pair = await selfSignedPair([`shop.${name}`, 'localhost'], {
    notBefore: new Date(Date.now() - 87 * DAY_MS),
    notAfter: new Date(Date.now() + 3 * DAY_MS),
  });
  const front = await startTlsFront([EVERYWHERE], pair);
  for (const host of ['shop', 'wrong'])
    await world.zone.addForeign({ name: `${host}.${name}`, type: 'A', ttl: 60, values: [EVERYWHERE] });
  for (const host of ['shop', 'wrong', 'gone']) await admin.create(ingress(host, `${host}.${name}`, front.port));
  return front;
}

const ofEndpoints = (result: NolapseResult) => {
  const { certificates, findings } = inventoryIn(result);
  return {
    lines: certificates
      .filter(({ kind }) => kind === 'Endpoint')
      .map(({ name, state, managedBy }) => [name, state, managedBy]),
    findings: findings
      .filter(({ object }) => object.kind === 'Endpoint')
      .map(({ severity, code, object }) => `${severity} ${code} ${object.name}`)
      .toSorted(),
    blind: findings.find(({ code, object }) => code === 'source-down' && object.name === 'east'),
  };
};

scenario('hosts whose Secrets may not be read are seen by handshake', {}, async (world, check) => {
  const front = await scene(world);
  try {
    const [east] = world.clusters;
    const look = async (context: string) => {
      const fleet = await writeFleet(world, { mode: 'audit', contexts: { east: context } });
      return world.nolapse(['inventory', '--fleet', fleet, '--all', '-o', 'json', '--fail-on', 'never']);
    };
    const readable = ofEndpoints(await look(east.context));
    check.deepEqual([readable.lines, readable.blind, front.asked()], [[], undefined, [0]], 'where Secrets may be read');
    const [shop, wrong] = ['shop', 'wrong'].map((host) => `${host}.${world.zone.name}:${front.port}`);
    const seen = ofEndpoints(await look(east.contextWithoutSecrets));
    const marked = 'unknown (seen by handshake)';
    check.deepEqual(
      seen.lines.toSorted(),
      [
        [shop, 'expiring', marked],
        [wrong, 'expiring', marked],
      ],
      'what hosts serve, as lines of the inventory',
    );
    check.deepEqual(
      seen.findings,
      [`critical expiring-unmanaged ${shop}`, `critical expiring-unmanaged ${wrong}`, `high host-not-covered ${wrong}`],
      'what is said of them',
    );
    check.match(
      seen.blind?.message ?? '',
      /of 3 hosts 1 could not be seen by handshake \(gone\.[a-z.]+:\d+: its name has no address\)/,
      'who is not seen',
    );
    check.match(seen.blind?.fix ?? '', /resources: \["secrets"\], verbs: \["list"\]/, 'the RBAC line that is missing');

    await east.admin.create(ingress('local', 'localhost', front.port));
    const state = join(world.folder, 'alone');
    const alone = ['inventory', '--context', east.contextWithoutSecrets, '--all', '--fail-on', 'never'];
    const { lines } = ofEndpoints(await world.nolapse([...alone, '-o', 'json'], { state }));
    check.deepEqual(
      lines.find(([name]) => name === `localhost:${front.port}`),
      [`localhost:${front.port}`, 'expiring', marked],
      'with nothing but a context, by the resolver of the machine',
    );
    const text = await world.nolapse(alone, { state });
    check.match(text.stdout.replace(/\s+/g, ' '), /seen by handshake/, 'marked for people');
    check.match(text.stderr, /its Secrets may not be read: asking 4 hosts what they serve/, 'what takes time is told');
  } finally {
    await front.close();
  }
});
