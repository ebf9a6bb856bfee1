/** Compares what two worlds ran and asserted. A scenario that one world cannot run is named as such; any other difference fails. */
import type { Tally } from './run-scenarios.ts';

export interface Comparison {
  /** Run in both, with the same number of assertions. */
  readonly same: readonly string[];
  /** Run in one world because the other cannot do what it needs. */
  readonly onlyIn: readonly { readonly name: string; readonly world: 'sandbox' | 'real' }[];
  /** One sentence each. */
  readonly differences: readonly string[];
}

type Line = Tally['scenarios'][number];

function difference(name: string, sandbox: Line | undefined, real: Line | undefined): string | undefined {
  if (!sandbox || !real) return `${name}: registered in the ${sandbox ? 'sandbox' : 'real'} run only`;
  if (sandbox.was === 'not run' || real.was === 'not run') return undefined;
  if (sandbox.was !== real.was) return `${name}: ${sandbox.was} on the sandbox, ${real.was} on real parts`;
  if (sandbox.assertions !== real.assertions)
    return `${name}: ${sandbox.assertions} assertions on the sandbox, ${real.assertions} on real parts`;
  return undefined;
}

/** Pairs the two runs by scenario name. */
export function compareTallies(sandbox: Tally, real: Tally): Comparison {
  const linesOf = (tally: Tally) => new Map(tally.scenarios.map((line) => [line.name, line]));
  const [ofSandbox, ofReal] = [linesOf(sandbox), linesOf(real)];
  const same: string[] = [];
  const onlyIn: { name: string; world: 'sandbox' | 'real' }[] = [];
  const differences: string[] = [];
  for (const name of new Set([...ofSandbox.keys(), ...ofReal.keys()])) {
    const [a, b] = [ofSandbox.get(name), ofReal.get(name)];
    const differs = difference(name, a, b);
    if (differs) differences.push(differs);
    else if (a?.was === 'not run' && b?.was === 'not run') differences.push(`${name}: runs in no world`);
    else if (a?.was === 'not run') onlyIn.push({ name, world: 'real' });
    else if (b?.was === 'not run') onlyIn.push({ name, world: 'sandbox' });
    else same.push(name);
  }
  return { same, onlyIn, differences };
}
