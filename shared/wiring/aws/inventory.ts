/** The function `inventory`: reads clusters and stores, writes rows. */
import { eventBridgeEvents } from '../../adapters/aws/eventbridge-events.ts';
import { s3Blobs } from '../../adapters/aws/s3-blobs.ts';
import { secretsManagerReader } from '../../adapters/aws/secrets-manager-read-secret.ts';
import { kubernetesClusterReader } from '../../adapters/kubernetes/kubernetes-cluster-reader.ts';
import { tlsOutside } from '../../adapters/tls/tls-outside.ts';
import type { Environment } from '../../contract/environment.ts';
import { FLEET_SOURCE, inventoryLane, type Lane } from '../../contract/ids.ts';
import { METRICS } from '../../contract/metrics.ts';
import { runInventoryLane } from '../../lanes/inventory.ts';
import { leastLifetimePercent } from '../../lanes/least-lifetime.ts';
import { leaveReport } from '../../lanes/report.ts';
import { destinations } from '../destinations.ts';
import { serviceClusters } from './clusters.ts';
import { openService, type Watching } from './service.ts';

const PREFIX = inventoryLane('');

export async function openInventory(environment: Environment, watching: Watching) {
  const service = await openService({ name: 'inventory', environment, watching, telling: eventBridgeEvents });
  const clusters = serviceClusters(service, secretsManagerReader({ fleet: service.fleet.name }));
  const ports = {
    ...service,
    blobs: s3Blobs({ bucket: environment.bucket ?? '' }),
    readerOf: async ({ name }: { readonly name: string }) => kubernetesClusterReader(await clusters.to(name)),
    destinationsOf: destinations(service, clusters).of,
    handshakes: tlsOutside({ resolvers: service.fleet.dns.resolvers }),
  };
  return {
    ...{ during: service.during, pause: service.pause },
    run: async (lane: Lane) => {
      const source = lane.slice(PREFIX.length);
      const is = await runInventoryLane(source, ports);
      if (source === FLEET_SOURCE) {
        watching.count(METRICS.leastLifetime, await leastLifetimePercent(service));
        await leaveReport(ports);
      }
      return { lane, is };
    },
  };
}
