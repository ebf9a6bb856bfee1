/** The CA as a whole, through the stock acme-client and from a process of its own: apex and wildcard, DNS as its only source. */
import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import * as acme from 'acme-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaReady } from '../../sandbox/ca/config.ts';
import type { DnsReady } from '../../sandbox/dns/server.ts';
import { PartError, type SpawnedPart, spawnPart } from '../../sandbox/spawn.ts';

let dns: SpawnedPart<DnsReady>;
let ca: SpawnedPart<CaReady>;
let client: acme.Client;
let route53: Route53Client;

beforeAll(async () => {
  const insync = { minMs: 0, maxMs: 0 };
  dns = await spawnPart('dns', { zones: [{ id: 'Z1', name: 'example.com' }], insync });
  ca = await spawnPart('ca', { nameServers: dns.ready.nameServers, badNonce: 0.2, seed: 1 });
  acme.axios.defaults.httpsAgent = new Agent({ ca: ca.ready.tlsCaPem, keepAlive: true });
  route53 = new Route53Client({
    endpoint: dns.ready.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const accountKey = await acme.crypto.createPrivateEcdsaKey();
  client = new acme.Client({ directoryUrl: ca.ready.directory, accountKey, backoffMin: 10, backoffMax: 5_000 });
  await client.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:admin@example.com'] });
});
afterAll(async () => {
  acme.axios.defaults.httpsAgent.destroy();
  route53.destroy();
  await Promise.all([ca.close(), dns.close()]);
});

async function present(values: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const Changes = [...values].map(([Name, texts]) => ({
    Action: 'UPSERT' as const,
    ResourceRecordSet: {
      Name,
      Type: 'TXT' as const,
      TTL: 60,
      ResourceRecords: texts.map((text) => ({ Value: `"${text}"` })),
    },
  }));
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes } }));
}

async function issue(names: readonly string[]): Promise<string> {
  const order = await client.createOrder({ identifiers: names.map((value) => ({ type: 'dns', value })) });
  const values = new Map<string, string[]>();
  const challenges: acme.Authorization['challenges'] = [];
  for (const { identifier, challenges: offered } of await client.getAuthorizations(order)) {
    const challenge = offered.find((one) => one.type === 'dns-01');
    if (!challenge) throw new TypeError(`${identifier.value}: no dns-01 challenge`);
    const name = `_acme-challenge.${identifier.value}`;
    values.set(name, [...(values.get(name) ?? []), await client.getChallengeKeyAuthorization(challenge)]);
    challenges.push(challenge);
  }
  await present(values);
  await Promise.all(challenges.map((one) => client.completeChallenge(one)));
  await Promise.all(challenges.map((one) => client.waitForValidStatus(one)));
  const key = await acme.crypto.createPrivateEcdsaKey();
  const [, csr] = await acme.crypto.createCsr({ altNames: [...names] }, key);
  return client.getCertificate(await client.finalizeOrder(order, csr));
}

describe('the stock client', () => {
  test('gets a certificate for apex and wildcard, in spite of refused nonces', async () => {
    const chain = await issue(['example.com', '*.example.com']);
    const [leaf, intermediate, ...more] = acme.crypto.splitPemChain(chain).map((pem) => new X509Certificate(pem));
    const root = new X509Certificate(ca.ready.rootPem);
    expect(more).toEqual([]);
    expect(leaf?.subjectAltName).toBe('DNS:*.example.com, DNS:example.com');
    expect(leaf?.verify(intermediate?.publicKey ?? root.publicKey)).toBe(true);
    expect(intermediate?.toString()).toBe(new X509Certificate(ca.ready.intermediatePem).toString());
    expect(intermediate?.verify(root.publicKey)).toBe(true);
    const lifeSeconds = ((leaf?.validToDate.getTime() ?? 0) - (leaf?.validFromDate.getTime() ?? 0)) / 1_000;
    expect(lifeSeconds).toBe(90 * 86_400 - 1);
    expect(leaf?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  test('gets twenty at once, each with a serial of its own', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `n${n}.example.com`);
    const chains = await Promise.all(names.map((name) => issue([name])));
    const serials = chains.map((chain) => new X509Certificate(chain).serialNumber);
    expect(new Set(serials).size).toBe(20);
  });

  test('is refused what was not put into the zone', async () => {
    const order = await client.createOrder({ identifiers: [{ type: 'dns', value: 'absent.example.com' }] });
    const [authorization] = await client.getAuthorizations(order);
    const challenge = authorization?.challenges.find((one) => one.type === 'dns-01');
    if (!challenge) throw new TypeError('no dns-01 challenge');
    await client.completeChallenge(challenge);
    await expect(client.waitForValidStatus(challenge)).rejects.toThrow(
      'DNS problem: NXDOMAIN looking up TXT for _acme-challenge.absent.example.com - check that a DNS record exists for this domain',
    );
  });
});

describe('a part as a process', () => {
  test('ends when its parent lets go of it', async () => {
    const part = await spawnPart('dns', { zones: [], insync: { minMs: 0, maxMs: 0 } });
    expect(() => process.kill(part.pid, 0)).not.toThrow();
    await part.close();
    expect(() => process.kill(part.pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });

  test.each([
    ['of an unknown name', 'nobody', {}, /^part nobody: ended before it was ready: .*there is none of that name/s],
    ['of a wrong configuration', 'dns', { zones: 1 }, /^part dns: ended before it was ready: .*TypeError/s],
  ])('%s says why it does not start', async (_, name, config, message) => {
    const error = await spawnPart(name, config).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PartError);
    expect(error).toMatchObject({ name: 'PartError', message: expect.stringMatching(message) });
  });
});
