/** Scenarios on the sandbox as tests, each in a world of its own; keeps the tally that `npm run test:real` compares with. */
import { afterAll, describe, expect, test } from 'vitest';
import { onlyWithRights } from './only-with-rights.ts';
import {
  loadScenarios,
  type Outcome,
  outcomeText,
  runScenario,
  type TallyName,
  tallyOf,
  writeTally,
} from './run-scenarios.ts';
import { sandboxKind } from './sandbox-world.ts';
import { isScheduled, RUN_MS, type Scenario } from './scenario.ts';

const CLOSING_MS = 30_000;

/** Which file runs what; `ofService`: by `npm run test:service`, and so are those that only a service can run, `scheduled`. */
export async function sandboxScenarios() {
  const loaded = await loadScenarios();
  const all = loaded.filter((one) => !isScheduled(one));
  const isKill = ({ name }: Scenario): boolean => name.startsWith('ended at every request');
  return {
    scheduled: loaded.filter(isScheduled),
    kills: all.filter(isKill),
    ofService: all.filter(({ isOfService }) => isOfService),
    others: all.filter((one) => !one.isOfService && !isKill(one)),
  };
}

export function onTheSandbox(scenarios: readonly Scenario[], tally: TallyName): void {
  const worlds = onlyWithRights(sandboxKind);
  const outcomes: Outcome[] = [];
  describe.concurrent('on the sandbox', () => {
    for (const scenario of scenarios)
      test(
        scenario.name,
        async () => {
          const outcome = await runScenario(worlds, scenario);
          outcomes.push(outcome);
          expect(outcome.was, outcomeText(outcome)).toBe('passed');
        },
        (scenario.timeoutMs ?? RUN_MS) + CLOSING_MS,
      );

    afterAll(async () => {
      if (outcomes.length < scenarios.length) return;
      await writeTally(tally, tallyOf(outcomes));
      console.log(outcomes.map(outcomeText).join('\n'));
    });
  });
}
