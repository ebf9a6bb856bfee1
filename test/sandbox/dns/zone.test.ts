/** Zones as values: names, their order, and from when each name server serves which version. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalName,
  compareSets,
  encodedName,
  newZone,
  type RecordSet,
  servedSets,
  withVersion,
} from '../../../sandbox/dns/zone.ts';

const nsNames = ['ns-1.test.', 'ns-2.test.'];
const txt = (name: string, ...values: string[]): RecordSet => ({ name, type: 'TXT', ttl: 60, values });

describe('names', () => {
  test.each([
    ['Example.COM', 'example.com.'],
    ['*.example.com.', '*.example.com.'],
    ['\\052.example.com', '*.example.com.'],
  ])('%s is compared as %s', (given, compared) => {
    expect(canonicalName(given)).toBe(compared);
  });

  test('an asterisk is written in octal, an underscore as itself', () => {
    expect(encodedName('*._acme-challenge.example.com.')).toBe('\\052._acme-challenge.example.com.');
  });

  test('sets are in the order of labels from the right, then type, then set identifier', () => {
    const keys = [
      { name: 'b.example.com.', type: 'TXT' },
      { name: 'example.com.', type: 'SOA' },
      { name: 'a.b.example.com.', type: 'A' },
      { name: 'example.com.', type: 'NS' },
      { name: 'b.example.com.', type: 'A', setIdentifier: '2' },
      { name: 'b.example.com.', type: 'A', setIdentifier: '1' },
      { name: 'z.example.com.', type: 'A' },
    ];
    expect(keys.toSorted(compareSets).map((key) => Object.values(key).join(' '))).toEqual([
      'example.com. NS',
      'example.com. SOA',
      'b.example.com. A 1',
      'b.example.com. A 2',
      'b.example.com. TXT',
      'a.b.example.com. A',
      'z.example.com. A',
    ]);
  });
});

describe('versions', () => {
  test('a new zone has its SOA and NS, and those it is given win', () => {
    const own = { name: 'example.com.', type: 'NS' as const, ttl: 5, values: ['ns.other.test.'] };
    const [ns, soa] = newZone('Z', 'example.com', { nsNames, sets: [own] }).versions[0]?.sets ?? [];
    expect(ns).toEqual(own);
    expect(soa?.values).toEqual(['ns-1.test. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400']);
  });

  test('each server serves a version after its own delay', () => {
    const zone = newZone('Z', 'example.com', { nsNames, sets: [] });
    const changed = withVersion(zone, [txt('a.example.com.', '"1"')], { now: 1_000, delaysMs: [10, 20] });
    const counts = [1_009, 1_010, 1_019, 1_020].map((now) => [0, 1].map((n) => servedSets(changed, n, now).length));
    expect(counts).toEqual([
      [2, 2],
      [1, 2],
      [1, 2],
      [1, 1],
    ]);
  });

  test('no server ever goes back to an earlier version', () => {
    const step = fc.record({ wait: fc.nat(50), delays: fc.tuple(fc.nat(100), fc.nat(100)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.array(fc.nat(800), { maxLength: 20 }), (steps, looks) => {
        let zone = newZone('Z', 'example.com', { nsNames, sets: [] });
        let now = 0;
        for (const [index, { wait, delays }] of steps.entries()) {
          now += wait;
          zone = withVersion(zone, [txt(`v${index}.example.com.`, '"x"')], { now, delaysMs: delays });
        }
        const versionAt = (server: number, at: number): number =>
          zone.versions.findIndex((version) => version.sets === servedSets(zone, server, at));
        for (const server of [0, 1]) {
          const seen = looks.toSorted((a, b) => a - b).map((at) => versionAt(server, at));
          expect(seen).toEqual(seen.toSorted((a, b) => a - b));
          expect(versionAt(server, now + 100)).toBe(steps.length);
        }
      }),
    );
  });
});
