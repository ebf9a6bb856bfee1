/** Somebody's certificate in a cluster, and what a rehearsal of another one must leave as it was. */
import { type RehearseAnswer, rehearseIn } from './answers.ts';
import { ISSUER } from './fleet-file.ts';
import { at, namespaces } from './plan-then-run.ts';
import type { Recorded } from './recorder.ts';
import { selfSignedPair, tlsSecret } from './tls-secrets.ts';
import type { Manifest, World } from './world.ts';

const DAY_MS = 86_400_000;

const certificate = (names: readonly string[]): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: at('shop-tls'),
  spec: {
    ...{ secretName: 'shop-tls', dnsNames: names, issuerRef: ISSUER },
    privateKey: { algorithm: 'ECDSA', size: 256 },
  },
});

/** Somebody's own certificate, which runs out, and what asks for another. */
export async function scene(world: World, names: readonly string[]): Promise<void> {
  const [{ admin }] = world.clusters;
  await namespaces(world, 'shop');
  const life = { notBefore: new Date(Date.now() - 80 * DAY_MS), notAfter: new Date(Date.now() + 10 * DAY_MS) };
  await admin.create(tlsSecret(at('shop-tls'), await selfSignedPair(names, life)), 'kubectl-create');
  await admin.create(certificate(names));
}

export const of =
  (server: string) =>
  (one: Recorded): boolean =>
    one.server === server;
export const orders = (seen: readonly Recorded[], server: string): number =>
  seen.filter((one) => of(server)(one) && one.operation === 'newOrder' && one.status === 201).length;
export const ofZone = ({ operation }: Recorded): boolean => operation.startsWith('route53 ');
/** What was written but into the zone, at the CA and into the service's own topic. */
export const otherWrites = (seen: readonly Recorded[]): readonly string[] =>
  seen.flatMap(({ kind, server, operation }) =>
    kind === 'write' && server !== 'staging' && !operation.startsWith('route53 ') && operation !== 'sns Publish'
      ? [`${server} ${operation}`]
      : [],
  );

export const everything = async ({ clusters, zone }: World): Promise<string> =>
  JSON.stringify([
    await zone.snapshot(),
    ...(await Promise.all(
      clusters.flatMap(({ admin }) => [
        admin.list({ kind: 'Secret', namespace: 'shop' }),
        admin.list({ kind: 'Certificate', namespace: 'shop' }),
      ]),
    )),
  ]);

interface Failing {
  readonly answer: RehearseAnswer;
  readonly code: number | null;
  readonly seen: readonly Recorded[];
  readonly isAsBefore: boolean;
}

export async function failing(world: World, fleet: string, id = 'shop-tls'): Promise<Failing> {
  const before = await everything(world);
  const mark = world.recorder.mark();
  const said = await world.nolapse(['rehearse', id, '--fleet', fleet, '-o', 'json']);
  const seen = world.recorder.seen(mark);
  return { answer: rehearseIn(said), code: said.code, seen, isAsBefore: (await everything(world)) === before };
}
