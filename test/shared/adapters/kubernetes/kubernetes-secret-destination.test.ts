/** Kubernetes Secrets as a destination: the contract of the port, and what only an API server does. */
import { kubernetesSecretDestination } from '../../../../shared/adapters/kubernetes/kubernetes-secret-destination.ts';
import { kubernetesPlace, placeParts } from '../../../../shared/contract/ids.ts';
import { destinationAdapterContract } from '../../../contracts/destination-adapter.ts';
import { CLUSTER, openCluster } from './world.ts';

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

destinationAdapterContract('kubernetes', async () => {
  const world = await openCluster();
  const [admin, reader] = await Promise.all([world.as('admin'), world.as('reader')]);
  return {
    adapter: kubernetesSecretDestination({ connection: admin, fleet: 'test' }),
    readOnly: kubernetesSecretDestination({ connection: reader, fleet: 'test' }),
    place: (name) => kubernetesPlace(CLUSTER, 'shop', name),
    remove: (place) => world.admin('DELETE', `/api/v1/namespaces/shop/secrets/${placeParts(place).name}`),
    writes: async () => (await world.seen()).filter(({ method }) => WRITES.has(method)).length,
    close: world.close,
  };
});
