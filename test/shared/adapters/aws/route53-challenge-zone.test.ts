/** Challenges in Route 53: the contract, what is asked of Route 53 for it, and Route 53 when it is busy or says no. */
import { Resolver } from 'node:dns/promises';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { route53ChallengeZone } from '../../../../shared/adapters/aws/route53-challenge-zone.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import type { TxtKey } from '../../../../shared/contract/step.ts';
import { challengeZoneContract } from '../../../contracts/challenge-zone.ts';
import { type AwsWorld, openAws, timelessClock } from './world.ts';

const ZONES = [{ name: 'example.com', hostedZoneId: 'Z1' }];

async function make(Name: string, { type, ttl, values }: { type: 'TXT' | 'CNAME'; ttl: number; values: string[] }) {
  const client = new Route53Client({});
  const set = { Name, Type: type, TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) };
  const ChangeBatch = { Changes: [{ Action: 'CREATE' as const, ResourceRecordSet: set }] };
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch }));
  client.destroy();
}

challengeZoneContract('Route 53', async () => {
  const aws = await openAws();
  const zone = route53ChallengeZone({ zones: ZONES, clock: timelessClock() });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([aws.nameServer]);
  return {
    zone,
    zoneId: 'Z1',
    domain: 'example.com',
    content: () => aws.zone('Z1'),
    values: async (fqdn) => (await resolver.resolveTxt(fqdn)).map((texts) => texts.join('')),
    make,
    close: async () => {
      zone.close();
      await aws.close();
    },
  };
});

