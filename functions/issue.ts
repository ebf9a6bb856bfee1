/** The lanes `issue:<issuer>`: obtains certificates. Holds DNS rights and account keys, and cannot open a sealed key. */
import { openIssue } from '../shared/wiring/aws/issue.ts';
import { inTurn, serve } from '../shared/wiring/aws/serve.ts';

export const handler = serve('issue', openIssue, {
  lanes: ({ lanes }, service) => inTurn(lanes, service.run),
  certificate: (asked, service) => service.certificate(asked),
  plan: (_asked, service) => service.plan(),
  rehearse: (asked, service) => service.rehearse(asked),
  leave: (asked, service) => service.leave(asked),
  pause: (asked, service) => service.pause(asked),
});
