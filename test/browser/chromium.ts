/** A Chromium of this machine, headless, with a profile of its own that is gone afterwards: it starts nothing, looks for nothing, and asks nobody. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';
/** Why there is none, and how it is had; undefined where there is one. */
export const withoutChromium = existsSync(CHROMIUM)
  ? undefined
  : `there is no ${CHROMIUM}: the report is not looked at in a browser (Debian: apt-get install chromium)`;

const ARGUMENTS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage', '--disable-lcd-text'],
];

export interface Browser {
  /** Pages that share nothing with those of another context. */
  context(options: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export async function startChromium(): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), 'nolapse-chromium-'));
  const browser = await chromium.launch({
    ...{ executablePath: CHROMIUM, args: ARGUMENTS, chromiumSandbox: false, timeout: 120_000 },
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
  });
  return {
    context: (options) => browser.newContext(options),
    close: async () => {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
