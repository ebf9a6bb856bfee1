/** What is said of a place before anything is done there: by the decision of the delivery itself, and by the marks that it writes. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { Ownership } from '../../../../shared/contract/observation.ts';
import { bundleOf } from '../../../../shared/stages/deliver/bundle.ts';
import { type ForeseenInput, foreseen } from '../../../../shared/stages/deliver/foreseen.ts';
import { DAY, destination, facts, issuance, wanted } from '../assess/judged-things.ts';

const OLD = facts(10 * DAY, { serial: '02', sha256: '02'.repeat(32), dnsNames: ['old.example.com'] });
const CURRENT = facts(60 * DAY, { serial: '01', sha256: '01'.repeat(32) });
const US = { fleet: 'acme', installation: 'i1' };
const see = (more: Partial<ForeseenInput> = {}) =>
  foreseen({
    ...{ destination: destination('a'), wanted: wanted('a'), issuance: issuance('a', CURRENT), isOrdered: false },
    ...{ hasCa: false, ...US, ...more },
  });
const KUBECTL: Ownership = { is: 'adoptable', by: 'kubectl' };
const OTHER: Ownership = { is: 'other-installation', installation: 'i2' };

describe('what is done', () => {
  test.each([
    ['nothing is there', { is: 'absent' }, undefined, false, 'create'],
    ['an older one of ours', { is: 'ours' }, OLD, false, 'replace'],
    ['the very one', { is: 'ours' }, CURRENT, false, 'keep'],
    ['of an owner', { is: 'owned', owner: 'Helm' }, OLD, true, 'refused'],
    ['immutable', { is: 'unwritable', why: 'it is immutable' }, OLD, true, 'refused'],
    ['made by hand', KUBECTL, OLD, false, 'adopt-first'],
    ['made by hand, with consent', KUBECTL, OLD, true, 'take-over'],
    ['of another installation', OTHER, OLD, false, 'adopt-first'],
    ['of another installation, with consent', OTHER, OLD, true, 'take-over'],
    ['never looked at', { is: 'unknown' }, undefined, false, 'unknown'],
  ] as const)('%s', (_what, ownership, have, adopt, delivery) => {
    const seen = see({ destination: destination('a', have, { ownership, adopt }) });
    expect(seen).toMatchObject({ ownership, delivery });
    expect(seen.refusal !== undefined).toBe(delivery === 'refused' || delivery === 'adopt-first');
    expect(seen.adopting !== undefined).toBe(ownership === KUBECTL || ownership === OTHER);
  });

  test('the very one is replaced where another one is ordered', () => {
    const seen = see({ destination: destination('a', CURRENT), isOrdered: true });
    expect(seen).toMatchObject({ delivery: 'replace', have: { serial: '01' }, want: { names: ['shop.example.com'] } });
    expect(seen.want).not.toHaveProperty('serial');
  });

  test('an order for a place that is refused is refused', () => {
    const owned = destination('a', CURRENT, { ownership: { is: 'owned', owner: 'Helm' } });
    expect(see({ destination: owned, isOrdered: true })).toMatchObject({ delivery: 'refused' });
  });
});

test('what is there and what comes are told by serial and names, also where only marks can be read', () => {
  const old = see({ destination: destination('a', OLD) });
  expect([old.have, old.want]).toEqual([
    { serial: '02', names: ['old.example.com'] },
    { serial: '01', names: ['shop.example.com'] },
  ]);
  const marked = { version: '1', annotations: { [MARK.serial]: '07' } };
  expect(see({ destination: destination('a', undefined, { have: marked }) }).have).toEqual({ serial: '07' });
  expect(see().have).toBeUndefined();
});

describe('what adopting changes', () => {
  const adoptable = (annotations: Record<string, string> = {}, place?: string) =>
    destination('a', OLD, {
      ...{ ownership: KUBECTL, have: { facts: OLD, version: '1', annotations } },
      ...(place ? { place } : {}),
    });
  const plainKey = Buffer.from(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const { current } = issuance('a', CURRENT);
  if (!current) throw new Error('nothing was issued');
  const written = bundleOf({ current, wanted: wanted('a'), issuance: 'iss-a', ...US, plainKey });

  test('is what the bundle writes, in an order as in a delivery', () => {
    for (const isOrdered of [false, true])
      expect(see({ destination: adoptable(), isOrdered }).adopting).toEqual({
        labels: Object.keys(written.labels),
        annotations: Object.keys(written.annotations),
        keys: ['tls.crt', 'tls.key'],
      });
  });

  test('is not what is there already; what is not known yet always counts', () => {
    expect(see({ destination: adoptable(written.annotations) }).adopting?.annotations).toEqual([]);
    const ordered = see({ destination: adoptable(written.annotations), isOrdered: true });
    expect(ordered.adopting?.annotations).toEqual([MARK.sha256, MARK.serial, MARK.notBefore, MARK.notAfter]);
  });

  test('has the CA certificate where the issuer has one', () => {
    expect(see({ destination: adoptable(), hasCa: true }).adopting?.keys).toEqual(['tls.crt', 'tls.key', 'ca.crt']);
    const withCa = issuance('a', CURRENT, { current: { ...current, caPem: 'pem' } });
    expect(see({ destination: adoptable(), issuance: withCa }).adopting?.keys).toContain('ca.crt');
  });

  test('in Secrets Manager is our tags and the whole value', () => {
    const seen = see({ destination: adoptable({}, 'secretsmanager/certs/shop') });
    expect(seen.adopting).toEqual({ labels: [], annotations: Object.values(MARK), keys: ['*'] });
  });
});

test('no key is ever said', () => {
  const sealed = issuance('a', CURRENT);
  const current = sealed.current && { ...sealed.current, sealedKey: 'SEALED' };
  const text = JSON.stringify(see({ issuance: { ...sealed, ...(current ? { current } : {}) } }));
  expect(text).not.toContain('SEALED');
});
