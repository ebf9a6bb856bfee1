/** Who decides about each Secret of a cluster, as cert-manager's shim leaves it: what each object asks for, settled among them. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { CertificateId } from '../../contract/ids.ts';
import { nameAllowed } from '../../standards/dns/names.ts';
import { type Asked, type CertificateFound, type ShimFound, type Unreadable, unreadable } from './asked.ts';

interface Holder {
  readonly who: string;
  readonly asked?: Asked;
}

const byAge = (a: ShimFound, b: ShimFound): number => {
  const [x, y] = [a, b].map(({ createdAt, namespace, name }) => `${createdAt} ${namespace}/${name}`);
  return (x ?? '') < (y ?? '') ? -1 : 1;
};

/** Why the names of an object will not be in the Secret that another object decides about, or nothing. */
function leftOut(asked: Asked, holder: Holder): readonly string[] {
  const held = holder.asked;
  if (!held) return [];
  const { dnsNames, ipAddresses } = held.spec;
  const missing = [
    ...asked.spec.dnsNames.filter((name) => !dnsNames.some((pattern) => nameAllowed(name, pattern))),
    ...asked.spec.ipAddresses.filter((ip) => !ipAddresses.includes(ip)),
  ];
  if (missing.length === 0) return [];
  return [
    `the Secret ${asked.spec.secretName} is decided by ${holder.who}, which does not ask for ${missing.join(', ')}`,
  ];
}

/** What the shim compares before it writes a Certificate of its own again; a change of anything else alone has no effect. */
const comparedOf = ({ labels, spec }: Asked) => {
  const { commonName, dnsNames, issuerRef, privateKey, durationMs, renewBeforeMs } = spec;
  return [labels, commonName, dnsNames, issuerRef.name, issuerRef.kind, privateKey, durationMs, renewBeforeMs];
};

/** What becomes of a Certificate that the shim made for an object which is there: as it would write it next, or nothing where it would delete it. */
function asMade(found: CertificateFound & { readonly asked: Asked }, maker: ShimFound): Asked | undefined {
  const { asked } = found;
  if (!maker.isShimmed || maker.problems.length > 0) return asked;
  if (!maker.secrets.includes(asked.spec.secretName ?? '')) return undefined;
  const next = maker.asked.find(({ id }) => id === found.id);
  if (!next || isDeepStrictEqual(comparedOf(asked), comparedOf(next))) return asked;
  const { endpoints = next.endpoints } = asked;
  return { ...next, origin: 'Certificate', ...(endpoints ? { endpoints } : {}) };
}

function holdersOf(certificates: readonly CertificateFound[], shims: readonly ShimFound[]): Map<CertificateId, Holder> {
  const makers = new Map(shims.map((shim) => [shim.uid, shim]));
  const holders = new Map<CertificateId, Holder>();
  for (const found of certificates) {
    const { id, asked } = found;
    const maker = makers.get(found.maker ?? '');
    const now = asked && maker ? asMade({ ...found, asked }, maker) : asked;
    if (asked && !now) continue;
    const who = `the Certificate ${id.slice(id.lastIndexOf('/') + 1)}`;
    holders.set(id, { who, ...(now ? { asked: now } : {}) });
  }
  return holders;
}

export interface Settled {
  readonly asked: readonly Asked[];
  readonly unreadable: readonly Unreadable[];
  /** Everything that somebody asks for, honoured or not: nothing of it is gone. */
  readonly named: ReadonlySet<CertificateId>;
}

/**
 * A Certificate of the Secret's name, honoured or not, comes before any Ingress or Gateway, of which the oldest comes first. One that comes
 * too late asks for nothing; it is told only where its names are left out. A Certificate that the shim made follows the object it was made
 * for, as far as the shim would write it again: nobody but cert-manager does, which may be gone.
 */
export function settle(
  certificates: readonly CertificateFound[],
  shims: readonly ShimFound[],
  cluster: string,
): Settled {
  const holders = holdersOf(certificates, shims);
  const told = shims.toSorted(byAge).flatMap(({ kind, namespace, name, asked, problems, skipped, hosts }) => {
    const late = asked.flatMap((one) => {
      const holder = holders.get(one.id);
      if (!holder) holders.set(one.id, { who: `the older ${kind} ${name}`, asked: one });
      return holder ? leftOut(one, holder) : [];
    });
    const all = [...problems, ...skipped, ...late];
    return all.length > 0 ? [unreadable({ cluster, kind, namespace, name }, all, hosts)] : [];
  });
  const ofShims = shims
    .filter(({ isShimmed }) => isShimmed)
    .flatMap(({ namespace, secrets }) => secrets.map((secret): CertificateId => `${cluster}/${namespace}/${secret}`));
  return {
    asked: [...holders.values()].flatMap(({ asked }) => asked ?? []),
    unreadable: [...certificates.flatMap((found) => found.unreadable ?? []), ...told],
    named: new Set([...holders.keys(), ...ofShims]),
  };
}
