/** `npm run screenshots`: the pictures of the report in our documents, made anew. */
import { join, resolve } from 'node:path';
import { reportHtml } from '../../shared/stages/notify/report/report.ts';
import { startChromium } from './chromium.ts';
import { AT, fleetOf } from './sample.ts';

const images = resolve(import.meta.dirname, '../../docs/images');
const SHOTS = [
  { name: 'report-desktop', colorScheme: 'light', width: 1040, height: 1160, scale: 1 },
  { name: 'report-phone', colorScheme: 'dark', width: 390, height: 844, scale: 1.5 },
] as const;

const browser = await startChromium();
try {
  for (const { name, colorScheme, width, height, scale } of SHOTS) {
    const context = await browser.context({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme });
    const page = await context.newPage();
    await page.clock.setFixedTime(AT);
    await page.setContent(reportHtml(fleetOf(240)));
    await page.screenshot({ path: join(images, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
}
