/** A fleet in audit that never ran, with one certificate that somebody asks for, and all that a rehearsal of it needs. */
import { expect } from 'vitest';
import type { AcmeIssuerSpec, Issuer } from '../../../shared/contract/fleet.ts';
import type { Authority } from '../../../shared/contract/ports.ts';
import { type Row, rows } from '../../../shared/contract/records.ts';
import type { Attempt, Happened } from '../../../shared/contract/rows.ts';
import { type RehearsalPorts, rehearse } from '../../../shared/lanes/rehearse.ts';
import { want } from '../../../shared/stages/assess/want.ts';
import { spec } from '../stages/assess/judged-things.ts';
import { context, LETS_ENCRYPT, wish } from '../stages/assess/wishes-of-shop.ts';
import { FLEET, openIssueWorld } from './issue-world.ts';

export const ID = 'prod/shop/a';
export const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';
export const AUDITED = { ...FLEET, clusters: FLEET.clusters.map((one) => ({ ...one, mode: 'audit' as const })) };
export const ASKED = wish('a', {
  spec: spec({ secretName: 'a', dnsNames: ['a.example.com'], usages: ['digital signature', 'server auth'] }),
});
export const lets = (more: Partial<AcmeIssuerSpec>): Issuer => ({
  ...LETS_ENCRYPT,
  spec: { ...(LETS_ENCRYPT.spec as AcmeIssuerSpec), ...more },
});

async function gathered(rows: AsyncIterable<Row<unknown>>): Promise<Row<unknown>[]> {
  const all: Row<unknown>[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** What an inventory of a cluster in audit has written, and nothing else. */
export async function audited() {
  const world = openIssueWorld();
  const { records, ca, clock, zone } = world;
  await records.put(rows.wanted(want(ASKED, context(AUDITED)).wanted, 0));
  const told: Happened[] = [];
  const asked: Issuer[] = [];
  const forgotten: Attempt[] = [];
  const id = want(ASKED, context(FLEET)).wanted.issuance ?? '';
  const authority: Authority = {
    advance: ca.advance,
    forget: async (attempt) => void forgotten.push(attempt),
  };
  const ports: RehearsalPorts = {
    ...{ ...world.ports(), fleet: AUDITED, told: (event) => void told.push(event) },
    authorityFor: (issuer) => {
      asked.push(issuer);
      return authority;
    },
    requests: () => ({ ca: ca.calls.length, route53: zone.calls.length + zone.polls.length }),
  };
  return {
    ...{ ...world, told, asked, forgotten, id, authority, ports, clock },
    words: () => told.map(({ what }) => what),
    rehearse: (more: Partial<RehearsalPorts> = {}) => rehearse(ID, { ...ports, ...more }),
    /** Rows that a lane, a plan or a message goes by. */
    rowsOfOthers: async () => [
      ...(await gathered(records.children('SRC#prod'))),
      ...(await gathered(records.children(`ISS#${id}`))),
      ...(await gathered(records.children('DEST#prod/shop/a'))),
      ...(await gathered(records.children(`EVT#${ID}`))),
      ...(await gathered(records.children(`OWNER#ISS#${id}`))),
      ...(await gathered(records.list('FINDING'))),
    ],
  };
}

export type Audited = Awaited<ReturnType<typeof audited>>;

export async function leftNothing(world: Audited, where = ''): Promise<void> {
  expect([...world.zone.values], where).toEqual([]);
  expect(await world.ledger(), where).toEqual([]);
  expect(world.rang, where).toEqual([]);
  expect(
    (await world.rowsOfOthers()).map(({ pk }) => pk),
    where,
  ).toEqual(['SRC#prod']);
}
