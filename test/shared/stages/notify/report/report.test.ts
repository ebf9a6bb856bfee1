/** What holds of the report's text without a browser; how it behaves in one is in test/browser. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Reported, reportHtml } from '../../../../../shared/stages/notify/report/report.ts';
import { anyText, finding, NOW, view } from '../../../../cli/values.ts';

const reported = (over: Partial<Reported> = {}): Reported => ({
  ...{ certificates: [view()], findings: [finding()], sources: [{ name: 'prod-eu', state: 'ok' }] },
  at: NOW.toISOString(),
  ...over,
});
const inside = (page: string, tag: string): readonly string[] =>
  [...page.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, 'gs'))].map(([, text = '']) => text);
const hashOf = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('the policy lets run what is on the page, and nothing else', () => {
  const page = reportHtml(reported());
  const [policy = ''] = /(?<=Content-Security-Policy" content=")[^"]+/.exec(page) ?? [];
  const [, script] = inside(page, 'script');
  const [style] = inside(page, 'style');
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

test('no address is on the page, and no style or handler that the policy would refuse', () => {
  const page = reportHtml(reported());
  expect(page.match(/(?:https?:)?\/\/[a-z][\w.]*\.\w+/g)).toBeNull();
  expect(page.match(/<[^>]* (?:style|on\w+)=/g)).toBeNull();
});

test('what clusters wrote is data, whatever it is', () => {
  const shape = (page: string) => page.match(/<\/?[a-z!][^\s>]*/gi);
  const plain = shape(reportHtml(reported()));
  fc.assert(
    fc.property(
      fc.oneof(anyText, fc.constantFrom('</script>', '<!--', '<script>', ']]>', '\u2028</Script ')),
      (text) => {
        const page = reportHtml(
          reported({ certificates: [view({ name: text })], findings: [finding({ message: text })] }),
        );
        expect(shape(page)).toEqual(plain);
        const data = JSON.parse(inside(page, 'script')[0] ?? '') as Reported;
        expect(data.certificates[0]?.name).toBe(text);
      },
    ),
    { numRuns: 300 },
  );
});

test('the same inventory is the same page', () => {
  expect(reportHtml(reported())).toBe(reportHtml(reported()));
});
