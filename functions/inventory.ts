/** The lanes `inventory:<source>`: looks at a cluster, or at what the fleet file itself asks for. Changes nothing out there. */
import { inventoryLane } from '../shared/contract/ids.ts';
import { openInventory } from '../shared/wiring/aws/inventory.ts';
import { inTurn, serve } from '../shared/wiring/aws/serve.ts';

export const handler = serve('inventory', openInventory, {
  lanes: ({ lanes }, service) => inTurn(lanes, service.run),
  cluster: ({ cluster }, service) => service.run(inventoryLane(cluster)),
  pause: (asked, service) => service.pause(asked),
});
