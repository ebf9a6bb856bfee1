/** What is still there when a fleet was left, and what it costs: nothing of it is removed by us, because nothing of it comes back. */
import type { Issuer } from '../contract/fleet.ts';
import { type Place, placeParts } from '../contract/ids.ts';
import { isIssuerRow, KIND, keys, type Records } from '../contract/records.ts';
import type { Issuance } from '../contract/rows.ts';
import type { LanePorts } from './lane-ports.ts';

export interface Stay {
  /** In words: what it is. */
  readonly what: string;
  /** Path, URL, ARN or name. */
  readonly where: string;
  readonly usdAMonth: number;
  /** What to do where nobody wants to keep it. */
  readonly remove: string;
}

/** Of one secret in Secrets Manager, as AWS says in November 2026; requests come on top. */
const SECRET_USD = 0.4;

async function issuersOf({ fleet, records }: Pick<LanePorts, 'fleet' | 'records'>): Promise<readonly Issuer[]> {
  const found: Issuer[] = [...fleet.issuers];
  for (const { name } of fleet.clusters)
    for await (const row of records.children<unknown>(`SRC#${name}`)) if (isIssuerRow(row)) found.push(row.body.issuer);
  return found;
}

async function accounts(ports: Pick<LanePorts, 'fleet' | 'records'>): Promise<readonly Stay[]> {
  const urls = new Map<string, string>();
  for (const { spec } of await issuersOf(ports)) {
    if (spec.type !== 'acme') continue;
    const row = await ports.records.get(keys.account(spec.server, spec.externalAccountBinding?.keyId));
    if (row?.body.url) urls.set(row.body.url, spec.server);
  }
  return [...urls].map(([where, server]) => ({
    ...{ what: `account at ${new URL(server).host}`, where, usdAMonth: 0 },
    remove: 'its key goes with the state; the CA forgets it or keeps it, it does no harm',
  }));
}

/** Counted only: there may be one for each certificate. */
async function keptKeys(records: Records): Promise<readonly Stay[]> {
  let kept = 0;
  for await (const { body } of records.list<Issuance>(KIND.issuance)) if (body.current?.sealedKey) kept += 1;
  if (kept === 0) return [];
  const what = kept === 1 ? 'sealed private key' : `${kept} sealed private keys`;
  return [{ what, where: 'in the state', usdAMonth: 0, remove: 'goes with the state' }];
}

const secrets = (places: readonly Place[]): readonly Stay[] =>
  places.flatMap((place) => {
    const at = placeParts(place);
    if (at.at !== 'secretsManager') return [];
    const region = at.region === undefined ? '' : ` --region ${at.region}`;
    const remove = `aws secretsmanager delete-secret --secret-id ${at.name}${region}`;
    return [{ what: 'secret in Secrets Manager', where: place, usdAMonth: SECRET_USD, remove }];
  });

/** `keeps`: what the world itself consists of; `there`: places that hold something. */
export async function staysOf(
  ports: Pick<LanePorts, 'fleet' | 'records'> & { readonly keeps: readonly Stay[] },
  there: readonly Place[],
): Promise<readonly Stay[]> {
  return [...ports.keeps, ...(await keptKeys(ports.records)), ...(await accounts(ports)), ...secrets(there)];
}
