/** A zone and a CA for one test, and the shortest way from an order to a certificate. */
import type { CaConfig, CaFault } from '../../../sandbox/ca/config.ts';
import { startCa } from '../../../sandbox/ca/server.ts';
import { startDns } from '../../../sandbox/dns/server.ts';
import type { RecordSet } from '../../../sandbox/dns/zone.ts';
import { type AcmeAnswer, AcmeSession, dns01Of, makeCsr, send } from './session.ts';

export interface TestCa {
  readonly ready: Awaited<ReturnType<typeof startCa>>['ready'];
  readonly nameServers: readonly string[];
  fault(fault: CaFault | { readonly kind: 'dns-down' }): Promise<void>;
  /** Ends the CA's own faults. */
  calm(): Promise<void>;
  requests(): Promise<readonly { readonly kind: string; readonly names?: readonly string[] }[]>;
  /** Makes the zone hold these values at `_acme-challenge.<name>`. */
  present(values: Readonly<Record<string, readonly string[]>>): Promise<void>;
  session(registration?: object): Promise<AcmeSession>;
  /** Orders, answers every challenge over DNS and waits for `ready`. */
  readyOrder(session: AcmeSession, names: readonly string[], extra?: object): Promise<AcmeAnswer>;
  /** Finalizes and waits until the order is no longer processing. */
  finalize(session: AcmeSession, order: AcmeAnswer, csr: string): Promise<AcmeAnswer>;
  close(): Promise<void>;
}

const xmlSet = ({ name, ttl, values }: RecordSet): string =>
  `<Change><Action>UPSERT</Action><ResourceRecordSet><Name>${name}</Name><Type>TXT</Type><TTL>${ttl}</TTL><ResourceRecords>${values
    .map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`)
    .join('')}</ResourceRecords></ResourceRecordSet></Change>`;

/** Asks until the status is none of those. */
async function until(session: AcmeSession, url: string, not: readonly string[]): Promise<AcmeAnswer> {
  for (;;) {
    const answer = await session.post(url);
    if (!not.includes(String(answer.body.status))) return answer;
  }
}

async function respond(session: AcmeSession, order: AcmeAnswer, present: TestCa['present']): Promise<void> {
  const authorizations = await session.authorizations(order);
  const values: Record<string, string[]> = {};
  for (const one of authorizations) {
    const name = (one.body.identifier as { value: string }).value;
    values[name] = [...(values[name] ?? []), await session.dnsValue(dns01Of(one).token)];
  }
  await present(values);
  await Promise.all(authorizations.map((one) => session.post(dns01Of(one).url, {})));
}

/** Both in this process, no bad nonces unless asked for; a name server that answers is waited for. */
export async function startTestCa(config: Partial<CaConfig> = {}): Promise<TestCa> {
  const dns = await startDns({ zones: [{ id: 'Z1', name: 'example.com' }], insync: { minMs: 0, maxMs: 0 } });
  const { nameServers } = dns.ready;
  const ca = await startCa({ nameServers, badNonce: 0, dnsTimeoutMs: 30_000, ...config });
  const { directory, tlsCaPem } = ca.ready;
  const backDoor = (path: string) => `${new URL(directory).origin}/_sandbox/${path}`;
  const present: TestCa['present'] = async (values) => {
    const changes = Object.entries(values).map(([name, texts]) =>
      xmlSet({ name: `_acme-challenge.${name}`, type: 'TXT', ttl: 60, values: texts.map((text) => `"${text}"`) }),
    );
    const body = `<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>${changes.join('')}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=test' };
    const answer = await fetch(`${dns.ready.url}/2013-04-01/hostedzone/Z1/rrset`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(await answer.text());
  };
  return {
    ready: ca.ready,
    nameServers,
    present,
    fault: async (fault) => {
      const body = JSON.stringify(fault);
      if (fault.kind === 'dns-down') await fetch(`${dns.ready.url}/_sandbox/faults`, { method: 'POST', body });
      else await send(backDoor('faults'), tlsCaPem, { method: 'POST', body });
    },
    calm: async () => void (await send(backDoor('faults'), tlsCaPem, { method: 'DELETE' })),
    requests: async () => JSON.parse((await send(backDoor('requests'), tlsCaPem, { method: 'GET' })).text),
    session: (registration) => AcmeSession.open({ directory, tlsCaPem }, registration),
    readyOrder: async (session, names, extra) => {
      const order = await session.order(names, extra);
      await respond(session, order, present);
      return until(session, String(order.headers.location), ['pending']);
    },
    finalize: async (session, order, csr) => {
      const answer = await session.post(String(order.body.finalize), { csr });
      if (answer.status !== 200) return answer;
      return until(session, String(answer.headers.location), ['processing']);
    },
    close: async () => {
      await Promise.all([ca.close(), dns.close()]);
    },
  };
}

/** A whole issuance; the chain as PEM. */
export async function issueChain(ca: TestCa, session: AcmeSession, names: readonly string[]): Promise<string> {
  const order = await ca.readyOrder(session, names);
  const done = await ca.finalize(session, order, (await makeCsr(names)).csr);
  return (await session.post(String(done.body.certificate))).text;
}
