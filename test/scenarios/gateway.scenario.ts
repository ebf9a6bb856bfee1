/** What annotated Gateways ask for: one certificate for each Secret of their listeners, within the name policy, and closed with the annotation. */
import { findingsAbout, runIn } from './harness/answers.ts';
import { certManager } from './harness/cluster-issuers.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { scenario } from './harness/scenario.ts';
import { ordersSince, secretAt, servedAt, writesSince } from './harness/served.ts';
import type { Manifest } from './harness/world.ts';

const ISSUER = { 'cert-manager.io/issuer': 'own' };

/** With all that an API server would fill in, but for the mode of TLS. */
const listener = (name: string, hostname: string, secret: string, more: object = {}) => ({
  ...{ name, hostname, protocol: 'HTTPS', port: 443, allowedRoutes: { namespaces: { from: 'Same' } } },
  tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: secret, ...more }] },
});

const gateway = (annotations: Record<string, string>, listeners: readonly object[]): Manifest => ({
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
  metadata: { namespace: 'shop', name: 'front', annotations },
  spec: { gatewayClassName: 'any', listeners },
});

scenario('what a Gateway asks for is issued, and what it may not have is told', {}, async (world, check) => {
  const [east] = world.clusters;
  const { admin } = east;
  const host = (name: string): string => `${name}.${world.zone.name}`;
  for (const name of ['shop', 'certs']) await admin.namespace(name);
  await admin.create(certManager('Issuer', { namespace: 'shop', name: 'own' }, { selfSigned: {} }));
  const listeners = [
    listener('a', host('a'), 'web-tls'),
    listener('b', host('*.b'), 'web-tls'),
    listener('c', host('c'), 'other-tls'),
    listener('foreign', 'foreign.example.org', 'foreign-tls'),
    listener('elsewhere', host('elsewhere'), 'elsewhere-tls', { namespace: 'certs' }),
    listener('ignored', host('ignored'), 'ignored-tls'),
  ];
  await admin.create(gateway({ ...ISSUER, 'cert-manager.io/ignore-tls-listeners': 'ignored' }, listeners));
  const fleet = await writeFleet({ ...world, clusters: [east] });
  const run = async () => runIn(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));

  const first = await run();
  check.deepEqual(
    first.renewed.map(({ id }) => id).sort(),
    ['east/shop/other-tls', 'east/shop/web-tls'],
    'what is issued',
  );
  const web = await servedAt(east, secretAt('shop', 'web-tls'));
  check.deepEqual([web?.names, web?.keyFits], [[host('*.b'), host('a')], true], 'hosts of all listeners of one Secret');
  check.deepEqual(
    findingsAbout(first.findings, 'foreign-tls'),
    ['high name-not-allowed'],
    'what the name policy does not let it have',
  );
  const told = first.findings.find(({ object: { kind } }) => kind === 'Gateway');
  check.equal(told?.code, 'unreadable', 'what is said of the Gateway');
  check.match(
    told?.message ?? '',
    /spec\.listeners\[4\]\.tls\.certificateRefs\[0\]\.namespace/,
    'and of which listener',
  );

  const mark = world.recorder.mark();
  check.deepEqual((await run()).renewed, [], 'what a second run issues');
  check.deepEqual(writesSince(world, mark), [], 'writes of the second run');
  await admin.delete({ kind: 'Secret', namespace: 'shop', name: 'other-tls' });
  await admin.delete({ kind: 'Gateway', namespace: 'shop', name: 'front' });
  await admin.create(gateway({}, listeners));
  check.deepEqual((await run()).renewed, [], 'what is issued once nothing is annotated');
  check.equal(ordersSince(world, 0), 0, 'orders');
});
