/** The lane `notify`: tells people what is due to be told, once; the digest; a test message by hand. */
import { openNotify } from '../shared/wiring/aws/notify.ts';
import { inTurn, serve } from '../shared/wiring/aws/serve.ts';

export const handler = serve('notify', openNotify, {
  lanes: ({ lanes }, service) => inTurn(lanes, service.run),
  digest: ({ when }, service) => service.digest(when),
  test: ({ channel }, service) => service.test(channel),
  pause: (asked, service) => service.pause(asked),
});
