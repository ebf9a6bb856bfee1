/** The documents of -o json, key by key. */
import { describe, expect, test } from 'vitest';
import { inventoryDocument, planDocument, runDocument } from '../../../cli/output/documents.ts';
import { doneIn } from '../../../shared/stages/notify/done.ts';
import { finding, happened, planned, view } from '../values.ts';

const PLACE = 'prod-eu/shop/shop-tls';

const PAUSED = { lane: 'deliver:prod-eu', since: 'a', until: 'b', by: 'ada', because: 'x' } as const;

describe('inventoryDocument', () => {
  test('has every key of a certificate, a finding and a source', () => {
    const document = inventoryDocument({
      certificates: [view()],
      findings: [finding()],
      sources: [{ name: 'prod-eu', state: 'stale', asOf: '2026-11-24T08:00:00.000Z', problem: 'no answer' }],
      paused: [PAUSED],
    });
    const certificates = [...document.certificates];
    expect({ ...document, certificates }).toEqual({
      certificates: [{ ...view(), references: [], copies: [], moreCopies: 0, endpoints: [] }],
      findings: [finding()],
      sources: [{ name: 'prod-eu', state: 'stale', asOf: '2026-11-24T08:00:00.000Z', problem: 'no answer' }],
      paused: [PAUSED],
    });
    expect(Object.keys(certificates[0] ?? {})).toEqual([
      ...['id', 'cluster', 'namespace', 'name', 'kind', 'names', 'issuer', 'serial', 'notBefore', 'notAfter'],
      ...['renewAt', 'state', 'managedBy', 'references', 'copies', 'moreCopies', 'endpoints'],
    ]);
  });

  test('says null where nothing is known', () => {
    const { cluster: _, namespace: __, issuer: ___, ...bare } = view();
    const { certificates, sources } = inventoryDocument({
      certificates: [bare],
      findings: [],
      sources: [{ name: 'prod-eu', state: 'down' }],
      paused: [],
    });
    expect([...certificates][0]).toMatchObject({ cluster: null, namespace: null, issuer: null });
    expect(sources).toEqual([{ name: 'prod-eu', state: 'down', asOf: null, problem: null }]);
  });
});

test('planDocument tells due and deferred alike', () => {
  const place = { place: PLACE, ownership: { is: 'absent' }, delivery: 'create', want: { names: ['a'] } } as const;
  const use = { what: 'new orders', used: 1, of: 300, periodMs: 1 };
  const record = { name: '_acme-challenge.a', zone: 'a', hostedZoneId: 'Z1' };
  const entry = planned({ destinations: [PLACE], places: [place], limits: [use], txt: [record] });
  const nothing = { observedAt: null, refusal: null, have: null, adopting: null };
  const said = {
    ...entry,
    places: [{ ...place, ...nothing, want: { serial: null, names: ['a'] } }],
    limits: [{ ...use, blockedUntil: null }],
    txt: [{ ...record, roleArn: null }],
  };
  expect(planDocument({ due: [entry], deferred: [entry] })).toEqual({ due: [said], deferred: [said] });
});

describe('runDocument', () => {
  const failure = { stage: 'issue', type: 'urn:ietf:params:acme:error:dns', problem: 'no TXT', nextAttemptAt: 'later' };

  test('is made of what was told while the lanes ran', () => {
    const done = doneIn([
      happened('order-created'),
      happened('issued', { serial: '0a', notAfter: '2027-02-22T09:00:00.000Z' }),
      happened('delivered', { place: PLACE, outcome: 'written', serial: '0a' }),
      happened('attempt-failed', failure, 'fleet/web'),
    ]);
    const rests = { lane: 'deliver:prod-eu', since: 'a', why: 'it is paused' } as const;
    expect(runDocument(done, [finding()], [rests])).toEqual({
      renewed: [{ id: PLACE, serial: '0a', notAfter: '2027-02-22T09:00:00.000Z' }],
      delivered: [{ id: PLACE, place: PLACE, outcome: 'written' }],
      failed: [
        {
          id: 'fleet/web',
          stage: 'issue',
          problem: { type: 'urn:ietf:params:acme:error:dns', detail: 'no TXT' },
          nextAttemptAt: 'later',
        },
      ],
      findings: [finding()],
      stillDue: [{ ...rests, until: null }],
    });
  });
});
