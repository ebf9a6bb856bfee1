/** The fleet file of a world is one that the product takes without a word. */
import * as fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFleet } from '../../../shared/fleet/load.ts';
import { type FleetWorld, fleetCertificate, writeFleet } from './fleet-file.ts';
import { makePrivateCa } from './private-ca.ts';

let world: FleetWorld;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nolapse-fleet-file-'));
  const { caPem } = await makePrivateCa('fleet file');
  world = {
    folder,
    kubeconfigPath: join(folder, 'kubeconfig.yaml'),
    clusters: ['east', 'west'].map((name) => ({ name, context: name })),
    zone: {
      name: 'example.com',
      id: 'Z1',
      snapshot: async () => '',
      recordSets: async () => [],
      addForeign: async () => {},
    },
    dns: { resolvers: ['127.0.0.1:5300'], port: 5300 },
    acme: { directory: 'https://127.0.0.1:1/dir', caPem, profile: 'classic' },
    queue: { topicArn: 'arn:aws:sns:eu-west-1:000000000000:nolapse' },
  };
});
afterAll(() => rm(world.folder, { recursive: true }));

test('it resolves with its certificates, without a notice', async () => {
  const secret = { kubernetesSecret: { clusters: ['east', 'west'], namespace: 'shop', name: 'shop-tls' } };
  const names = ['shop.example.com', '*.shop.example.com'];
  const path = await writeFleet(world, {
    documents: [fleetCertificate('shop', names, [secret, { secretsManager: { name: 'certs/shop' } }])],
    contexts: { west: 'west-without-create' },
  });
  const { fleet, notices } = loadFleet({ path, home: world.folder, files: fs });
  expect(notices).toEqual([]);
  expect(fleet.clusters).toMatchObject([
    { name: 'east', access: { context: 'east' } },
    { name: 'west', access: { context: 'west-without-create' } },
  ]);
  expect(JSON.stringify(fleet)).toContain('*.shop.example.com');
});
