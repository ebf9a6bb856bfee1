/** A hosted zone looked at: what it is, whether it may be changed, and that it stays as it was. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Route53Look, route53Look } from '../../../../shared/adapters/aws/route53-look.ts';
import { type AwsWorld, openAws } from './world.ts';

const ZONE = { name: 'example.com', hostedZoneId: 'Z1' };
const FQDN = '_acme-challenge.example.com';
const SETS = [
  { name: 'example.com.', type: 'A', ttl: 60, values: ['192.0.2.1'] },
  { name: `${FQDN}.`, type: 'TXT', ttl: 60, values: ['"theirs"'] },
] as const;

let aws: AwsWorld;
let look: Route53Look;
beforeAll(async () => {
  aws = await openAws({ zones: [{ id: 'Z1', name: 'Example.com', sets: SETS }] });
  look = route53Look();
});
afterEach(() => aws.mend());
afterAll(async () => {
  look.close();
  await aws.close();
});

describe('route53Look', () => {
  test('reads the name and the name servers of a hosted zone', async () => {
    expect(await look.content(ZONE)).toEqual({
      name: 'example.com',
      nameServers: ['ns-1.name-servers.test', 'ns-2.name-servers.test'],
    });
    await expect(look.content({ ...ZONE, hostedZoneId: 'Z9' })).rejects.toMatchObject({
      problem: { type: 'aws:NoSuchHostedZone', fix: expect.stringContaining('correct hostedZoneId') },
    });
  });

  test('proves that values may be written by a change that is refused, beside values of others', async () => {
    const before = await aws.zone('Z1');
    for (const name of [FQDN, `_acme-challenge.shop.${ZONE.name}`]) await look.mayChange(ZONE, name);
    expect(await aws.zone('Z1')).toBe(before);
    const asked = (await aws.requests('dns')).filter(({ kind }) => kind === 'ChangeResourceRecordSets');
    expect(asked).toHaveLength(2);
  });

  test('says what is missing where they may not', async () => {
    await aws.fault({ kind: 'access-denied', operation: 'ChangeResourceRecordSets' }, 'dns');
    await expect(look.mayChange(ZONE, FQDN)).rejects.toMatchObject({
      problem: { type: 'aws:AccessDenied', fix: expect.stringContaining('allow route53:ChangeResourceRecordSets') },
    });
  });
});
