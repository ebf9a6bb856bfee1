/** What inventory joins: who uses a certificate, and whether they may. */
import { inventoryIn } from './harness/answers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { writesSince } from './harness/served.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest } from './harness/world.ts';

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const gatewayOf = (...certificateRefs: readonly object[]): Manifest => ({
  apiVersion: `${GATEWAY_GROUP}/v1`,
  kind: 'Gateway',
  metadata: { namespace: 'shop', name: 'front' },
  spec: {
    gatewayClassName: 'any',
    listeners: [{ name: 'https', protocol: 'HTTPS', port: 443, tls: { mode: 'Terminate', certificateRefs } }],
  },
});

const grantFrom = (namespace: string): Manifest => ({
  apiVersion: `${GATEWAY_GROUP}/v1beta1`,
  kind: 'ReferenceGrant',
  metadata: { namespace: 'certs', name: 'gateways' },
  spec: {
    from: [{ group: GATEWAY_GROUP, kind: 'Gateway', namespace }],
    to: [{ group: '', kind: 'Secret', name: 'wild' }],
  },
});

scenario('a Gateway uses the Secret of another namespace where a ReferenceGrant lets it', {}, async (world, check) => {
  const [{ admin }] = world.clusters;
  const pair = await selfSignedPair([`*.${world.zone.name}`]);
  for (const at of [
    { namespace: 'shop', name: 'own' },
    { namespace: 'certs', name: 'wild' },
  ]) {
    await admin.namespace(at.namespace);
    await admin.create(tlsSecret(at, pair));
  }
  await admin.create(gatewayOf({ name: 'own' }, { namespace: 'certs', name: 'wild' }));
  const fleet = await writeFleet(world, { mode: 'audit' });
  const mark = world.recorder.mark();
  const users = async () => {
    const { certificates } = inventoryIn(await world.nolapse(['inventory', '--fleet', fleet, '-o', 'json']));
    return certificates.map(({ id, references }) => [id, references]);
  };
  const own = ['east/shop/own', ['Gateway shop/front']];
  const unused = [['east/certs/wild', []], own];
  check.deepEqual((await users()).sort(), unused, 'who uses what without a grant');
  await admin.apply(grantFrom('other'));
  check.deepEqual((await users()).sort(), unused, 'with a grant for another namespace');
  await admin.apply(grantFrom('shop'));
  const used = [['east/certs/wild', ['Gateway shop/front']], own];
  check.deepEqual((await users()).sort(), used, 'with a grant for that of the Gateway');
  check.deepEqual(writesSince(world, mark), [], 'what was written');
});
