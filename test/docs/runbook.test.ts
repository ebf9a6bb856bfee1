/** The runbook answers every code: a finding leads to its section, and no section is left of what is not there any more. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ALARM_CODES } from '../../infra/alarms.ts';
import { FINDING_CODES } from '../../shared/contract/finding.ts';

const runbook = readFileSync(resolve(import.meta.dirname, '../../docs/runbook.md'), 'utf8');

test('has a section for every finding and every alarm, and no other', () => {
  const headings = [...runbook.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings.toSorted()).toEqual([...FINDING_CODES, ...ALARM_CODES].toSorted());
});
