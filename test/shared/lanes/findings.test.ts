/** Findings as rows: since when, whose, due or not, and what is left of them when nobody says them any more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SEVERITIES, subjectOf } from '../../../shared/contract/finding.ts';
import { openFindings, settle } from '../../../shared/lanes/findings.ts';
import { about, openOffice, START, stored, verdict } from './said.ts';

const at = (minutes: number): string => new Date(START.getTime() + minutes * 60_000).toISOString();

describe('settle', () => {
  test('keeps since when of what is still said, and takes what else changed', async () => {
    const { records, says, later } = openOffice([]);
    await says([verdict()]);
    later(10);
    const [finding] = await says([verdict({ message: 'the order failed 4 times' })]);
    expect(finding).toMatchObject({ since: at(0), message: 'the order failed 4 times' });
    expect(await openFindings(records)).toEqual([finding]);
  });

  test('takes since when from the world where the world tells it', async () => {
    const { says } = openOffice([]);
    const [finding] = await says([verdict({ code: 'expired', since: at(-600) })]);
    expect(finding?.since).toBe(at(-600));
  });

  test('writes nothing when the same is said again', async () => {
    const { records, says, later } = openOffice([]);
    await says([verdict(), about('other', { severity: 'info' })]);
    const before = await stored(verdict(), records);
    later(10);
    await says([verdict(), about('other', { severity: 'info' })]);
    expect(await stored(verdict(), records)).toEqual(before);
  });

  test('resolves what is no longer said, and opens it anew when it comes back', async () => {
    const { records, says, later } = openOffice([]);
    await says([verdict()]);
    later(10);
    await says([]);
    expect(await openFindings(records)).toEqual([]);
    expect((await stored(verdict(), records))?.body.resolvedAt).toBe(at(10));
    later(10);
    expect((await says([verdict()]))[0]?.since).toBe(at(20));
    expect((await stored(verdict(), records))?.body.resolvedAt).toBeUndefined();
  });

  test('forgets after a day what was its own, and meets it again', async () => {
    const { records, says, later } = openOffice([]);
    const own = async () => {
      const all: string[] = [];
      for await (const { sk } of records.children('OWNER#inventory:prod-eu')) all.push(sk);
      return all;
    };
    await says([verdict(), about('other')]);
    await says([verdict()]);
    expect(await own()).toHaveLength(2);
    later(24 * 60 + 1);
    await says([verdict()]);
    expect(await own()).toEqual(['prod-eu/Certificate/shop/shop-tls#renewal-failing']);
    await says([verdict(), about('other')]);
    await says([verdict()]);
    expect(await openFindings(records)).toHaveLength(1);
  });

  test('leaves alone what was not judged', async () => {
    const { records, says } = openOffice([]);
    await says([verdict(), about('other')]);
    const judged = { owner: 'inventory:prod-eu', now: START, findings: [], subjects: [subjectOf(verdict().object)] };
    await settle(records, judged);
    expect((await openFindings(records)).map(({ object }) => object.name)).toEqual(['other']);
  });

  test('leaves alone what another owner says of other objects', async () => {
    const { records, says } = openOffice([]);
    await says([verdict()], 'issue:fleet/letsencrypt');
    await says([]);
    expect(await openFindings(records)).toHaveLength(1);
  });

  test('of two owners of one row the worse has it, of equals the first, and either end is noticed', async () => {
    const { records, says } = openOffice([]);
    const owner = async () => (await stored(verdict(), records))?.body.owner;
    await says([verdict()], 'a');
    expect(await says([verdict()], 'b')).toHaveLength(1);
    expect(await owner()).toBe('a');
    await says([verdict({ severity: 'critical' })], 'b');
    await says([verdict()], 'a');
    expect(await owner()).toBe('b');
    await says([], 'b');
    expect(await openFindings(records)).toEqual([]);
    await says([verdict()], 'a');
    expect(await openFindings(records)).toMatchObject([{ severity: 'high' }]);
  });

  test.each(SEVERITIES)('of severity %s is due for a message or not', async (severity) => {
    const { says, due } = openOffice([]);
    await says([verdict({ severity })]);
    expect(await due()).toHaveLength(severity === 'high' || severity === 'critical' ? 1 : 0);
  });

  test('forgets a message that was never sent when its finding ends', async () => {
    const { says, due } = openOffice([]);
    await says([verdict()]);
    await says([]);
    expect(await due()).toEqual([]);
  });

  test('keeps every finding when several owners settle at the same time', async () => {
    const { records, says } = openOffice([]);
    const objects = Array.from({ length: 30 }, (_, i) => `tls-${i}`);
    await Promise.all(
      ['a', 'b', 'c'].map((owner) =>
        says(
          objects.map((name) => about(name)),
          owner,
        ),
      ),
    );
    expect(await openFindings(records)).toHaveLength(30);
  });

  test('whatever was said before, what is open is what is said now, the worst first', async () => {
    const pass = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...SEVERITIES));
    await fc.assert(
      fc.asyncProperty(fc.array(pass, { minLength: 1, maxLength: 6 }), async (passes) => {
        const { records, says, close } = openOffice([]);
        for (const said of passes)
          await says(Object.entries(said).map(([name, severity]) => about(name, { severity })));
        const open = await openFindings(records);
        close();
        expect(Object.fromEntries(open.map(({ object, severity }) => [object.name, severity]))).toEqual(
          Object.fromEntries(Object.entries(passes.at(-1) ?? {})),
        );
        const ranks = open.map(({ severity }) => SEVERITIES.indexOf(severity));
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
      }),
      { numRuns: 20 },
    );
  });
});
