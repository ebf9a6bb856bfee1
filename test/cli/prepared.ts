/** A session whose world is prepared: real rows in a real store, and lanes that only note that they were asked to run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Session } from '../../cli/session.ts';
import { settingsOf } from '../../cli/settings.ts';
import { sqliteRecords } from '../../shared/adapters/local/sqlite-records.ts';
import type { CertificateSpec } from '../../shared/contract/certificate.ts';
import { type Row, rows } from '../../shared/contract/records.ts';
import type { Happened, Issuance, Wanted } from '../../shared/contract/rows.ts';
import type { Left, Local, Rehearsal } from '../../shared/wiring/local.ts';
import { NOW, paper, view } from './values.ts';

export const ID = 'prod-eu/shop/shop-tls';

export const spec: CertificateSpec = {
  issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer', group: 'cert-manager.io' },
  subject: {},
  dnsNames: ['shop.example.com'],
  ipAddresses: [],
  uris: [],
  emailAddresses: [],
  durationMs: 7_776_000_000,
  isCA: false,
  usages: ['digital signature'],
  privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS8' },
  secretTemplate: { labels: {}, annotations: {} },
};

export const wanted = (over: Partial<Wanted> = {}): Wanted => ({
  id: ID,
  source: 'prod-eu',
  origin: 'Certificate',
  namespace: 'shop',
  name: 'shop-tls',
  labels: {},
  spec,
  issuance: 'one',
  issuer: 'fleet/letsencrypt',
  places: [{ place: ID, adopt: false }],
  seenAt: NOW.toISOString(),
  ...over,
});

export const issuance = (over: Partial<Issuance> = {}): Issuance => ({
  id: 'one',
  request: { ...spec, issuer: 'fleet/letsencrypt', key: { algorithm: 'ECDSA', size: 256 } },
  members: [ID],
  keyPolicy: 'ephemeral',
  renewAt: '2026-12-24T09:00:00.000Z',
  ...over,
});

export interface Prepared extends Session {
  /** Calls that would have changed something, in order. */
  readonly calls: readonly string[];
  /** What was said to people so far. */
  readonly said: readonly string[];
}

interface Preparation {
  readonly rows: readonly Row<unknown>[];
  readonly local?: Partial<Local>;
  readonly happens?: readonly Happened[];
  readonly agrees?: boolean;
  readonly json?: boolean;
  /** The command is said to a deployed service of this name. */
  readonly service?: string;
}

const NOTHING: Local['plan'] = async () => ({ due: [], deferred: [] });

export const LEFT: Left = {
  ...{ fleet: 'acme', orders: [], values: [], places: [], unsettled: [], stays: [] },
};

export const REHEARSED: Rehearsal = {
  ...{ id: 'fleet/shop', issuer: 'fleet/letsencrypt', names: ['shop.example.com'], twin: 'other' },
  end: { is: 'stopped', at: 'order' },
  ...{ phases: [], requests: { ca: 0, route53: 0 }, txt: [], next: 'nothing' },
};

function localOf(records: Local['records'], calls: string[], onRun: () => void): Local {
  return {
    records,
    blobs: { read: async () => undefined, write: async () => undefined },
    clock: { now: () => NOW, sleep: async () => undefined, remainingMs: () => Number.POSITIVE_INFINITY },
    inventory: async () => undefined,
    plan: NOTHING,
    planInManage: async () => ({ due: [], deferred: [] }),
    run: async (only) => {
      calls.push(`run ${only?.join(',') ?? 'all'}`);
      onRun();
      return { inProgress: [], stillDue: [] };
    },
    rehearse: async (id) => {
      calls.push(`rehearse ${id}`);
      return REHEARSED;
    },
    digest: async () => ({ is: 'said', sentOn: [], waiting: [], failures: [] }),
    force: async (id, by) => void calls.push(`force ${id} by ${by}`),
    adoption: async () => [],
    adopt: async (id) => {
      calls.push(`adopt ${id}`);
      return [id];
    },
    lookAtLeaving: async () => LEFT,
    leave: async (by) => {
      calls.push(`leave by ${by}`);
      return LEFT;
    },
    leaving: async () => undefined,
    rejoin: async () => void calls.push('rejoin'),
    requireStaying: async () => undefined,
    pause: async () => undefined,
    pausedLanes: async () => [],
    sources: async () => [{ name: 'prod-eu', state: 'ok' }],
    views: async () => [view()],
    findings: async () => [],
    close: async () => undefined,
  };
}

/** Rows are written as they are; `happens` is told when lanes are asked to run. */
export async function prepared({
  rows: given,
  local = {},
  happens = [],
  agrees,
  json,
  service,
}: Preparation): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-cli-'));
  const records = sqliteRecords(join(folder, 'records.sqlite'));
  onTestFinished(() => {
    records.close();
    rmSync(folder, { recursive: true });
  });
  for (const row of given) await records.put(row);
  const [calls, said, happened]: [string[], string[], Happened[]] = [[], [], []];
  return {
    local: { ...localOf(records, calls, () => happened.push(...happens)), ...local },
    settings: settingsOf({ ...(json ? { output: 'json' } : {}), ...(service ? { service } : {}) }),
    clusters: [],
    issuers: [],
    happened,
    user: 'ada',
    say: async (lines) => void said.push(...lines(paper())),
    confirm: async () => agrees,
    calls,
    said,
  };
}

export const certificateRows = (over: Partial<Issuance> = {}): readonly Row<unknown>[] => [
  rows.wanted(wanted(), 0),
  rows.issuance(issuance(over), 0),
];
