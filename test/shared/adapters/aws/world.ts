/** AWS and its zones on loopback, and the environment by which a stock SDK client finds them. */
import { vi } from 'vitest';
import { startAws } from '../../../../sandbox/aws/server.ts';
import { type DnsConfig, startDns } from '../../../../sandbox/dns/server.ts';
import type { Clock } from '../../../../shared/contract/ports.ts';

export interface AwsWorld {
  readonly url: string;
  readonly dnsUrl: string;
  readonly nameServer: string;
  /** Arms a fault of the part `aws`, or of the part `dns`. */
  fault(fault: object, part?: 'aws' | 'dns'): Promise<void>;
  mend(): Promise<void>;
  /** The requests that the endpoint has seen, by kind, e.g. `secretsmanager PutSecretValue`. */
  requests(part?: 'aws' | 'dns'): Promise<readonly { readonly kind: string; readonly user?: string }[]>;
  zone(id: string): Promise<string>;
  close(): Promise<void>;
}

const SETTINGS = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** Until `vi.unstubAllEnvs`. */
function useEndpoint(url: string): void {
  for (const [name, value] of Object.entries({ ...SETTINGS, AWS_ENDPOINT_URL: url })) vi.stubEnv(name, value);
}

/** Starts both parts and sets the environment of this process, until they are closed. */
export async function openAws({
  dynamodb = false,
  ...config
}: Partial<DnsConfig> & { readonly dynamodb?: boolean } = {}): Promise<AwsWorld> {
  const zones = [{ id: 'Z1', name: 'example.com' }];
  const dns = await startDns({ zones, insync: { minMs: 0, maxMs: 0 }, ...config });
  const aws = await startAws({ route53: dns.ready.url, dynamodb });
  useEndpoint(aws.ready.url);
  const urls = { aws: aws.ready.url, dns: dns.ready.url };
  return {
    url: urls.aws,
    dnsUrl: urls.dns,
    nameServer: dns.ready.nameServers[0] ?? '',
    fault: async (fault, part = 'aws') => {
      const { status } = await fetch(`${urls[part]}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(fault) });
      if (status !== 200) throw new Error(`the sandbox has no such fault: ${JSON.stringify(fault)}`);
    },
    mend: async () => {
      for (const url of Object.values(urls)) await fetch(`${url}/_sandbox/faults`, { method: 'DELETE' });
    },
    requests: async (part = 'aws') =>
      (await (await fetch(`${urls[part]}/_sandbox/requests`)).json()) as { kind: string; user?: string }[],
    zone: async (id) => (await fetch(`${urls.dns}/_sandbox/zone/${id}`)).text(),
    close: async () => {
      vi.unstubAllEnvs();
      await aws.close();
      await dns.close();
    },
  };
}

/**
 * AWS for the contract suites, which know nothing of it but an endpoint: the sandbox, or whatever NOLAPSE_TEST_AWS_URL names, as
 * `npm run test:real` does with moto. Sets the environment of this process, until it is closed.
 */
export async function openEndpoint(): Promise<{ close(): Promise<void> }> {
  const { NOLAPSE_TEST_AWS_URL: named } = process.env;
  if (named) {
    useEndpoint(named);
    return { close: async () => void vi.unstubAllEnvs() };
  }
  const aws = await startAws({ dynamodb: true });
  useEndpoint(aws.ready.url);
  return {
    close: async () => {
      vi.unstubAllEnvs();
      await aws.close();
    },
  };
}

/** A clock whose sleeps take no time; it keeps what was slept. */
export function timelessClock(): Clock & { readonly slept: number[] } {
  let now = Date.parse('2026-11-24T09:00:00.000Z');
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(now),
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    remainingMs: () => 600_000,
  };
}