describe('Route 53', () => {
  let aws: AwsWorld;
  let clock: ReturnType<typeof timelessClock>;
  let zone: ReturnType<typeof route53ChallengeZone>;
  let seen: number;
  beforeAll(async () => {
    aws = await openAws();
  });
  beforeEach(async () => {
    clock = timelessClock();
    zone = route53ChallengeZone({ zones: ZONES, clock });
    seen = (await aws.requests('dns')).length;
  });
  afterEach(async () => {
    zone.close();
    await aws.mend();
  });
  afterAll(() => aws.close());

  const key = (label: string, value = 'v'): TxtKey => ({
    zoneId: 'Z1',
    fqdn: `_acme-challenge.${label}.example.com`,
    value,
  });

  test('is counted, each try of it', async () => {
    let asked = 0;
    const count = (): void => {
      asked += 1;
    };
    const counted = route53ChallengeZone({ zones: ZONES, clock, asked: count });
    await aws.fault({ kind: 'throttle', count: 1 }, 'dns');
    const { changeId = '' } = await counted.change('Z1', [key('counted')], []);
    await counted.inSync('Z1', changeId);
    counted.close();
    expect(asked).toBe((await aws.requests('dns')).length - seen);
    expect(asked).toBe(3);
  });
  const asked = async () => (await aws.requests('dns')).slice(seen).map(({ kind }) => kind);
  const problemOf = async (doing: Promise<unknown>) => {
    const error = await doing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    return (error as ProblemError).problem;
  };

  test('a hundred names are one request to add and one to remove, and nothing is looked at', async () => {
    const keys = Array.from({ length: 100 }, (_, n) => key(`n${n}`));
    await zone.change('Z1', keys, []);
    await zone.change('Z1', [], keys);
    expect(await asked()).toEqual(['ChangeResourceRecordSets', 'ChangeResourceRecordSets']);
  });

  test('only the name that is otherwise than thought is looked at', async () => {
    await make(key('theirs').fqdn, { type: 'TXT', ttl: 77, values: ['"x"'] });
    seen += 1;
    const keys = ['a', 'b', 'theirs', 'c'].map((label) => key(label));
    await zone.change('Z1', keys, []);
    expect(await asked()).toEqual(['ChangeResourceRecordSets', 'ListResourceRecordSets', 'ChangeResourceRecordSets']);
    expect(await aws.zone('Z1')).toContain('"ttl":77,"values":["\\"x\\"","\\"v\\""]');
    await zone.change('Z1', [], keys);
  });

  test('what is more than one request takes is split, and in sync when all of it is', async () => {
    const before = await aws.zone('Z1');
    const keys = Array.from({ length: 800 }, (_, n) => key(`m${n}`, 'x'.repeat(43)));
    const { changeId = '', refused } = await zone.change('Z1', keys, []);
    expect(refused).toEqual([]);
    expect(await asked()).toHaveLength(2);
    expect(await zone.inSync('Z1', changeId)).toBe(true);
    await zone.change('Z1', [], keys);
    expect(await aws.zone('Z1')).toBe(before);
  });

  test('a batch that gets too large by what others have there is halved', async () => {
    const values = Array.from({ length: 400 }, (_, n) => `"${n}"`);
    await make(key('full').fqdn, { type: 'TXT', ttl: 60, values });
    const before = await aws.zone('Z1');
    const keys = [key('full'), ...Array.from({ length: 300 }, (_, n) => key(`h${n}`))];
    expect((await zone.change('Z1', keys, [])).refused).toEqual([]);
    expect((await zone.change('Z1', [], keys)).refused).toEqual([]);
    expect(await aws.zone('Z1')).toBe(before);
  });

  test('a name that has sets with a routing policy is refused alone, and nothing of ours is there to remove', async () => {
    const client = new Route53Client({});
    const set = { Name: key('routed').fqdn, Type: 'TXT' as const, TTL: 60, ResourceRecords: [{ Value: '"x"' }] };
    const routed = { ...set, SetIdentifier: 'theirs', MultiValueAnswer: true };
    const ChangeBatch = { Changes: [{ Action: 'CREATE' as const, ResourceRecordSet: routed }] };
    await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch }));
    client.destroy();
    const { refused, changeId } = await zone.change('Z1', [key('routed'), key('plain')], []);
    expect(refused.map(({ entry }) => entry)).toEqual([key('routed')]);
    expect(refused[0]?.problem).toMatchObject({ type: 'aws:InvalidChangeBatch', retry: 'never' });
    expect(changeId).toEqual(expect.any(String));
    expect((await zone.change('Z1', [], [key('routed'), key('plain')])).refused).toEqual([]);
  });

  test.each(['throttle', 'prior-request'])('%s is waited out', async (kind) => {
    await aws.fault({ kind, count: 3 }, 'dns');
    expect((await zone.change('Z1', [key('busy')], [])).refused).toEqual([]);
    expect(clock.slept).toEqual([500, 1_000, 2_000]);
    await zone.change('Z1', [], [key('busy')]);
  });

  test('a zone that stays busy is given up after about 20 s, to be tried again', async () => {
    await aws.fault({ kind: 'prior-request' }, 'dns');
    const problem = await problemOf(zone.change('Z1', [key('busy')], []));
    expect(problem).toMatchObject({ type: 'aws:PriorRequestNotComplete', status: 400, retry: 'later' });
    const waited = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThan(15_000);
    expect(waited).toBeLessThan(25_000);
  });

  test('a right that is missing is named, and not waited for', async () => {
    await aws.fault({ kind: 'access-denied' }, 'dns');
    const problem = await problemOf(zone.change('Z1', [key('a')], []));
    expect(problem).toMatchObject({ type: 'aws:AccessDenied', status: 403, retry: 'never' });
    expect(problem.fix).toContain('allow route53:ChangeResourceRecordSets');
    expect(await problemOf(zone.inSync('Z1', 'C1'))).toMatchObject({
      fix: expect.stringContaining('route53:GetChange'),
    });
    expect(clock.slept).toEqual([]);
  });

  test('a change is in sync when Route 53 says so', async () => {
    await aws.fault({ kind: 'never-insync', count: 1 }, 'dns');
    const { changeId = '' } = await zone.change('Z1', [key('slow')], []);
    expect(await zone.inSync('Z1', changeId)).toBe(false);
    const removed = await zone.change('Z1', [], [key('slow')]);
    expect(await zone.inSync('Z1', removed.changeId ?? '')).toBe(true);
  });

  test('a zone of another account is changed with the role of its line, taken once', async () => {
    const roleArn = 'arn:aws:iam::222222222222:role/nolapse-acme-dns';
    const other = route53ChallengeZone({
      zones: [{ ...ZONES[0], name: 'example.com', hostedZoneId: 'Z1', roleArn }],
      clock,
    });
    const before = (await aws.requests()).length;
    await other.change('Z1', [key('role')], []);
    await other.change('Z1', [], [key('role')]);
    other.close();
    const [assumed, ...changes] = (await aws.requests()).slice(before);
    expect(assumed).toMatchObject({ kind: 'sts AssumeRole', user: 'test' });
    expect(changes.map(({ user }) => user?.slice(0, 4))).toEqual(['ASIA', 'ASIA']);
  });

  test('a role that may not be taken is named', async () => {
    const roleArn = 'arn:aws:iam::222222222222:role/nolapse-acme-dns';
    const other = route53ChallengeZone({ zones: [{ name: 'example.com', hostedZoneId: 'Z1', roleArn }], clock });
    await aws.fault({ kind: 'access-denied', service: 'sts' });
    const problem = await problemOf(other.change('Z1', [key('role')], []));
    other.close();
    expect(problem).toMatchObject({ type: 'aws:AccessDenied', retry: 'never' });
    expect(problem.fix).toContain('sts:AssumeRole');
  });
});
