/** A store of certificates as a tiny object: it takes what it is given, over what was seen only, and can be made to refuse. */
import { MARK } from '../../../shared/contract/marks.ts';
import type { Observation } from '../../../shared/contract/observation.ts';
import type { Bundle, DestinationAdapter, Released, Written } from '../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problem.ts';
import { certificatesOf } from '../../../shared/standards/x509/chain.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import { observed } from '../stages/assess/judged-things.ts';

export interface MemoryDestination extends DestinationAdapter {
  readonly holds: Map<string, Observation>;
  readonly reads: string[];
  readonly writes: string[];
  readonly releases: string[];
  /** Of the last write: the caller zeroes it. */
  lastKey: Uint8Array | undefined;
  readonly refuses: Map<string, Problem>;
  readonly fails: Map<string, Problem>;
  /** What somebody else makes of it, right after a write. */
  meddle: (place: string) => void;
}

export function memoryDestination(): MemoryDestination {
  const store: MemoryDestination = {
    ...{
      holds: new Map(),
      reads: [],
      writes: [],
      releases: [],
      lastKey: undefined,
      refuses: new Map(),
      fails: new Map(),
    },
    meddle: () => undefined,
    async read(place) {
      store.reads.push(place);
      const problem = store.fails.get(place);
      if (problem) throw new ProblemError(problem);
      return store.holds.get(place);
    },
    async write(place, bundle, seenVersion): Promise<Written> {
      const held = store.holds.get(place);
      if (held && held.version === seenVersion && isThere(held, bundle))
        return { outcome: 'unchanged', version: held.version };
      store.writes.push(place);
      store.lastKey = bundle.keyPem;
      const problem = store.refuses.get(place);
      if (problem) return { outcome: 'refused', problem };
      if (seenVersion !== store.holds.get(place)?.version) throw new Error('written over what was not seen');
      const version = String(Number(seenVersion ?? 0) + 1);
      store.holds.set(place, observationOf(place, bundle, version));
      store.meddle(place);
      return { outcome: 'written', version };
    },
    async release(place, seenVersion): Promise<Released> {
      store.releases.push(place);
      const [problem, held] = [store.refuses.get(place), store.holds.get(place)];
      if (problem) return { outcome: 'refused', problem };
      if (!held || seenVersion !== held.version) throw new Error('released what was not seen');
      const version = String(Number(held.version) + 1);
      store.holds.set(place, { ...held, version, annotations: {}, managers: [] });
      return { outcome: 'released' };
    },
  };
  return store;
}

const isThere = ({ chain, annotations }: Observation, { chainPem, annotations: marks }: Bundle): boolean =>
  chain[0]?.sha256 === certificatesOf(chainPem).map(factsOf)[0]?.sha256 &&
  annotations[MARK.installation] === marks[MARK.installation];

const observationOf = (place: string, { chainPem, annotations }: Bundle, version: string): Observation => ({
  ...observed('any'),
  ...{ place, version, chain: certificatesOf(chainPem).map(factsOf), chainPem, keyMatches: true },
  ...{ annotations, managers: [{ manager: 'nolapse-acme', operation: 'Apply', dataKeys: ['tls.crt', 'tls.key'] }] },
});

/** As it was written by somebody of the same fleet. */
export const marksOfOurs = (installation: string) => ({
  annotations: { [MARK.fleet]: 'acme', [MARK.installation]: installation },
});
