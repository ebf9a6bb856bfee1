/** Whether a dns-01 challenge holds (RFC 8555 §8.4): every name server of the zone must have the value, else a problem in a CA's words. */
import { askTxt, type DnsAnswer } from './dns-client.ts';
import { type Problem, problem } from './problem.ts';

export interface Dns01 {
  /** Without `_acme-challenge.`, without `*.`. */
  readonly name: string;
  /** base64url(SHA-256(key authorization)). */
  readonly value: string;
}

/** What one server's answer means. Undefined = it has the value. */
export function judgeAnswer(answer: DnsAnswer, { name, value }: Dns01): Problem | undefined {
  const host = `_acme-challenge.${name}`;
  if (answer.kind === 'silent') return problem('dns', `DNS problem: query timed out looking up TXT for ${host}`);
  if (answer.kind === 'rcode') {
    const advice = answer.rcode === 'NXDOMAIN' ? ' - check that a DNS record exists for this domain' : '';
    return problem('dns', `DNS problem: ${answer.rcode} looking up TXT for ${host}${advice}`);
  }
  const [first, ...more] = answer.values;
  if (first === undefined) return problem('unauthorized', `No TXT record found at ${host}`);
  if (answer.values.includes(value)) return undefined;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  return problem('unauthorized', `Incorrect TXT record "${first}"${others} found at ${host}`);
}

/** Asks all servers at once; the first problem in their order, undefined when all agree. */
export async function validateDns01(
  challenge: Dns01,
  { nameServers, timeoutMs }: { readonly nameServers: readonly string[]; readonly timeoutMs: number },
): Promise<Problem | undefined> {
  const host = `_acme-challenge.${challenge.name}`;
  const answers = await Promise.all(nameServers.map((server) => askTxt(server, host, timeoutMs)));
  return answers.map((answer) => judgeAnswer(answer, challenge)).find((found) => found !== undefined);
}
