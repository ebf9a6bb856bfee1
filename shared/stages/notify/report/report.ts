/**
 * The report: the inventory as one page of HTML that asks nobody for anything. What clusters wrote is in it as data only, which its script
 * puts on the page as text; the policy in its head names the one script and the one style that may be, and no address at all.
 */
import { createHash } from 'node:crypto';
import type { Iso } from '../../../contract/ids.ts';
import type { CertificateView, Finding, SourceView } from '../../../contract/observation.ts';
import { BODY } from './body.ts';
import { FINDINGS_SCRIPT } from './script-findings.ts';
import { PAGE_SCRIPT } from './script-page.ts';
import { TABLE_SCRIPT } from './script-table.ts';
import { TIMELINE_SCRIPT } from './script-timeline.ts';
import { WORDS_SCRIPT } from './script-words.ts';
import { STYLE } from './style.ts';
import { PARTS_STYLE } from './style-parts.ts';

export interface Reported {
  readonly certificates: readonly CertificateView[];
  readonly findings: readonly Finding[];
  readonly sources: readonly SourceView[];
  /** When it was asked; what is said of days from now counts from here. */
  readonly at: Iso;
}

const SCRIPT = `(() => {\n'use strict';\n${[WORDS_SCRIPT, TIMELINE_SCRIPT, FINDINGS_SCRIPT, TABLE_SCRIPT, PAGE_SCRIPT].join('\n')}\n})();`;
const CSS = STYLE + PARTS_STYLE;

/** A source of CSP Level 3 section 2.3.1 for an inline element of exactly this text. */
const hashed = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  "default-src 'none'",
  `script-src ${hashed(SCRIPT)}`,
  `style-src ${hashed(CSS)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Without `<` nothing in it can end the element that it is in. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** As JSON, an entry a line. */
function* dataLines({ certificates, findings, ...rest }: Reported): Generator<string> {
  yield '{';
  for (const [name, all] of Object.entries({ certificates, findings })) {
    yield `"${name}":[`;
    for (const [n, one] of all.entries()) yield `${embedded(one)}${n < all.length - 1 ? ',' : ''}`;
    yield '],';
  }
  yield embedded(rest).slice(1);
}

/** The lines of a whole document, so that a large one is never one text. Same inventory, same page. */
export function* reportLines(reported: Reported): Generator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Certificates, ${reported.at.slice(0, 10)} · Nolapse</title>
<style>${CSS}</style>
</head>
${BODY}
<script type="application/json" id="data">`;
  yield* dataLines(reported);
  yield `</script>
<script>${SCRIPT}</script>
</html>`;
}

/** The same as one text. */
export const reportHtml = (reported: Reported): string => [...reportLines(reported)].join('\n');
