/** Every minute: asks each lane for work that is due and rings it. Every hour: rings the inventory of every source. Shows the fleet to who asks. */

import { serve } from '../shared/wiring/aws/serve.ts';
import { openWake } from '../shared/wiring/aws/wake.ts';

export const handler = serve('wake', openWake, {
  wake: ({ what }, service) => (what === 'due' ? service.due() : service.inventory()),
  show: async (_asked, service) => service.fleet,
});
