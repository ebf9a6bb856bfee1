/** The function `deliver`: opens sealed keys and writes to clusters and stores. */
import { eventBridgeEvents } from '../../adapters/aws/eventbridge-events.ts';
import { kmsUnseal } from '../../adapters/aws/kms-seal.ts';
import { secretsManagerReader } from '../../adapters/aws/secrets-manager-read-secret.ts';
import { tlsOutside } from '../../adapters/tls/tls-outside.ts';
import type { Environment } from '../../contract/environment.ts';
import { deliverLane, type Lane } from '../../contract/ids.ts';
import type { Invocation } from '../../contract/invocation.ts';
import type { AttemptContext } from '../../contract/ports.ts';
import { runDeliverLane } from '../../lanes/deliver.ts';
import { destinations } from '../destinations.ts';
import { serviceClusters } from './clusters.ts';
import { openService, type Watching } from './service.ts';

const PREFIX = deliverLane('/');

export async function openDeliver(environment: Environment, watching: Watching) {
  const service = await openService({ name: 'deliver', environment, watching, telling: eventBridgeEvents });
  const secrets = secretsManagerReader({ fleet: service.fleet.name });
  const places = destinations(service, serviceClusters(service, secrets));
  const ports = {
    ...service,
    unseal: kmsUnseal<AttemptContext>({ keyId: environment.attemptKey ?? '' }).unseal,
    ...{ destinationsOf: places.of, statusesOf: places.statusesOf },
    handshakes: tlsOutside({ resolvers: service.fleet.dns.resolvers }),
  };
  return {
    ...{ during: service.during, pause: service.pause },
    // read when somebody leaves, and by no other start of the function
    giveBack: async (asked: Extract<Invocation, { is: 'giveBack' }>) =>
      (await import('./leave-places.ts')).leavePlaces(asked, ports),
    run: async (lane: Lane) => ({ lane, is: await runDeliverLane(lane.slice(PREFIX.length), ports) }),
  };
}
