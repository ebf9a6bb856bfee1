/** Certificates of a test CA in places of our plan: stray only where the issuer would not issue them. */
import { expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import { judgeFleet, judgeSource } from '../../../../shared/stages/assess/judge.ts';
import {
  acmeIssuer,
  brief,
  byId,
  byPlace,
  DAY,
  destination,
  facts,
  issuance,
  NOW,
  observed,
  source,
  wanted,
} from './judged-things.ts';

function judged(issued: Facts, have: Facts, server: string | undefined) {
  const rows = { issuances: byId(issuance('web', issued)), destinations: byPlace(destination('web', have)) };
  const asked = { wanted: [wanted('web')], issuers: server ? [acmeIssuer(server)] : [], ...rows };
  const { verdicts } = judgeSource(source({ ...asked, observations: [observed('web', have)] }), NOW);
  expect(judgeFleet(asked, NOW).verdicts).toEqual(verdicts);
  return verdicts;
}

const staging = facts(60 * DAY, { issuer: 'CN=(STAGING) Ersatz Edamame E1' });
const pebble = facts(60 * DAY, { issuer: 'CN=Pebble Intermediate CA 0a1b2c' });
const PRODUCTION = 'https://acme-v02.api.letsencrypt.org/directory';
test.each([
  ['staging, of the production directory', staging, staging, PRODUCTION, true],
  [
    'staging, of the staging directory',
    staging,
    staging,
    'https://acme-staging-v02.api.letsencrypt.org/directory',
    false,
  ],
  ['staging, of a directory of our own', staging, staging, 'https://ca.internal/dir', true],
  ['Pebble, of a directory of our own', pebble, pebble, 'https://127.0.0.1:14000/dir', false],
  ['Pebble, of the production directory', pebble, pebble, PRODUCTION, true],
  ['staging, of an unknown issuer that issued it', staging, staging, undefined, false],
  ['staging, of an unknown issuer that issued another', staging, facts(61 * DAY), undefined, true],
  ['a production one', facts(60 * DAY), facts(60 * DAY), PRODUCTION, false],
])('holds %s', (_, have, issued, server, isStray) => {
  const verdicts = judged(issued, have, server);
  expect(brief(verdicts)).toEqual(isStray ? ['staging-in-production high Secret/web'] : []);
  for (const { fix } of verdicts) expect(fix).toContain('nolapse renew prod/shop/web --force');
});
