/** What `plan` says of places that are somebody else's, against what adopting and running change in the API server. */
import { isDeepStrictEqual } from 'node:util';
import { planIn } from './harness/answers.ts';
import { fleetCertificate, writeFleet } from './harness/fleet-file.ts';
import { at, challengesWritten, inSecret, namespaces, planThenRun, ref } from './harness/plan-then-run.ts';
import { type Check, scenario } from './harness/scenario.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';
import type { Manifest, World } from './harness/world.ts';

/** What differs between two states of a Secret, as `adopting` of a plan tells it. */
function changesBetween(before: Manifest | undefined, after: Manifest | undefined) {
  const of = (a: object = {}, b: object = {}): readonly string[] => {
    const [had, has] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
    return [...has.keys()].filter((key) => !isDeepStrictEqual(had.get(key), has.get(key))).toSorted();
  };
  return {
    labels: of(before?.metadata.labels, after?.metadata.labels),
    annotations: of(before?.metadata.annotations, after?.metadata.annotations),
    keys: of(before?.data, after?.data),
  };
}

/** A certificate for a Secret made by hand, one of Helm, and one that is not there. */
async function scene(world: World, host: string): Promise<string> {
  const [east] = world.clusters;
  await namespaces(world, 'shop');
  const pair = await selfSignedPair([host]);
  await east.admin.create(tlsSecret(at('mixed'), pair), 'kubectl-create');
  const ofHelm = tlsSecret(at('of-helm'), pair);
  await east.admin.create(
    { ...ofHelm, metadata: { ...ofHelm.metadata, labels: { 'app.kubernetes.io/managed-by': 'Helm' } } },
    'helm',
  );
  const destinations = [inSecret(['east', 'west'], 'mixed'), inSecret(['east'], 'of-helm')];
  return writeFleet(world, { documents: [fleetCertificate('mixed', [host], destinations)] });
}

async function checkWords(world: World, { fleet, host }: { fleet: string; host: string }, check: Check): Promise<void> {
  const looked = planIn(await world.nolapse(['plan', 'mixed', '--fleet', fleet, '-o', 'json']));
  const [entry] = looked.due;
  check.deepEqual(
    entry?.places.map(({ place, ownership, delivery }) => [place, ownership.is, delivery]),
    [
      ['east/shop/mixed', 'adoptable', 'adopt-first'],
      ['east/shop/of-helm', 'owned', 'refused'],
      ['west/shop/mixed', 'absent', 'create'],
    ],
    'whose the places are, and what is done there',
  );
  check.match(entry?.places[1]?.refusal?.detail ?? '', /Helm/, 'who owns what is refused');
  check.deepEqual(
    entry?.txt,
    [{ name: `_acme-challenge.${host}`, zone: world.zone.name, hostedZoneId: world.zone.id, roleArn: null }],
    'the TXT names',
  );
  const text = await world.nolapse(['plan', '--fleet', fleet]);
  check.match(text.stdout, /^ {2}refused: east\/shop\/of-helm \(of Helm\)$/m, 'who owns the Secret, for people');
  check.match(text.stdout, /^ {2}adopt first: east\/shop\/mixed \(made by kubectl-create\)$/m, 'what consent opens');
}

scenario('run does what plan said: whose the places are, and what adopting changes', {}, async (world, check) => {
  const [east] = world.clusters;
  const host = `mixed.${world.zone.name}`;
  const fleet = await scene(world, host);
  await checkWords(world, { fleet, host }, check);
  const first = await planThenRun(world, fleet, check);
  check.deepEqual(challengesWritten(first.seen), [`_acme-challenge.${host}`], 'the TXT names that were written');

  await world.nolapse(['adopt', 'mixed', '--yes', '--fleet', fleet]);
  const before = await east.admin.get(ref('mixed'));
  const second = await planThenRun(world, fleet, check);
  const adopted = second.plan.due[0]?.places.find(({ place }) => place === 'east/shop/mixed');
  const after = await east.admin.get(ref('mixed'));
  check.equal(adopted?.delivery, 'take-over', 'what is done once somebody agreed');
  const { labels = [], annotations = [], keys = [] } = adopted?.adopting ?? {};
  check.deepEqual(
    { labels: labels.toSorted(), annotations: annotations.toSorted(), keys: keys.toSorted() },
    changesBetween(before, after),
    'what adopting was said to change, and what it changed',
  );
  const rest = planIn(await world.nolapse(['plan', 'mixed', '--fleet', fleet, '-o', 'json']));
  check.deepEqual(
    rest.deferred.map(({ id, reason, places }) => [id, reason, ...places.map(({ delivery }) => delivery)]),
    [['fleet/mixed', 'NotDue', 'replace', 'refused', 'replace']],
    'the same certificate once nothing is due',
  );
});
