/** Plan, run, and what the servers saw between: what was said must be what is done. */
import { type PlanAnswer, planIn, type RunAnswer, runIn } from './answers.ts';
import type { Recorded } from './recorder.ts';
import type { Check } from './scenario.ts';
import type { World } from './world.ts';

export const at = (name: string, namespace = 'shop') => ({ namespace, name });
export const inSecret = (clusters: readonly string[], name: string, more = {}) => ({
  kubernetesSecret: { clusters, ...at(name), ...more },
});
export const ref = (name: string) => ({ kind: 'Secret' as const, ...at(name) });

export async function namespaces(world: World, ...names: readonly string[]): Promise<void> {
  for (const { admin } of world.clusters) for (const name of names) await admin.namespace(name);
}

/** The places that the servers were asked to write; a status is no place. */
function placesWritten(seen: readonly Recorded[]): readonly string[] {
  const places = seen.flatMap(({ server, kind, operation, path, requestBody }) => {
    if (kind !== 'write' || (server === 'aws' && !operation.startsWith('secretsmanager'))) return [];
    if (server === 'ca' || operation.endsWith('/status')) return [];
    const body = JSON.parse(requestBody.toString()) as {
      Name?: string;
      SecretId?: string;
      metadata?: { name: string; namespace: string };
    };
    if (server === 'aws') return `secretsmanager/${body.Name ?? body.SecretId}`;
    const [, namespace = body.metadata?.namespace, name = body.metadata?.name] =
      /namespaces\/([^/]+)\/secrets\/([^/?]+)/.exec(path) ?? [];
    return `${server}/${namespace}/${name}`;
  });
  return [...new Set(places)].sort();
}

/** The challenge names that the zone was asked to change. */
export const challengesWritten = (seen: readonly Recorded[]): readonly string[] => [
  ...new Set(
    seen
      .filter(({ operation }) => operation.startsWith('route53 POST'))
      .flatMap(({ requestBody }) => [...requestBody.toString().matchAll(/_acme-challenge\.[a-z0-9.-]*[a-z0-9]/g)])
      .map(([name]) => name),
  ),
];

const WRITES: readonly string[] = ['create', 'replace', 'take-over'];

interface Compared {
  readonly plan: PlanAnswer;
  readonly run: RunAnswer;
  readonly seen: readonly Recorded[];
}

/** Plans, runs, and compares: what is due is renewed and delivered, what is deferred is left, and nothing else happens. */
export async function planThenRun(world: World, fleet: string, check: Check): Promise<Compared> {
  const plan = planIn(await world.nolapse(['plan', '--fleet', fleet, '-o', 'json']));
  const mark = world.recorder.mark();
  const run = runIn(await world.nolapse(['run', '--fleet', fleet, '-o', 'json']));
  const seen = world.recorder.seen(mark);
  const places = plan.due.flatMap(({ id, destinations }) => destinations.map((place) => `${id} into ${place}`));
  check.deepEqual(
    run.delivered
      .map(({ id, place, outcome }) => `${id} into ${place}${outcome === 'written' ? '' : ` ${outcome}`}`)
      .sort(),
    places.toSorted(),
    'what was delivered is what was due',
  );
  check.deepEqual(
    run.renewed.map(({ id }) => id).sort(),
    plan.due.flatMap(({ id, reason }) => (reason === 'Deliver' ? [] : [id])).sort(),
    'what was renewed is what was due for more than a delivery',
  );
  check.deepEqual(
    placesWritten(seen),
    plan.due.flatMap(({ destinations }) => destinations).sort(),
    'what the servers were asked to write is what was due',
  );
  for (const { id, places, destinations } of plan.due)
    check.deepEqual(
      places.filter(({ delivery }) => WRITES.includes(delivery)).map(({ place }) => place),
      destinations.toSorted(),
      `the places of ${id} of which it was said that they are written`,
    );
  const names = new Set(plan.due.flatMap(({ txt }) => txt.map(({ name }) => name)));
  check.deepEqual(
    challengesWritten(seen).filter((name) => !names.has(name)),
    [],
    'TXT names that were written and not said',
  );
  const done = new Set([...run.renewed, ...run.delivered].map(({ id }) => id));
  check.deepEqual(
    plan.deferred.map(({ id }) => id).filter((id) => done.has(id)),
    [],
    'what was deferred and done all the same',
  );
  check.deepEqual(run.failed, [], 'what failed');
  return { plan, run, seen };
}
