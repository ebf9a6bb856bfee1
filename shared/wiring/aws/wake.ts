/** The function `wake`: rows to ask and queues to ring, and nothing else. */
import type { Environment } from '../../contract/environment.ts';
import { METRICS } from '../../contract/metrics.ts';
import { wake, wakeInventories } from '../../lanes/wake.ts';
import { openService, type Watching } from './service.ts';

export async function openWake(environment: Environment, watching: Watching) {
  const service = await openService({ name: 'wake', environment, watching });
  return {
    ...{ during: service.during, fleet: service.fleet },
    due: async () => {
      const woken = await wake(service);
      watching.count(METRICS.oldestDue, woken.oldestDueSeconds);
      return woken;
    },
    inventory: () => wakeInventories(service),
  };
}
