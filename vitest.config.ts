import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The scenarios take longest and mostly wait for each other's servers: everything else runs beside them. */
class ScenariosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFirst = ({ moduleId }: TestSpecification): number => Number(moduleId.endsWith('scenarios/sandbox.test.ts'));
    return sorted.toSorted((a, b) => isFirst(b) - isFirst(a));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**'],
    // to end what hangs
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // a condition that is waited for is no measure of the machine
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: 3,
    // a process for each of so many small files costs more than what they test; none of them leaves anything behind
    isolate: false,
    sequence: { sequencer: ScenariosFirst },
    // what is started hundreds of times is compiled once
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)) },
  },
});
