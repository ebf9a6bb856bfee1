/** Many Certificates of one zone in one cluster, and what a run that issues them cost each server. */
import { ISSUER } from './fleet-file.ts';
import type { Recorded } from './recorder.ts';
import type { World } from './world.ts';

export const NAMESPACE = 'shop';

export type KeyWish = { readonly algorithm: 'ECDSA' | 'RSA'; readonly size: number };

export interface Many {
  readonly count: number;
  readonly privateKey: KeyWish;
}

const AT_ONCE = 8;

/** Makes `count` Certificates for one name each in `east`; gives the names of their Secrets. */
export async function wishForMany(world: World, { count, privateKey }: Many): Promise<readonly string[]> {
  const [{ admin }] = world.clusters;
  await admin.namespace(NAMESPACE);
  const names = Array.from({ length: count }, (_, i) => `many-${String(i + 1).padStart(4, '0')}`);
  const left = [...names];
  const makeNext = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift())
      await admin.create({
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { namespace: NAMESPACE, name },
        spec: {
          secretName: `${name}-tls`,
          dnsNames: [`${name}.${world.zone.name}`],
          issuerRef: ISSUER,
          privateKey: { ...privateKey },
        },
      });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, makeNext));
  return names.map((name) => `${name}-tls`);
}

export interface Cost {
  /** Requests to the CA that are asked once in a run: directory, account, first nonces. */
  readonly caOnce: number;
  /** All others, refused nonces among them. */
  readonly ca: number;
  /** Batches to Route 53 that add values, and those that remove some. */
  readonly adds: number;
  readonly removes: number;
  /** Looks whether a batch is INSYNC. */
  readonly getChanges: number;
  readonly kubernetes: number;
}

const CHANGES = /^route53 POST .*\/rrset\/?$/;
const ONCE = ['directory', 'newNonce', 'newAccount'];
const GET_CHANGE = /^route53 GET .*\/change\//;

/** What was asked of each server. */
export function costOf(seen: readonly Recorded[]): Cost {
  const count = (is: (one: Recorded) => boolean): number => seen.filter(is).length;
  const bodies = seen
    .filter(({ operation }) => CHANGES.test(operation))
    .map(({ requestBody }) => requestBody.toString());
  return {
    caOnce: count(({ server, operation }) => server === 'ca' && ONCE.includes(operation)),
    ca: count(({ server, operation }) => server === 'ca' && !ONCE.includes(operation)),
    adds: bodies.filter((body) => /<Action>(CREATE|UPSERT)</.test(body)).length,
    removes: bodies.filter((body) => body.includes('<Action>DELETE<')).length,
    getChanges: count(({ operation }) => GET_CHANGE.test(operation)),
    kubernetes: count(({ protocol }) => protocol === 'kubernetes'),
  };
}
