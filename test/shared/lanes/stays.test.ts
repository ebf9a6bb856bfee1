/** What stays of a fleet that was left, and what it costs: accounts of every issuer that has one, kept keys, secrets of the store. */
import { expect, test } from 'vitest';
import type { Issuer } from '../../../shared/contract/fleet.ts';
import { rows } from '../../../shared/contract/records.ts';
import { staysOf } from '../../../shared/lanes/stays.ts';
import { acmeIssuer, at, DAY, facts, issuance } from '../stages/assess/judged-things.ts';
import { cluster, fleet } from '../stages/assess/wishes-of-shop.ts';
import { openRecords } from '../stages/issue/scripted.ts';

const account = (directory: string, url?: string) =>
  rows.account({ directory, sealedKey: 'sealed', contact: [], termsAgreedAt: at(0), ...(url ? { url } : {}) }, 0);
const found: Issuer = { ...acmeIssuer('https://ca.found/dir'), id: 'prod/found', name: 'found', source: 'prod' };

test('accounts, keys and secrets, each with where it is and its price', async () => {
  const records = openRecords();
  const own = acmeIssuer('https://ca.own/dir');
  const never = { ...acmeIssuer('https://ca.never/dir'), name: 'never' };
  for (const row of [
    account('https://ca.own/dir', 'https://ca.own/1'),
    account('https://ca.found/dir', 'https://ca.found/2'),
  ])
    await records.put(row);
  await records.put(account('https://ca.never/dir'));
  await records.put(rows.issuer({ issuer: found, seenAt: at(0) }, 0));
  const kept = issuance('a', facts(DAY));
  const current = kept.current && { ...kept.current, sealedKey: 'sealed' };
  await records.put(rows.issuance({ ...kept, ...(current ? { current } : {}) }, 0));
  await records.put(rows.issuance(issuance('b', facts(DAY)), 0));
  const ports = { records, fleet: fleet({ clusters: [cluster('prod')], issuers: [own, never] }), keeps: [] };
  const stays = await staysOf(ports, ['prod/shop/a', 'secretsmanager/certs/a', 'secretsmanager.eu-west-1/certs/b']);
  expect(stays.map(({ what, where, usdAMonth }) => [what, where, usdAMonth])).toEqual([
    ['sealed private key', 'in the state', 0],
    ['account at ca.own', 'https://ca.own/1', 0],
    ['account at ca.found', 'https://ca.found/2', 0],
    ['secret in Secrets Manager', 'secretsmanager/certs/a', 0.4],
    ['secret in Secrets Manager', 'secretsmanager.eu-west-1/certs/b', 0.4],
  ]);
  expect(stays.at(-1)?.remove).toBe('aws secretsmanager delete-secret --secret-id certs/b --region eu-west-1');
});
