/** What the checks are about: the certificates that are asked for, by whom they are issued, and the names and places that this takes. */
import type { Fleet, Issuer } from '../../shared/contract/fleet.ts';
import { type CertificateId, FLEET_SOURCE, type Iso, type IssuerId } from '../../shared/contract/ids.ts';
import { isIssuerRow, isWantedRow, type Records } from '../../shared/contract/records.ts';
import type { Held, Wanted } from '../../shared/contract/rows.ts';
import { resolveId } from '../../shared/fleet/resolve-id.ts';
import { issuersFor, wishOf } from '../../shared/lanes/asked-again.ts';
import { inManage } from '../../shared/lanes/in-manage.ts';
import { want } from '../../shared/stages/assess/want.ts';
import { requestOf } from '../../shared/standards/certmanager/request.ts';

export interface AskedFor {
  readonly wanted: readonly Wanted[];
  /** Those of the certificates; with no id given also all of the fleet file. */
  readonly issuers: readonly Issuer[];
  /** Whether everything is looked at, and not only some certificates. */
  readonly isWhole: boolean;
  /** DNS names that are to be proved to an ACME issuer. */
  readonly namesBy: ReadonlyMap<IssuerId, readonly string[]>;
  /** What would hold back in manage what is only looked at now. */
  readonly foreseen: ReadonlyMap<CertificateId, Held>;
  /** Clusters of which no inventory has said what they ask for. */
  readonly unknown: readonly string[];
}

interface Ports {
  readonly fleet: Fleet;
  readonly records: Records;
  readonly now: Iso;
}

/** Asked for in clusters: what the last inventory has written down. */
async function inClusters({ fleet, records }: Ports) {
  const [wanted, issuers, unknown]: [Wanted[], Issuer[], string[]] = [[], [], []];
  for (const { name } of fleet.clusters) {
    let isKnown = (await records.get<unknown>({ pk: 'LANE', sk: `inventory:${name}` })) !== undefined;
    for await (const row of records.children<unknown>(`SRC#${name}`)) {
      isKnown = true;
      if (isWantedRow(row) && !row.body.goneAt) wanted.push(row.body);
      if (isIssuerRow(row)) issuers.push(row.body.issuer);
    }
    if (!isKnown) unknown.push(name);
  }
  return { wanted, issuers, unknown };
}

/** Asked for in the fleet file: what it says now, whether or not an inventory has read it. */
function inFile({ fleet, now }: Ports, found: readonly Issuer[]): readonly Wanted[] {
  const issuers = new Map([...fleet.issuers, ...found].map((issuer) => [issuer.id, issuer]));
  const context = { fleet, issuers, unusableIssuers: new Set<string>(), now };
  return fleet.certificates.map((certificate) => want({ ...certificate, from: 'file' }, context).wanted);
}

/** What an inventory has written down, as the fleet file asks for it now: it may have been mended since. What only a look can tell stays as it was found. */
async function asOfNow(found: Wanted, { fleet, records, now }: Ports): Promise<{ wanted: Wanted; foreseen?: Held }> {
  const wish = wishOf(found, fleet);
  if (!wish || found.held?.reason === 'unsupported') return { wanted: found };
  const issuers = await issuersFor(found, { fleet, records });
  const asked = (of: Fleet) => want(wish, { fleet: of, issuers, unusableIssuers: new Set<string>(), now }).wanted;
  const wanted = asked(fleet);
  const foreseen = wanted.held?.reason === 'audit' ? asked(inManage(fleet)).held : undefined;
  return { wanted, ...(foreseen ? { foreseen } : {}) };
}

const isLooked = ({ held }: Wanted): boolean => held === undefined || held.reason === 'audit';

/** Throws InputError for an id that nobody asks for. */
export async function askedFor(typed: readonly string[], ports: Ports): Promise<AskedFor> {
  const { wanted: inOldRows, issuers: inRows, unknown } = await inClusters(ports);
  const again = await Promise.all(inOldRows.map((one) => asOfNow(one, ports)));
  const found = again.map(({ wanted }) => wanted);
  const foreseen = new Map(again.flatMap(({ wanted, foreseen }) => (foreseen ? [[wanted.id, foreseen] as const] : [])));
  const ofFile = inFile(ports, inRows);
  const known = new Set(ofFile.map(({ id }) => id));
  const all = [...ofFile, ...found.filter(({ id }) => !known.has(id))];
  const ids = new Set<CertificateId>(
    typed.map((id) =>
      resolveId(
        id,
        all.map((one) => one.id),
      ),
    ),
  );
  const isWhole = ids.size === 0;
  const wanted = isWhole ? all : all.filter(({ id }) => ids.has(id));
  const used = new Set(wanted.map(({ issuer }) => issuer));
  const issuers = [...ports.fleet.issuers, ...inRows].filter(
    ({ id, source }) =>
      used.has(id) || (isWhole && (source === FLEET_SOURCE || ports.fleet.issuers.some((one) => one.id === id))),
  );
  const namesBy = new Map<IssuerId, readonly string[]>();
  for (const issuer of issuers) {
    if (issuer.spec.type !== 'acme') continue;
    const own = wanted.filter((one) => one.issuer === issuer.id && isLooked(one));
    namesBy.set(issuer.id, [...new Set(own.flatMap(({ spec }) => requestOf(spec, issuer).dnsNames))]);
  }
  return { wanted, issuers, isWhole, namesBy, foreseen, unknown: isWhole ? unknown : [] };
}
