/** The report, driven as its readers drive it: in Chromium, at three widths, by light and in the dark, with ten certificates and with 5,000. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { finding, view } from '../cli/values.ts';
import { type Browser, startChromium, withoutChromium } from './chromium.ts';
import { opened } from './opened.ts';
import { AT, fleetOf } from './sample.ts';

if (withoutChromium) console.warn(`SKIPPED: ${withoutChromium}`);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [390, 820, 1440] as const;
const SCHEMES = ['light', 'dark'] as const;
const looks = WIDTHS.flatMap((width) => SCHEMES.map((colorScheme) => ({ width, colorScheme })));
const windowOf = (width: number, colorScheme: 'light' | 'dark' = 'light') =>
  ({ viewport: { width, height: 900 }, colorScheme }) as const;

describe.skipIf(withoutChromium)('the report in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  test.each(looks)('is whole and within reach at $width in the $colorScheme', async ({ width, colorScheme }) => {
    const { page, faults, fits } = await opened(browser, fleetOf(10), windowOf(width, colorScheme));
    expect(await fits()).toBe(true);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run()',
    );
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(await page.locator('#findings > li').count()).toBe(4);
    expect(await page.locator('#rows > tr').count()).toBe(10);
    expect(await page.locator('#timeline button').count()).toBe(15);
    expect(faults).toEqual([]);
  });

  test.each(looks)('finds some of 5,000 at $width in the $colorScheme', async ({ width, colorScheme }) => {
    const { page, faults, fits, names, drawnInMs } = await opened(
      browser,
      fleetOf(5_000),
      windowOf(width, colorScheme),
    );
    expect(await fits()).toBe(true);
    expect((await names()).length).toBeLessThan(300);
    const found = fleetOf(5_000).certificates.flatMap(({ name }) => (name === 'grafana-41-tls' ? [name] : []));
    const startedAt = performance.now();
    await page.locator('#search').fill('grafana-41-tls');
    await expect.poll(names).toEqual(found);
    console.log(
      `5,000 at ${width}: drawn in ${drawnInMs.toFixed(0)} ms, found in ${(performance.now() - startedAt).toFixed(0)} ms`,
    );
    await page.locator('#search').fill('no such thing');
    await expect.poll(names).toEqual([]);
    expect(await page.locator('#count').textContent()).toBe('0 of 5,000 certificates');
    expect(await fits()).toBe(true);
    expect(faults).toEqual([]);
  });

  test('is filtered by state, cluster, week and severity, and cleared', async () => {
    const { page, names } = await opened(browser, fleetOf(240), windowOf(1440));
    const all = fleetOf(240).certificates;
    const count = () => page.locator('#count').textContent();
    await page.getByRole('button', { name: /^expiring/ }).click();
    expect(await names()).toHaveLength(all.filter(({ state }) => state === 'expiring').length);
    await page.getByLabel('Cluster').selectOption('edge');
    const both = all.filter(({ state, cluster }) => state === 'expiring' && cluster === 'edge');
    expect(await names()).toHaveLength(both.length);
    expect(await page.locator('#findings > li').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await count()).toBe('240 certificates');
    await page.locator('#timeline button').nth(1).click();
    const inAWeek = (at: string | undefined) => {
      const days = (Date.parse(at ?? '') - Date.parse(AT)) / 86_400_000;
      return days >= 0 && days < 7;
    };
    const soon = all.filter(({ renewAt, notAfter }) => inAWeek(renewAt) || inAWeek(notAfter));
    expect(await count()).toBe(`${soon.length} of 240 certificates, of week from 29 november`);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('group', { name: 'Severities' }).getByRole('button', { name: /^high/ }).click();
    expect(await page.locator('#findings .tag').allTextContents()).toEqual(['high', 'high']);
  });

  test('is sorted by what the reader asks for, and says so', async () => {
    const { page, names } = await opened(browser, fleetOf(10), windowOf(1440));
    await page.getByRole('button', { name: 'Certificate' }).click();
    const ids = fleetOf(10).certificates.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(await names()).toEqual(ids.map(({ name }) => name));
    await page.getByRole('button', { name: 'Certificate' }).click();
    expect(await names()).toEqual(ids.map(({ name }) => name).reverse());
    expect(await page.locator('th[aria-sort=descending]').innerText()).toContain('Certificate');
  });

  test('is used from the keyboard alone, and shows all of it', async () => {
    const { page, names } = await opened(browser, fleetOf(250), windowOf(820));
    await page.keyboard.press('/');
    await page.keyboard.type('events');
    await expect
      .poll(async () => new Set((await names()).map((name) => name.slice(0, 6))))
      .toEqual(new Set(['events']));
    await page.keyboard.press('Escape');
    for (const shown of [200, 250]) {
      await page.locator('#more').evaluate((button: { click(): void }) => button.click());
      await expect.poll(async () => (await names()).length).toBeGreaterThanOrEqual(shown);
    }
    await page.getByRole('button', { name: 'Switch to dark' }).press('Enter');
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
    await page.getByRole('button', { name: 'Switch to light' }).press('Enter');
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light');
  });

  test.each([
    ['All is well.', 'ok'],
    ['Not everything could be read.', 'down'],
  ] as const)('says of an empty fleet: %s', async (words, state) => {
    const sources = [{ name: 'prod-eu', state }];
    const { page, faults } = await opened(browser, { certificates: [], findings: [], sources, at: AT }, windowOf(390));
    expect(await page.locator('#lead').textContent()).toBe(words);
    expect(faults).toEqual([]);
  });

  test('shows where a certificate is served, and finds it by that', async () => {
    const [first, ...others] = fleetOf(10).certificates;
    if (!first) throw new Error('the sample fleet is empty');
    const endpoints = [
      { endpoint: 'shop.example.com:443', state: 'served' },
      { endpoint: 'late.example.com:443', state: 'not-served' },
    ] as const;
    const reported = { ...fleetOf(10), certificates: [{ ...first, endpoints }, ...others] };
    const { page, names, fits } = await opened(browser, reported, windowOf(390));
    expect(await page.locator('#rows .endpoint').allTextContents()).toEqual([
      'shop.example.com:443 served',
      'late.example.com:443 not served',
    ]);
    expect(await page.locator('#rows .endpoint.critical').allTextContents()).toEqual([
      'late.example.com:443 not served',
    ]);
    expect(await fits()).toBe(true);
    await page.keyboard.press('/');
    await page.keyboard.type('not-served');
    await expect.poll(names).toEqual([first.name]);
  });

  test('copies the command of a fix', async () => {
    const { page } = await opened(browser, fleetOf(10), {
      ...windowOf(820),
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy the command' }).first().click();
    await page.getByText(/^(Copied|Selected)$/).waitFor();
    const taken = await page.evaluate('navigator.clipboard.readText().catch(() => String(getSelection()))');
    expect(taken).toBe('nolapse renew edge/media/cdn-tls');
  });

  test('has every certificate on paper, and no control', async () => {
    const { page, names } = await opened(browser, fleetOf(1_000), windowOf(820, 'dark'));
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await names()).toHaveLength(1_000);
    expect(await page.locator('#search').isVisible()).toBe(false);
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
  });

  test('shows what clusters wrote as text, whatever it is', async () => {
    const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe';
    const { page, faults, names } = await opened(
      browser,
      {
        certificates: [
          view({ name: hostile, namespace: hostile, names: [hostile], managedBy: hostile, issuer: hostile }),
        ],
        findings: [
          finding({ message: hostile, fix: `${hostile}: nolapse renew ${hostile}`, evidence: { [hostile]: hostile } }),
        ],
        sources: [{ name: hostile, state: 'down', problem: hostile }],
        at: AT,
      },
      windowOf(390),
    );
    const shown = hostile.replace('\u202e', '\\u{202e}');
    expect(await names()).toEqual([shown]);
    expect(await page.locator('h3').textContent()).toBe(shown);
    expect(await page.locator('img, script').count()).toBe(2);
    expect(faults).toEqual([]);
  });

  test('could ask nobody if it wanted to', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { page, faults } = await opened(browser, fleetOf(10), windowOf(820));
    const tried = await page.evaluate<readonly string[]>(`(async () => {
      const refused = [];
      addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
      const ended = (element) => new Promise((resolve) => { element.onload = element.onerror = resolve; });
      const add = (tag, attributes) => {
        const element = Object.assign(document.createElement(tag), attributes);
        const end = ended(element);
        document.head.append(element);
        return end;
      };
      await fetch('${address}fetch').catch(() => undefined);
      await add('script', { src: '${address}script' });
      await add('img', { src: '${address}img' });
      await add('link', { rel: 'stylesheet', href: '${address}css' });
      return refused.sort();
    })()`);
    expect(tried).toEqual(['connect-src', 'img-src', 'script-src-elem', 'style-src-elem']);
    expect(asked).toEqual([]);
    expect(faults.filter((fault) => !/Content Security Policy|net::ERR_BLOCKED_BY_CSP|request: /.test(fault))).toEqual(
      [],
    );
  });
});
