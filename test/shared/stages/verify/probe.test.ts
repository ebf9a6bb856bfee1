/** One look at one endpoint: what is answered where nobody can be asked. */
import { expect, test } from 'vitest';
import { probe } from '../../../../shared/stages/verify/probe.ts';

const awaited = { sha256: 'a', serial: '1', notBefore: '', notAfter: '', since: '' };

test('an endpoint that is none any more is a problem of its own, and asks nobody', async () => {
  const nobody = () => Promise.reject(new Error('somebody was asked'));
  const now = () => new Date('2026-11-29T12:00:00Z');
  const probed = await probe({ endpoint: 'shop', awaited }, { addressesOf: nobody, shake: nobody }, now);
  expect(probed).toMatchObject({ addresses: [], problem: { type: 'nolapse:not-an-endpoint', retry: 'never' } });
});
