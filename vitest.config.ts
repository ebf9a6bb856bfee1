import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The scenarios take longest and mostly wait for each other's servers: everything else runs beside them. */
class ScenariosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFirst = ({ moduleId }: TestSpecification): number =>
      Number(/scenarios.sandbox(-kill)?\.test\.ts$/.test(moduleId));
    return sorted.toSorted((a, b) => isFirst(b) - isFirst(a));
  }
}

/** The deployed service, synthesised and run on this machine: `npm run test:service`. */
const SERVICE = ['test/scenarios/service.test.ts', 'test/{browser,iam,infra,lambda}/**/*.test.ts'];
/** Whole worlds, and what is set up once a process: each file in a process of its own. */
const APART = ['test/scenarios/*.test.ts'];
const NEVER = ['test/real/**'];

export default defineConfig({
  test: {
    // limits are there to end what hangs, not to measure
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'service', include: SERVICE } },
      { extends: true, test: { name: 'apart', include: APART, exclude: [...NEVER, ...SERVICE] } },
      // a process for each of so many small files costs more than what they test; none of them leaves anything behind
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [...NEVER, ...SERVICE, ...APART],
          isolate: false,
        },
      },
    ],
    sequence: { sequencer: ScenariosFirst },
    // what is started hundreds of times is compiled once
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)) },
  },
});
