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
  readonly names?: string;
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
  /** Whether who asks for the names of an open order gets that order, as at Let's Encrypt. */
  reusesOrders: boolean;
}

let root: Promise<Made> | undefined;

interface World {
  readonly zone: ScriptedZone;
  readonly clock: Clock;
}

type Answer = Awaited<ReturnType<Authority['advance']>>;

/** Answers what `zone` really holds: a challenge whose value is not there is a failure of the test. */
export function scriptedCa(world: World): ScriptedCa {
  const ca: ScriptedCa = {
    ...{ orders: new Map(), calls: [], fails: new Map(), verdict: 'ready', isProved: false },
    reusesOrders: false,
    advance: async (attempt, request) => {
      const call = attempt.step.at;
      ca.calls.push(call);
      const problem = ca.fails.get(call);
      if (problem) throw new ProblemError(problem);
      return call === 'finalizing'
        ? finalized(ca, world, { attempt, request })
        : answer(ca, world, { attempt, request });
    },
  };
  return ca;
}

interface Asked {
  readonly attempt: Attempt;
  readonly request: IssuanceRequest;
}

const soon = ({ clock }: World): string => new Date(clock.now().getTime() + 2_000).toISOString();

function orderAt({ orders }: ScriptedCa, url: string | undefined): Order {
  const order = orders.get(url ?? '');
  if (!order) throw new Error(`there is no order ${url}`);
  return order;
}

function answer(ca: ScriptedCa, world: World, { attempt: { step }, request }: Asked): Answer {
  switch (step.at) {
    case 'intent': {
      const names = request.dnsNames.join(' ');
      const isOpen = (order: Order): boolean => order.names === names && order.state !== 'valid';
      const open = ca.reusesOrders ? [...ca.orders].find(([, order]) => isOpen(order)) : undefined;
      const orderUrl = open?.[0] ?? `https://ca/order/${ca.orders.size + 1}`;
      if (!open) ca.orders.set(orderUrl, { names, state: ca.isProved ? 'ready' : 'pending', csrs: new Set() });
      return { step: { at: 'created', orderUrl } };
    }
    case 'created': {
      const { orderUrl } = step;
      if (orderAt(ca, orderUrl).state === 'ready') return { step: ready(orderUrl) };
      return { step: { at: 'authorizing', orderUrl, challenges: challenges(request, orderUrl) } };
    }
    case 'presented':
      for (const { txt } of step.challenges)
        if (!world.zone.values.has(entryText(txt)) || !world.zone.synced.has(entryText(txt)))
          throw new Error(`answered before ${entryText(txt)} was in sync`);
      orderAt(ca, step.orderUrl).state = 'answered';
      return { step: { ...step, at: 'answered' }, notBefore: soon(world) };
    case 'answered':
      if (ca.verdict !== 'ready') return { step: { at: 'rejected', problem: ca.verdict } };
      orderAt(ca, step.orderUrl).state = 'ready';
      return { step: ready(step.orderUrl) };
    default:
      throw new Error(`asked at ${step.at}`);
  }
}

/** The first time the order is in processing, the second time there is the certificate. */
async function finalized(
  ca: ScriptedCa,
  world: World,
  { attempt: { step, csr = '' }, request }: Asked,
): Promise<Answer> {
  const order = orderAt(ca, 'orderUrl' in step ? step.orderUrl : undefined);
  order.csrs.add(csr);
  if (order.state === 'ready') {
    order.state = 'processing';
    return { step, notBefore: soon(world) };
  }
  order.state = 'valid';
  const now = world.clock.now();
  root ??= makeRoot({ key: 'P-256', now });
  const { pem, keyPem } = await root;
  const spec = { type: 'ca', secretName: 'ca', crlDistributionPoints: [], ocspServers: [] } as const;
  const signed = await signLeaf({
    ...{ caChainPem: Buffer.from(pem), caKeyPem: Buffer.from(keyPem), csrPem: csr, request, now },
    spec: { ...spec, issuingCertificateUrls: [] },
  });
  return { step: { at: 'issued', ...signed } satisfies Step };
}

const ready = (orderUrl: string): Step => ({ at: 'ready', orderUrl, finalizeUrl: `${orderUrl}/finalize` });

const challenges = ({ dnsNames }: IssuanceRequest, orderUrl: string): readonly PendingChallenge[] =>
  dnsNames.map((name) => ({
    ...{ name, url: `${orderUrl}/${name}` },
    txt: { zoneId: 'Z1', fqdn: `_acme-challenge.${name.replace(/^\*\./, '')}`, value: `${orderUrl.slice(-1)}-${name}` },
  }));
