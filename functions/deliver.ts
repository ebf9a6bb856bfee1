/** The lanes `deliver:<cluster or store>`: puts certificates where they must be. Opens sealed keys, and has no rights on DNS. */
import { openDeliver } from '../shared/wiring/aws/deliver.ts';
import { inTurn, serve } from '../shared/wiring/aws/serve.ts';

export const handler = serve('deliver', openDeliver, {
  lanes: ({ lanes }, service) => inTurn(lanes, service.run),
  giveBack: (asked, service) => service.giveBack(asked),
  pause: (asked, service) => service.pause(asked),
});
