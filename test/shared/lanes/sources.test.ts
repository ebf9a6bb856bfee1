/** What is told of all sources together: which lines hold one and the same certificate. */
import { expect, test } from 'vitest';
import type { CertificateView } from '../../../shared/contract/observation.ts';
import { withCopies } from '../../../shared/lanes/sources.ts';

const view = (id: string, serial?: string): CertificateView => ({
  ...{ id, name: id, kind: 'Secret', names: [], state: 'ok', managedBy: 'nobody' },
  ...(serial && { serial, notBefore: '2026-11-01T00:00:00.000Z', notAfter: '2027-01-30T00:00:00.000Z' }),
});

test('of thousands of copies each names some and counts the others', () => {
  const views = Array.from({ length: 5_000 }, (_, n) => view(`prod/ns-${n}/tls`, '0a'));
  const told = withCopies(views);
  const [first, last] = [told[0], told.at(-1)];
  const names = (from: number, to: number) => views.slice(from, to).map(({ id }) => id);
  expect([first?.copies, first?.moreCopies]).toEqual([names(1, 21), 4_979]);
  expect([last?.copies, last?.moreCopies]).toEqual([names(0, 20), 4_979]);
  expect(withCopies(views.slice(0, 21))[0]).toEqual({ ...views[0], copies: names(1, 21) });
});

test('copies of a certificate name each other, in whichever cluster they are', () => {
  const views = [
    view('east/shop/tls', '0a'),
    view('west/shop/tls', '0a'),
    view('west/web/tls', '0b'),
    view('west/a/x'),
    view('west/a/y'),
  ];
  const other = { ...view('west/b/z', '0a'), notAfter: '2027-02-28T00:00:00.000Z' };
  expect(withCopies([...views, other]).map(({ id, copies }) => [id, copies])).toEqual([
    ['east/shop/tls', ['west/shop/tls']],
    ['west/shop/tls', ['east/shop/tls']],
    ['west/web/tls', undefined],
    ['west/a/x', undefined],
    ['west/a/y', undefined],
    ['west/b/z', undefined],
  ]);
});
