/** A report as somebody opens it: a file, in a browser that writes down all that must not happen. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { type Reported, reportHtml } from '../../shared/stages/notify/report/report.ts';
import type { Browser } from './chromium.ts';
import { AT } from './sample.ts';

export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, dialogs, requests for anything but the file. */
  readonly faults: readonly string[];
  /** From the address to the drawn page, milliseconds. */
  readonly drawnInMs: number;
  /** Whether the page is no wider than the window. */
  fits(): Promise<boolean>;
  /** Names of the certificates in the table, as far as they are drawn. */
  names(): Promise<readonly string[]>;
}

export async function opened(browser: Browser, reported: Reported, options: BrowserContextOptions): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'nolapse-report-'));
  const file = join(folder, 'report.html');
  await writeFile(file, reportHtml(reported));
  const context = await browser.context(options);
  onTestFinished(async () => {
    await context.close();
    await rm(folder, { recursive: true });
  });
  const page = await context.newPage();
  const address = pathToFileURL(file).href;
  const faults: string[] = [];
  page.on('console', (said) => void (said.type() === 'log' || faults.push(`console: ${said.text()}`)));
  page.on('pageerror', (error) => void faults.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => void (request.url() === address || faults.push(`request: ${request.url()}`)));
  await page.clock.setFixedTime(AT);
  const startedAt = performance.now();
  await page.goto(address);
  await page.locator('#lead').filter({ hasText: /./ }).waitFor();
  return {
    ...{ page, faults, drawnInMs: performance.now() - startedAt },
    fits: () => page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    names: () => page.locator('#rows .name').allTextContents(),
  };
}
