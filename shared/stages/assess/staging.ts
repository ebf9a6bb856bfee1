/** Which certificates were issued by a CA that nobody trusts on purpose, and whether that is what was asked for. */
import type { Facts } from '../../contract/certificate.ts';
import type { Issuer } from '../../contract/fleet.ts';
import type { Issued } from '../../contract/rows.ts';
import { isPublicCa } from '../../standards/acme/public-ca.ts';

export type TestCa = "Let's Encrypt staging" | 'Pebble';

/** Issuer names of https://letsencrypt.org/docs/staging-environment/ (those before 2021 were called Fake LE) and of Pebble. */
export function testCaOf({ issuer }: Facts): TestCa | undefined {
  if (/\(STAGING\)|\bFake LE\b/i.test(issuer)) return "Let's Encrypt staging";
  return /\bPebble (Intermediate|Root) CA\b/i.test(issuer) ? 'Pebble' : undefined;
}

/**
 * Whether what the test CA issued is not what the issuer would issue. An issuer that is not known is judged by what it issued last;
 * a directory of nobody we know may be a test CA on purpose, but is never Let's Encrypt's.
 */
export function isStray(ca: TestCa, issuer: Issuer | undefined, current: Issued | undefined): boolean {
  if (!issuer) return current?.origin === 'issued' && testCaOf(current.facts) !== ca;
  if (issuer.spec.type !== 'acme') return true;
  const host = URL.parse(issuer.spec.server)?.hostname ?? '';
  if (/staging|test/i.test(host)) return ca === 'Pebble';
  return isPublicCa(issuer.spec.server) || ca !== 'Pebble';
}
