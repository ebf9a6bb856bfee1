/** The list of public hosted zones, by a profile of the AWS settings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { publicZones } from '../../../../shared/adapters/aws/hosted-zones.ts';
import { problemThrown } from '../local/thrown.ts';
import { type AwsWorld, openAws } from './world.ts';

/** More than Route 53 says at once. */
const MANY = Array.from({ length: 120 }, (_, n) => ({ id: `ZN${n}`, name: `n${n}.example.net` }));
let aws: AwsWorld;
let folder: string;

beforeAll(async () => {
  const zones = [
    { id: 'Z1', name: 'Example.com.' },
    { id: 'Z2', name: 'example.com' },
    { id: 'Z3', name: 'internal.example.com', isPrivate: true },
    ...MANY,
  ];
  aws = await openAws({ zones });
  folder = mkdtempSync(join(tmpdir(), 'nolapse-profile-'));
  const profile = ['[profile dns]', 'region = eu-west-1', 'aws_access_key_id = a', 'aws_secret_access_key = b'];
  writeFileSync(join(folder, 'config'), profile.join('\n'));
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

test('all public zones are told, page by page, a name as often as it is there', async () => {
  const zones = await publicZones('dns');
  expect(zones.slice(0, 2)).toEqual([
    { name: 'example.com', hostedZoneId: 'Z1' },
    { name: 'example.com', hostedZoneId: 'Z2' },
  ]);
  expect(zones.map(({ hostedZoneId }) => hostedZoneId).sort()).toEqual(
    ['Z1', 'Z2', ...MANY.map(({ id }) => id)].sort(),
  );
});

test('a profile that is not there is named, although the environment has keys', async () => {
  const { detail, fix } = await problemThrown(() => publicZones('dsn'));
  expect(detail).toContain('listing hosted zones with the AWS profile dsn: ');
  expect(fix).toBe('name a profile of aws configure list-profiles that has credentials and a region');
});

test('a right that is missing is named', async () => {
  await aws.fault({ kind: 'access-denied' }, 'dns');
  const { type, fix } = await problemThrown(() => publicZones('dns'));
  await aws.mend();
  expect(type).toBe('aws:AccessDenied');
  expect(fix).toMatch(/^allow route53:ListHostedZones/);
});
