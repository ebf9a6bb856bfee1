/** A CA as a tiny object: orders that remember what was asked of them, real certificates, and a name for every call. */
import type { IssuanceRequest } from '../../../shared/contract/certificate.ts';
import type { Authority, Clock } from '../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problem.ts';
import type { Attempt } from '../../../shared/contract/rows.ts';
import type { PendingChallenge, Step } from '../../../shared/contract/step.ts';
import { signLeaf } from '../../../shared/standards/x509/sign.ts';
import { type Made, makeRoot } from '../../fixtures/x509.ts';
import { entryText, type ScriptedZone } from '../stages/issue/scripted.ts';

interface Order {
  state: 'pending' | 'answered' | 'ready' | 'processing' | 'valid';
  readonly csrs: Set<string>;
}

export interface ScriptedCa extends Authority {
  readonly orders: Map<string, Order>;
  readonly calls: string[];
  /** The next calls of that name throw it. */
  readonly fails: Map<string, Problem>;
  /** The step that every order is at when its challenges were answered. */
  verdict: 'ready' | Problem;
  /** Proved already, as an order whose authorizations are reused. */
  isProved: boolean;
}

let root: Promise<Made> | undefined;

/** Answers what `zone` really holds: a challenge whose value is not there is a failure of the test. */
export function scriptedCa({ zone, clock }: { readonly zone: ScriptedZone; readonly clock: Clock }): ScriptedCa {
  const ca: ScriptedCa = {
    ...{ orders: new Map(), calls: [], fails: new Map(), verdict: 'ready', isProved: false },
    advance: async (attempt, request) => {
      const call = attempt.step.at;
      ca.calls.push(call);
      const problem = ca.fails.get(call);
      if (problem) throw new ProblemError(problem);
      return answer(attempt, request);
    },
  };
  const soon = (): string => new Date(clock.now().getTime() + 2_000).toISOString();
  const orderAt = (url: string | undefined): Order => {
    const order = ca.orders.get(url ?? '');
    if (!order) throw new Error(`there is no order ${url}`);
    return order;
  };

  async function answer({ step, csr }: Attempt, request: IssuanceRequest): ReturnType<Authority['advance']> {
    switch (step.at) {
      case 'intent': {
        const orderUrl = `https://ca/order/${ca.orders.size + 1}`;
        ca.orders.set(orderUrl, { state: ca.isProved ? 'ready' : 'pending', csrs: new Set() });
        return { step: { at: 'created', orderUrl } };
      }
      case 'created':
      case 'authorizing':
        if (orderAt(step.orderUrl).state === 'ready') return { step: ready(step.orderUrl) };
        return {
          step: { at: 'authorizing', orderUrl: step.orderUrl, challenges: challenges(request, step.orderUrl) },
        };
      case 'presented':
        for (const { txt } of step.challenges)
          if (!zone.values.has(entryText(txt)) || !zone.synced.has(entryText(txt)))
            throw new Error(`answered before ${entryText(txt)} was in sync`);
        orderAt(step.orderUrl).state = 'answered';
        return { step: { ...step, at: 'answered' }, notBefore: soon() };
      case 'answered':
        if (ca.verdict !== 'ready') return { step: { at: 'rejected', problem: ca.verdict } };
        orderAt(step.orderUrl).state = 'ready';
        return { step: ready(step.orderUrl) };
      case 'finalizing':
        return finalized(step, csr ?? '', request);
      default:
        return { step };
    }
  }

  async function finalized(step: Extract<Step, { at: 'finalizing' }>, csr: string, request: IssuanceRequest) {
    const order = orderAt(step.orderUrl);
    order.csrs.add(csr);
    if (order.state === 'ready') {
      order.state = 'processing';
      return { step, notBefore: soon() };
    }
    order.state = 'valid';
    root ??= makeRoot({ key: 'P-256', now: clock.now() });
    const { pem, keyPem } = await root;
    const spec = { type: 'ca', secretName: 'ca', crlDistributionPoints: [], ocspServers: [] } as const;
    const signed = await signLeaf({
      ...{ caChainPem: Buffer.from(pem), caKeyPem: Buffer.from(keyPem), csrPem: csr, request, now: clock.now() },
      spec: { ...spec, issuingCertificateUrls: [] },
    });
    return { step: { at: 'issued', ...signed } satisfies Step };
  }
  return ca;
}

const ready = (orderUrl: string): Step => ({ at: 'ready', orderUrl, finalizeUrl: `${orderUrl}/finalize` });

const challenges = ({ dnsNames }: IssuanceRequest, orderUrl: string): readonly PendingChallenge[] =>
  dnsNames.map((name) => ({
    ...{ name, url: `${orderUrl}/${name}` },
    txt: { zoneId: 'Z1', fqdn: `_acme-challenge.${name.replace(/^\*\./, '')}`, value: `${orderUrl.slice(-1)}-${name}` },
  }));
