/** Challenges of cert-manager that do not succeed: what it says of them while it tries. */
import type { ChallengeFacts } from '../../contract/observation.ts';
import type { KubernetesObject } from '../../contract/ports.ts';
import { Field } from '../../standards/certmanager/field.ts';
import { holdsPrivateKey } from '../../standards/kubernetes/key-in-text.ts';

const MOST_OF_REASON = 500;

/** A Challenge (acme.cert-manager.io/v1) without its token and key; none where cert-manager has not said anything yet, or all is well. */
export function challengesOf({ metadata, spec, status }: KubernetesObject): readonly ChallengeFacts[] {
  const [asked, said] = [new Field(spec), new Field(status)];
  const [dnsName, type, issuer] = [asked.at('dnsName').text(), asked.at('type').text(), asked.at('issuerRef')];
  const state = said.at('state').text();
  if (!dnsName || !type || !state || ['valid', 'ready'].includes(state)) return [];
  const reason = (said.at('reason').text() ?? '').slice(0, MOST_OF_REASON);
  const by = issuer.at('name').text() ?? '';
  if (holdsPrivateKey([dnsName, type, state, by].join(' '))) return [];
  return [
    {
      namespace: metadata.namespace ?? 'default',
      ...{ name: metadata.name, type, state, reason: holdsPrivateKey(reason) ? '' : reason },
      dnsName: asked.at('wildcard').value === true ? `*.${dnsName}` : dnsName,
      issuer: by,
      createdAt: metadata.creationTimestamp ?? '',
    },
  ];
}
