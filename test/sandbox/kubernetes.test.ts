/** The sandbox's API server beside a real one: the same requests, and the answers that kube-apiserver 1.37.2 gave to them. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKubernetes } from '../../sandbox/kubernetes/server.ts';
import { GROUPS } from './kubernetes/cases/groups.ts';
import { measuredPath, type ReplayAnswer, replay } from './kubernetes/replay.ts';
import { CONFIG, targetOf } from './kubernetes/world.ts';

describe.each(GROUPS)('$name', (group) => {
  const measured = JSON.parse(readFileSync(measuredPath(group), 'utf8')) as Record<string, ReplayAnswer>;
  let server: Awaited<ReturnType<typeof startKubernetes>>;
  let answers: Record<string, ReplayAnswer>;

  beforeAll(async () => {
    server = await startKubernetes({ ...CONFIG, certManagerCrds: group.crds });
    answers = await replay(targetOf(server.ready), group);
  });
  afterAll(() => server.close());

  test.each(group.steps)('$name', ({ name }) => {
    expect(measured).toHaveProperty([name]);
    expect(answers[name]).toEqual(measured[name]);
  });
});
