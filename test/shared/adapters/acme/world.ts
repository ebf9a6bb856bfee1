/** What an ACME authority needs around it, in memory, and the lane's part of an attempt: DNS by the test, key and CSR, one step after another. */
import type { AcmeIssuer, AcmeOptions, IssuerPlace } from '../../../../shared/adapters/acme/acme-authorities.ts';
import { AcmeAuthorities } from '../../../../shared/adapters/acme/acme-authorities.ts';
import type { IssuanceRequest } from '../../../../shared/contract/certificate.ts';
import type { AcmeIssuerSpec } from '../../../../shared/contract/fleet.ts';
import type { Authority } from '../../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../../shared/contract/problem.ts';
import type { Records, Row } from '../../../../shared/contract/records.ts';
import type { Attempt } from '../../../../shared/contract/rows.ts';
import type { PendingChallenge, Step } from '../../../../shared/contract/step.ts';
import { makeRequest } from '../../../fixtures/x509.ts';
import { makeCsr } from '../../../sandbox/ca/session.ts';

/** Compare-and-set on rev, as the port says; only what an account needs. */
export class MemoryRecords {
  readonly rows = new Map<string, Row<unknown>>();
  /** Called before each write. */
  onPut: (row: Row<unknown>) => void = () => undefined;

  async get<B>({ pk, sk }: { readonly pk: string; readonly sk: string }): Promise<Row<B> | undefined> {
    return this.rows.get(`${pk}/${sk}`) as Row<B> | undefined;
  }

  async put<B>(row: Row<B>): Promise<'written' | 'conflict'> {
    this.onPut(row);
    const address = `${row.pk}/${row.sk}`;
    if ((this.rows.get(address)?.rev ?? 0) !== row.rev) return 'conflict';
    this.rows.set(address, { ...row, rev: row.rev + 1 });
    return 'written';
  }
}

export interface AcmeWorld {
  readonly records: MemoryRecords;
  /** A new process: nothing in memory but what the rows hold. */
  restart(): AcmeAuthorities;
  /** The authority of an issuer in a process (default: the first). */
  authority(place?: Partial<IssuerPlace>, process?: AcmeAuthorities): Authority;
  close(): void;
}

export interface AcmeWorldOptions {
  readonly directory: string;
  readonly tlsCaPem: string;
  readonly spec?: Partial<AcmeIssuerSpec>;
  readonly options?: Partial<AcmeOptions>;
}

/** Sealing that a test can look through: the text names its context. */
export const seal: AcmeOptions['seal'] = async (plain, context) =>
  `sealed:${JSON.stringify(context)}:${Buffer.from(plain).toString('hex')}`;
export const unseal: AcmeOptions['unseal'] = async (sealed, context) => {
  const head = `sealed:${JSON.stringify(context)}:`;
  if (!sealed.startsWith(head)) throw new Error(`sealed for another context than ${head}`);
  return Buffer.from(sealed.slice(head.length), 'hex');
};

export function makeAcmeWorld({ directory, tlsCaPem, spec, options }: AcmeWorldOptions): AcmeWorld {
  const records = new MemoryRecords();
  const issuer: AcmeIssuer = {
    id: 'fleet/ca',
    kind: 'ClusterIssuer',
    name: 'ca',
    source: 'fleet',
    spec: { type: 'acme', server: directory, caBundle: tlsCaPem, solvers: [], ...spec },
  };
  const processes: AcmeAuthorities[] = [];
  const restart = (): AcmeAuthorities => {
    const made = new AcmeAuthorities({
      records: records as unknown as Records,
      seal,
      unseal,
      fleet: 'acme',
      clock: { now: () => new Date() },
      readSecret: async ({ name }) => {
        throw new Error(`no Secret ${name}`);
      },
      announce: () => undefined,
      version: '1.2.3',
      timeoutMs: 5_000,
      ...options,
    });
    processes.push(made);
    return made;
  };
  const first = restart();
  return {
    records,
    restart,
    authority: (place = {}, process = first) =>
      process.of(issuer, { zoneOf: () => 'Z1', clusterResourceNamespace: 'cert-manager', ...place }),
    close: () => {
      for (const one of processes) one.close();
    },
  };
}

export const request = (...dnsNames: string[]): IssuanceRequest => makeRequest({ dnsNames });

export const attemptAt = (step: Step, rest: Partial<Attempt> = {}): Attempt => ({
  id: 'a1',
  startedAt: new Date().toISOString(),
  pickups: 0,
  deadline: new Date(Date.now() + 600_000).toISOString(),
  step,
  ...rest,
});

export async function csrPem(names: readonly string[]): Promise<string> {
  const { csr } = await makeCsr(names);
  const base64 = Buffer.from(csr, 'base64url').toString('base64');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
}

export interface Drive {
  readonly request: IssuanceRequest;
  present(challenges: readonly PendingChallenge[]): Promise<void>;
  /** Who does the next call; the step is the one that was stored last. */
  by(step: Step['at']): Authority;
  /** After a call: true = the process died before its result was stored. */
  diesAfter?(step: Step['at']): boolean;
  /** Milliseconds between two looks at what is not ready. */
  readonly pauseMs?: number;
}

export interface Driven {
  readonly last: Attempt;
  /** Steps as they were stored. */
  readonly trail: readonly Step['at'][];
  /** Every order URL that was seen. */
  readonly orders: ReadonlySet<string>;
}

/** What the lane does itself with a step; undefined = the authority's turn. */
async function ownPart(attempt: Attempt, drive: Drive): Promise<Attempt | undefined> {
  const { step } = attempt;
  if (step.at === 'authorizing') {
    await drive.present(step.challenges);
    return { ...attempt, step: { at: 'presented', orderUrl: step.orderUrl, challenges: step.challenges } };
  }
  if (step.at !== 'ready') return undefined;
  return { ...attempt, csr: await csrPem(drive.request.dnsNames), step: { ...step, at: 'finalizing' } };
}

/** From `intent` to `issued` or `rejected`, as the issue lane would. */
export async function drive(how: Drive): Promise<Driven> {
  let attempt = attemptAt({ at: 'intent' });
  const trail: Step['at'][] = ['intent'];
  const orders = new Set<string>();
  while (attempt.step.at !== 'issued' && attempt.step.at !== 'rejected') {
    const { at } = attempt.step;
    const own = await ownPart(attempt, how);
    const next = own ? undefined : await how.by(at).advance(attempt, how.request);
    if (next && 'orderUrl' in next.step && next.step.orderUrl) orders.add(next.step.orderUrl);
    if (next && how.diesAfter?.(at)) continue;
    attempt = own ?? { ...attempt, step: next?.step ?? attempt.step };
    if (attempt.step.at !== at) trail.push(attempt.step.at);
    if (next?.notBefore) await new Promise((resolve) => setTimeout(resolve, how.pauseMs ?? 40));
  }
  return { last: attempt, trail, orders };
}

/** The problem that a call ends with. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    (value) => new Error(`nothing was refused: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProblemError) return error.problem;
  throw error;
}
