/** The Route 53 API through the real AWS SDK, and that the name servers follow it. */
import { Resolver } from 'node:dns/promises';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterEach, describe, expect, test } from 'vitest';
import { type DnsConfig, startDns } from '../../sandbox/dns/server.ts';
import { parseXml, renderXml } from '../../sandbox/route53/xml.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const name = '_acme-challenge.example.com';
const txt = (Action: 'CREATE' | 'DELETE' | 'UPSERT', values: readonly string[], Name = name): Change => ({
  Action,
  ResourceRecordSet: { Name, Type: 'TXT', TTL: 60, ResourceRecords: values.map((Value) => ({ Value })) },
});

async function start(config: Partial<DnsConfig> = {}) {
  const zones = [
    { id: 'Z1', name: 'example.com' },
    { id: 'Z2', name: 'example.org' },
  ];
  const dns = await startDns({ zones, insync: { minMs: 0, maxMs: 0 }, ...config });
  const client = new Route53Client({
    endpoint: dns.ready.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  open.push(dns, { close: async () => client.destroy() });
  const change = (Changes: Change[], HostedZoneId = 'Z1') =>
    client.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes, Comment: 'a <b> & "c"' } }),
    );
  const status = async (Id: string | undefined) => (await client.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status;
  const fault = (body: unknown) =>
    fetch(`${dns.ready.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(body) });
  const resolve = async (server: number) => {
    const resolver = new Resolver({ timeout: 30_000, tries: 1 });
    resolver.setServers([dns.ready.nameServers[server] ?? '']);
    return resolver.resolveTxt(name).catch((error: { code: string }) => error.code);
  };
  const read = async (path: string): Promise<unknown> => (await fetch(dns.ready.url + path)).json();
  const calm = () => fetch(`${dns.ready.url}/_sandbox/faults`, { method: 'DELETE' });
  return { dns, client, change, status, fault, calm, resolve, read };
}

describe('a change', () => {
  test('is PENDING and served nowhere before its time', async () => {
    const { change, status, resolve } = await start({ insync: { minMs: 60_000, maxMs: 90_000 } });
    const { ChangeInfo } = await change([txt('CREATE', ['"a"'])]);
    expect(ChangeInfo).toMatchObject({ Status: 'PENDING', Comment: 'a <b> & "c"' });
    expect(await status(ChangeInfo?.Id)).toBe('PENDING');
    expect([await resolve(0), await resolve(1)]).toEqual(['ENOTFOUND', 'ENOTFOUND']);
  });

  test('is INSYNC only when both servers serve it', async () => {
    const { change, status, resolve } = await start({ insync: { minMs: 20, maxMs: 120 } });
    const { ChangeInfo } = await change([txt('CREATE', ['"a"', '"b"'])]);
    await expect.poll(() => status(ChangeInfo?.Id), { interval: 5 }).toBe('INSYNC');
    expect([await resolve(0), await resolve(1)]).toEqual([
      [['a'], ['b']],
      [['a'], ['b']],
    ]);
  });

  test('has an id of its own, and an unknown id is NoSuchChange', async () => {
    const { change, status } = await start();
    const ids = [await change([txt('CREATE', ['"a"'])]), await change([txt('DELETE', ['"a"'])])];
    expect(new Set(ids.map((one) => one.ChangeInfo?.Id)).size).toBe(2);
    await expect(status('CUNKNOWN')).rejects.toMatchObject({
      name: 'NoSuchChange',
      message: 'Could not find resource with ID: CUNKNOWN',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('that fails in one part leaves the zone as it was, byte for byte', async () => {
    const { change, read } = await start();
    await change([txt('CREATE', ['"foreign"'])]);
    const before = JSON.stringify(await read('/_sandbox/zone/Z1'));
    await expect(change([txt('CREATE', ['"x"'], 'new.example.com'), txt('CREATE', ['"x"'])])).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message:
        "[Tried to create resource record set [name='_acme-challenge.example.com.', type='TXT'] but it already exists]",
      $metadata: { httpStatusCode: 400 },
    });
    expect(JSON.stringify(await read('/_sandbox/zone/Z1'))).toBe(before);
  });

  test('that was undone leaves the zone as it was, byte for byte', async () => {
    const { change, read } = await start();
    const before = await read('/_sandbox/zone/Z1');
    await change([txt('UPSERT', ['"a"'])]);
    expect(await read('/_sandbox/zone/Z1')).not.toEqual(before);
    await change([txt('DELETE', ['"a"'])]);
    expect(await read('/_sandbox/zone/Z1')).toEqual(before);
  });

  test.each([
    ['an unknown zone', [txt('CREATE', ['"a"'])], 'ZNONE', 'NoSuchHostedZone', 'No hosted zone found with ID: ZNONE'],
    ['no change at all', [], 'Z1', 'InvalidInput', "Invalid XML ; The content of element 'Changes' is not complete."],
    [
      'a type that is not held',
      [{ Action: 'CREATE', ResourceRecordSet: { Name: name, Type: 'PTR', TTL: 1, ResourceRecords: [{ Value: 'a' }] } }],
      'Z1',
      'InvalidInput',
      'The sandbox does not hold record sets of type PTR',
    ],
    [
      'a set without TTL',
      [{ Action: 'CREATE', ResourceRecordSet: { Name: name, Type: 'TXT', ResourceRecords: [{ Value: '"a"' }] } }],
      'Z1',
      'InvalidInput',
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=_acme-challenge.example.com, Type=TXT, SetIdentifier=null]',
    ],
  ] as const)('with %s is refused', async (_, changes, zone, code, message) => {
    const { change } = await start();
    await expect(change([...changes] as Change[], zone)).rejects.toMatchObject({ name: code, message });
  });
});

describe('lists', () => {
  test('pages of sets follow Route 53’s order and encoding from where they start', async () => {
    const { client, change } = await start();
    await change(['b', '*', 'a.b', '_acme-challenge'].map((label) => txt('CREATE', ['"x"'], `${label}.example.com`)));
    const names: string[] = [];
    let from: { StartRecordName?: string; StartRecordType?: 'TXT' } = {};
    for (let page = 1; ; page += 1) {
      const answer = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1', MaxItems: 4, ...from }));
      names.push(...(answer.ResourceRecordSets ?? []).map((set) => `${page} ${set.Name} ${set.Type}`));
      if (!answer.IsTruncated) break;
      from = { StartRecordName: answer.NextRecordName ?? '', StartRecordType: answer.NextRecordType as 'TXT' };
    }
    expect(names).toEqual([
      '1 example.com. NS',
      '1 example.com. SOA',
      '1 \\052.example.com. TXT',
      '1 _acme-challenge.example.com. TXT',
      '2 b.example.com. TXT',
      '2 a.b.example.com. TXT',
    ]);
    const one = { HostedZoneId: 'Z1', StartRecordName: name, StartRecordType: 'TXT' as const, MaxItems: 1 };
    const { ResourceRecordSets } = await client.send(new ListResourceRecordSetsCommand(one));
    expect(ResourceRecordSets).toEqual([
      { Name: `${name}.`, Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"x"' }] },
    ]);
  });

  test('zones by name start at the name, and a zone tells its name servers', async () => {
    const { client } = await start();
    const list = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'example.org', MaxItems: 1 }));
    expect(list.HostedZones?.map((zone) => [zone.Id, zone.Name])).toEqual([['/hostedzone/Z2', 'example.org.']]);
    const first = await client.send(new ListHostedZonesByNameCommand({ MaxItems: 1 }));
    expect([first.IsTruncated, first.NextDNSName, first.NextHostedZoneId]).toEqual([true, 'example.org.', 'Z2']);
    const zone = await client.send(new GetHostedZoneCommand({ Id: 'Z1' }));
    expect(zone.DelegationSet?.NameServers).toEqual(['ns-1.name-servers.test', 'ns-2.name-servers.test']);
  });
});

describe('refusals on demand', () => {
  test.each([
    ['throttle', 'Throttling', 'Rate exceeded', 400],
    [
      'prior-request',
      'PriorRequestNotComplete',
      'The request was rejected because Route 53 was still processing a prior request.',
      400,
    ],
    [
      'access-denied',
      'AccessDenied',
      'User: arn:aws:iam::111111111111:user/sandbox is not authorized to perform: route53:ChangeResourceRecordSets because no identity-based policy allows the route53:ChangeResourceRecordSets action',
      403,
    ],
  ])('%s strikes as often as it was told', async (kind, code, message, httpStatusCode) => {
    const { change, fault } = await start();
    await fault({ kind, count: 1 });
    await expect(change([txt('UPSERT', ['"a"'])])).rejects.toMatchObject({
      name: code,
      message,
      $metadata: { httpStatusCode },
    });
    expect((await change([txt('UPSERT', ['"a"'])])).ChangeInfo?.Status).toBe('PENDING');
  });

  test('a change that never gets INSYNC is served all the same, and gets there once the fault is over', async () => {
    const { change, calm, fault, status, resolve } = await start();
    await fault({ kind: 'never-insync', count: 1 });
    const { ChangeInfo } = await change([txt('UPSERT', ['"a"'])]);
    expect([await resolve(0), await status(ChangeInfo?.Id)]).toEqual([[['a']], 'PENDING']);
    const next = await change([txt('UPSERT', ['"b"'])]);
    expect(await status(next.ChangeInfo?.Id)).toBe('INSYNC');
    await calm();
    expect(await status(ChangeInfo?.Id)).toBe('INSYNC');
  });

  test('an answer of any kind is given once, and the log tells all requests', async () => {
    const { change, fault, read } = await start();
    await fault({ kind: 'answer', path: '/rrset', status: 503, body: 'busy', count: 1 });
    await expect(change([txt('UPSERT', ['"a"'])])).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    await change([txt('UPSERT', ['"a"'])]);
    expect(await read('/_sandbox/requests')).toMatchObject([
      { method: 'POST', kind: 'answered by a fault' },
      { method: 'POST', kind: 'ChangeResourceRecordSets', names: [name] },
    ]);
  });

  test('a fault of an unknown kind is refused with those that there are', async () => {
    const { fault } = await start();
    const answer = await fault({ kind: 'earthquake' });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      {
        error:
          'a fault has one of the kinds answer, throttle, access-denied, never-insync, prior-request, dns-down, lame, misdelegated',
      },
    ]);
  });

  test('with throttling on, a burst is cut off after 50 requests', async () => {
    const { client } = await start({ throttle: true });
    const ask = () =>
      client.send(new GetHostedZoneCommand({ Id: 'Z1' })).then(
        () => 'ok',
        (error: Error) => error.name,
      );
    const answers = await Promise.all(Array.from({ length: 100 }, ask));
    expect(answers).toContain('Throttling');
    expect(answers.filter((one) => one === 'ok').length).toBeGreaterThanOrEqual(50);
  });

  test('an unsigned request is not answered', async () => {
    const { dns } = await start();
    const answer = await fetch(`${dns.ready.url}/2013-04-01/hostedzone/Z1`);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
  });
});

describe('XML', () => {
  test('what is rendered is read again', () => {
    const text = renderXml('A', { B: ['1', '<&">'], C: { D: true }, E: undefined });
    const [b, second, c] = parseXml(text).children;
    expect([b?.text, second?.text, c?.children[0]?.text]).toEqual(['1', '<&">', 'true']);
  });

  test.each([
    ['an open element', '<a><b></b>', '<a> is not closed'],
    ['a wrong end', '<a></b>', '</b> closes <a>'],
    ['no element', 'text', 'there is no element'],
    ['a broken tag', '<a><1></a>', '</a> closes <1>'],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ name: 'XmlError', message }));
  });
});
