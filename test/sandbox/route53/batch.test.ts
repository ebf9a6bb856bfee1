/** One batch on a zone's sets: every refusal in its words, and nothing changed by it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSets, type RecordSet } from '../../../sandbox/dns/zone.ts';
import { applyBatch, type Change, changeTokens } from '../../../sandbox/route53/batch.ts';
import { Buckets } from '../../../sandbox/route53/buckets.ts';

const zone = 'example.com.';
const name = '_acme-challenge.example.com.';
const apex: readonly RecordSet[] = [
  { name: zone, type: 'NS', ttl: 1, values: ['ns.test.'] },
  { name: zone, type: 'SOA', ttl: 1, values: ['ns.test. hm.test. 1 1 1 1 1'] },
];
const txt = (values: readonly string[], extra: Partial<RecordSet> = {}): RecordSet => ({
  name,
  type: 'TXT',
  ttl: 60,
  values,
  ...extra,
});
const multi = (setIdentifier: string): RecordSet => txt([`"${setIdentifier}"`], { setIdentifier, multiValue: true });
const change = (action: Change['action'], set: RecordSet): Change => ({ action, set });
const here = [...apex, txt(['"old"'])];
const values = (count: number, length = 1): string[] =>
  Array.from({ length: count }, (_, n) => `"${String(n).padStart(length, 'x')}"`);
const spread = (count: number): Change[] =>
  Array.from({ length: count }, (_, n) => change('CREATE', txt(values(1), { name: `n${n}.example.com.` })));

describe('applyBatch takes', () => {
  test.each([
    ['a CREATE', apex, [change('CREATE', txt(['"a"']))], ['"a"']],
    ['an UPSERT of nothing', apex, [change('UPSERT', txt(['"a"']))], ['"a"']],
    ['an UPSERT over a set', here, [change('UPSERT', txt(['"a"']))], ['"a"']],
    ['an exact DELETE', here, [change('DELETE', txt(['"old"']))], undefined],
    [
      'a DELETE and a CREATE of one set',
      here,
      [change('DELETE', txt(['"old"'])), change('CREATE', txt(['"a"', '"old"']))],
      ['"a"', '"old"'],
    ],
    ['multivalue sets beside each other', [...apex, multi('a')], [change('CREATE', multi('b'))], ['"a"', '"b"']],
  ] as const)('%s', (_, before, changes, expected) => {
    const result = applyBatch(zone, before, changes);
    expect(result).not.toHaveProperty('messages');
    const sets = 'sets' in result ? result.sets.filter((set) => set.name === name) : [];
    expect(sets.length === 0 ? undefined : sets.flatMap((set) => set.values)).toEqual(expected);
  });

  test('values in another order as the same values', () => {
    const before = [...apex, txt(['"a"', '"b"'])];
    expect(applyBatch(zone, before, [change('DELETE', txt(['"b"', '"a"']))])).toEqual({ sets: apex });
  });

  test('1,000 records of 32,000 characters', () => {
    expect(applyBatch(zone, apex, spread(1_000))).toHaveProperty('sets');
    expect(applyBatch(zone, apex, [change('CREATE', txt(values(160, 198)))])).toHaveProperty('sets');
  });
});

describe('applyBatch refuses', () => {
  const named = `[name='${name}', type='TXT']`;
  test.each([
    [
      'a CREATE of what is there',
      here,
      [change('CREATE', txt(['"a"']))],
      `Tried to create resource record set ${named} but it already exists`,
    ],
    [
      'a DELETE of what is not there',
      apex,
      [change('DELETE', txt(['"a"']))],
      `Tried to delete resource record set ${named} but it was not found`,
    ],
    ...[
      ['a DELETE with another value', txt(['"new"'])] as const,
      ['a DELETE with one value more', txt(['"old"', '"new"'])] as const,
      ['a DELETE with another TTL', txt(['"old"'], { ttl: 61 })] as const,
    ].map(
      ([what, set]) =>
        [
          what,
          here,
          [change('DELETE', set)],
          `Tried to delete resource record set ${named} but the values provided do not match the current values`,
        ] as const,
    ),
    [
      'a TXT value without quotes',
      apex,
      [change('CREATE', txt(['abc']))],
      "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'abc''",
    ],
    [
      'an address that is none',
      apex,
      [change('CREATE', { name, type: 'A', ttl: 1, values: ['1.2.3'] })],
      "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '1.2.3''",
    ],
    ['a value twice', apex, [change('CREATE', txt(['"a"', '"a"']))], `Duplicate Resource Record: '"a"'`],
    [
      'a name of another zone',
      apex,
      [change('CREATE', txt(['"a"'], { name: 'x.example.org.' }))],
      'RRSet with DNS name x.example.org. is not permitted in zone example.com.',
    ],
    [
      'multivalue beside simple',
      here,
      [change('CREATE', multi('a'))],
      `RRSet with DNS name ${name}, type TXT, SetIdentifier a cannot be created because a non multivalue answer rrset exists with the same name and type.`,
    ],
    [
      'simple beside multivalue',
      [...apex, multi('a')],
      [change('UPSERT', txt(['"b"']))],
      `RRSet with DNS name ${name}, type TXT, SetIdentifier null cannot be created as other RRSets exist with the same name and type.`,
    ],
    [
      'a CNAME beside another type',
      here,
      [change('CREATE', { name, type: 'CNAME', ttl: 1, values: ['a.test.'] })],
      `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone example.com.`,
    ],
    [
      'a set named twice',
      apex,
      [change('UPSERT', txt(['"a"'])), change('UPSERT', txt(['"b"']))],
      `The request contains an invalid set of changes for a resource record set 'TXT ${name}'`,
    ],
    ['1,001 records', apex, spread(1_001), 'Number of records limit of 1000 exceeded.'],
    ['501 records upserted', apex, [change('UPSERT', txt(values(501)))], 'Number of records limit of 1000 exceeded.'],
    [
      '32,200 characters',
      apex,
      [change('CREATE', txt(values(161, 198)))],
      'Number of characters limit of 32000 exceeded.',
    ],
    [
      'the end of the SOA',
      apex,
      apex.filter((set) => set.type === 'SOA').map((set) => change('DELETE', set)),
      'A HostedZone must contain exactly one SOA record.',
    ],
  ] as const)('%s', (_, before, changes, message) => {
    expect(applyBatch(zone, before, changes)).toEqual({ messages: [message] });
  });

  test('a batch for one bad change, and names all that are bad', () => {
    const bad = (n: number) => change('DELETE', txt(['"x"'], { name: `n${n}.example.com.` }));
    const result = applyBatch(zone, here, [
      bad(1),
      change('CREATE', txt(['"a"'], { name: 'ok.example.com.' })),
      bad(2),
    ]);
    expect(result).toEqual({
      messages: [1, 2].map(
        (n) => `Tried to delete resource record set [name='n${n}.example.com.', type='TXT'] but it was not found`,
      ),
    });
  });
});

test('what a batch created, the batch of its deletions takes away again', () => {
  const label = fc.stringMatching(/^[a-z]{1,5}$/);
  const value = fc.stringMatching(/^[A-Za-z0-9_-]{1,10}$/).map((text) => `"${text}"`);
  const set = fc.record({ label, values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }), ttl: fc.nat(300) });
  const batch = fc.uniqueArray(set, { selector: (one) => one.label, maxLength: 8 });
  fc.assert(
    fc.property(batch, (made) => {
      const wanted = made.map((one) => txt(one.values, { name: `${one.label}.example.com.`, ttl: one.ttl }));
      const added = applyBatch(
        zone,
        here,
        wanted.map((one) => change('CREATE', one)),
      );
      const sets = 'sets' in added ? added.sets : [];
      expect(sets).toHaveLength(here.length + made.length);
      const removed = applyBatch(
        zone,
        sets.toSorted(compareSets),
        wanted.map((one) => change('DELETE', one)),
      );
      expect(removed).toEqual({ sets: here.toSorted(compareSets) });
    }),
  );
});

describe('Buckets', () => {
  test('50 requests at once, then 10 a second', () => {
    const buckets = new Buckets();
    const burst = Array.from({ length: 51 }, () => buckets.takeRequest(0));
    expect(burst.filter(Boolean)).toHaveLength(50);
    expect([buckets.takeRequest(99), buckets.takeRequest(100), buckets.takeRequest(100)]).toEqual([false, true, false]);
  });

  test('1,500 changes at once, then 100 a second; an UPSERT counts twice', () => {
    const buckets = new Buckets();
    const upserts = Array.from({ length: 750 }, () => change('UPSERT', txt(['"a"'])));
    expect(changeTokens(upserts)).toBe(1_500);
    expect([buckets.takeChanges(1_500, 0), buckets.takeChanges(1, 9), buckets.takeChanges(1, 10)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
