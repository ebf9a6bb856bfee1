/** The story of one certificate: in order, whole, and without anything sealed. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../cli/explain.ts';
import { widthOf } from '../../cli/output/words.ts';
import type { Probe } from '../../shared/contract/probe.ts';
import { rows } from '../../shared/contract/records.ts';
import type { Destination, Issuance } from '../../shared/contract/rows.ts';
import { certificateRows, ID, prepared } from './prepared.ts';
import { finding, happened, NOW, paper } from './values.ts';

const at = NOW.toISOString();
const failing: Partial<Issuance> = {
  due: { reason: 'Renewing', message: 'its renewal time has passed', since: at },
  attempt: {
    id: 'a1',
    startedAt: at,
    deadline: '2026-11-25T09:00:00.000Z',
    pickups: 1,
    step: { at: 'finalizing', orderUrl: 'https://ca.example/order/1' },
    csr: 'CSR-TEXT',
    sealedKey: 'SEALED-TEXT',
  },
  failure: {
    stage: 'issue',
    count: 3,
    firstAt: '2026-11-23T09:00:00.000Z',
    lastAt: at,
    retryAt: '2026-11-24T10:40:00.000Z',
    problem: {
      type: 'urn:ietf:params:acme:error:compound',
      detail: 'two names were refused',
      retry: 'later',
      subproblems: [
        { type: 'urn:x:dns', detail: 'no TXT found', identifier: { type: 'dns', value: 'shop.example.com' } },
        { type: 'urn:x:caa', detail: 'CAA forbids', identifier: { type: 'dns', value: '*.shop.example.com' } },
      ],
    },
  },
};
const destination: Destination = {
  place: ID,
  issuance: 'one',
  certificate: ID,
  adopt: false,
  ownership: { is: 'ours' },
  have: { version: '7', annotations: {}, problem: { code: 'bad-key', detail: 'tls.key is no key' } },
};
const WITHIN = { notBefore: '2026-11-20T09:00:00.000Z', notAfter: '2026-11-26T09:00:00.000Z' };
const probe: Probe = {
  ...{ certificate: ID, endpoint: 'shop.example.com:443', issuance: 'one' },
  awaited: { sha256: 'ab', serial: '04cd', ...WITHIN, since: '2026-11-24T08:00:00.000Z' },
  seen: {
    at: '2026-11-24T08:30:00.000Z',
    addresses: [
      { address: '10.0.0.1', shows: 'awaited', leaf: { serial: '04cd', ...WITHIN, issuer: 'CN=CA' } },
      { address: '10.0.0.2', shows: 'another', leaf: { serial: '03ab', ...WITHIN, issuer: 'CN=CA' } },
      { address: '2001:db8::1', shows: 'unseen', why: 'there is no way to it' },
    ],
  },
};
const given = [
  ...certificateRows(failing),
  rows.destination(destination, 0),
  rows.probe(probe, 0),
  rows.event(happened('order-created'), '00000001'),
  rows.event({ ...happened('in-sync'), at: '2026-11-24T09:01:00.000Z' }, '00000002'),
];

describe('explain', () => {
  test('tells wanted, issuer, current, renewal, attempt, failure, place, findings and events in this order', async () => {
    const session = await prepared({ rows: given, local: { findings: async () => [finding()] } });
    const lines = (await explain('shop-tls')(session)).lines(paper());
    expect(lines.filter((line) => /^[A-Z]/.test(line))).toEqual([
      'Wanted',
      'Issuer',
      'Current',
      'Renewal',
      'Attempt',
      'Failure',
      `Place ${ID}`,
      'Endpoint shop.example.com:443',
      'Findings',
      'Last events',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        '  ClusterIssuer letsencrypt, not found',
        '  rule: when a third of its life is left',
        '  due: Renewing: its renewal time has passed (since 2026-11-24 09:00 UTC)',
        '  step: finalizing',
        '  order: https://ca.example/order/1',
        '  and: shop.example.com: no TXT found (urn:x:dns)',
        '  and: *.shop.example.com: CAA forbids (urn:x:caa)',
        '  retry: in 100 minutes (2026-11-24 10:40 UTC)',
        '  holds: no readable certificate: tls.key is no key',
        '  awaited: serial 04cd, since 60 minutes ago (2026-11-24 08:00 UTC)',
        '  looked: 30 minutes ago (2026-11-24 08:30 UTC)',
        '  10.0.0.1: serves it',
        '  10.0.0.2: serves another one: serial 03ab, until in 2 days (2026-11-26 09:00',
        '  2001:db8::1: is not seen from here (there is no way to it)',
        '  2026-11-24 09:00 UTC: order created',
        '  2026-11-24 09:01 UTC: served by every name server',
      ]),
    );
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  test('shows no sealed key and no CSR, and keeps the problem whole', async () => {
    const session = await prepared({ rows: given });
    const { document, lines } = await explain(ID)(session);
    const all = JSON.stringify(document) + lines(paper()).join('\n');
    expect(all).not.toMatch(/SEALED-TEXT|CSR-TEXT/);
    expect(document).toMatchObject({
      id: ID,
      issuance: { attempt: { step: { at: 'finalizing' } }, failure: { problem: failing.failure?.problem } },
      destinations: [{ place: ID }],
      endpoints: [{ endpoint: 'shop.example.com:443', awaited: { serial: '04cd' } }],
      events: [{ what: 'order-created' }, { what: 'in-sync' }],
    });
  });

  test('tells of a certificate that was only found', async () => {
    const session = await prepared({ rows: [] });
    const lines = (await explain(ID)(session)).lines(paper());
    expect(lines).toContain('  nobody asks for it: it was only found');
    expect(lines).toContain('  until: in 2 days (2026-11-26 09:00 UTC)');
  });

  test('keeps the last twenty events', async () => {
    const many = Array.from({ length: 30 }, (_, i) => rows.event(happened(`event-${i}`), String(i).padStart(8, '0')));
    const session = await prepared({ rows: many });
    const { document } = await explain(ID)(session);
    expect(document).toHaveProperty('events.length', 20);
    expect(document).toHaveProperty('events.19.what', 'event-29');
  });
});
