/** A deployed service by what it has written down: its functions do the work with rights of their own, and nobody else can try those. */
import { inventoryLane } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import { keys } from '../../shared/contract/records.ts';
import type { LaneState } from '../../shared/contract/rows.ts';
import { VERSION } from '../../shared/contract/version.ts';
import { sideBySide } from '../../shared/lanes/side-by-side.ts';
import { type Standing, standingOf } from '../../shared/lanes/standing.ts';
import { instant, list } from '../../shared/stages/assess/phrases.ts';
import type { Instruments } from '../../shared/wiring/instruments.ts';
import { counted } from '../output/words.ts';
import type { AskedFor } from './asked-for.ts';
import { clusterAdmin } from './check-clusters.ts';
import { brokenBy, type Check, ok, type Verdict, YOU } from './diagnose.ts';

/** Sources are read every hour. */
const STALE_MS = 2 * 3_600_000;

type Service = NonNullable<Instruments['service']>;

function versionVerdict({ version }: Pick<Service, 'version'>): Verdict {
  if (version === VERSION) return ok(`its functions answer, and are of this version (${VERSION})`);
  return {
    state: 'warning',
    evidence: [`its functions answer; it was deployed by version ${version ?? 'unknown'}, and this is ${VERSION}`],
    fix: 'deploy it with the version that you use: npx cdk deploy --all',
    who: YOU,
  };
}

function sourceVerdict(cluster: string, lane: LaneState | undefined, now: Date): Verdict {
  const who = clusterAdmin(cluster);
  const { lastOkAt, lastTryAt, problem } = lane ?? {};
  if (problem) {
    const { evidence, ...verdict } = brokenBy(problem, who);
    const when = lastTryAt === undefined ? [] : [`so it was at ${instant(lastTryAt)}; to look again:`];
    return { command: 'nolapse inventory', ...verdict, evidence: [...evidence, ...when] };
  }
  if (lastOkAt !== undefined && now.getTime() - Date.parse(lastOkAt) < STALE_MS)
    return ok(`the service read it last at ${instant(lastOkAt)}`);
  return {
    state: 'warning',
    evidence: [
      lastOkAt === undefined ? 'the service has never read it' : `the service read it last at ${instant(lastOkAt)}`,
    ],
    fix: 'see whether the schedules of the service run, and the log of its function inventory',
    who: YOU,
  };
}

/** What the identity of whoever looks may not see says nothing of the functions, which have their own. */
export const asVisitor =
  (look: Check['look']): Check['look'] =>
  async () => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof ProblemError) || !/^aws:\w*(Denied|Authoriz)/.test(error.problem.type)) throw error;
      return { ...brokenBy(error.problem), state: 'warning' };
    }
  };

const lastIssued = (standings: readonly Standing[]): string => {
  const valid = standings.filter(({ state }) => state === 'valid').length;
  return `${counted(valid, 'certificate')} of ${standings.length} in all their places`;
};

/** What has failed, in the other side's words: an order, or else a place; undefined = nothing. */
const causeOf = ({ state, waitingFor, places }: Standing): string | undefined =>
  state === 'failed' ? waitingFor : places.find(({ problem }) => problem !== undefined)?.problem;

async function standingChecks({ records, clock }: Instruments, { wanted }: AskedFor): Promise<readonly Check[]> {
  const free = wanted.filter(({ held }) => held === undefined);
  const stored = await sideBySide(free, async ({ id }) => (await records.get(keys.wanted(id)))?.body);
  const ids = stored.flatMap((one) => (one && !one.goneAt ? [one.id] : []));
  const standings = await sideBySide(ids, (id) => standingOf(id, { records, clock }));
  const byCause = Map.groupBy(standings, causeOf);
  return [
    { check: 'renewals', subject: 'all', look: async () => ok(lastIssued(standings)) },
    ...[...byCause].flatMap(([cause, alike]): readonly Check[] => {
      const [first] = alike;
      if (cause === undefined || !first) return [];
      const next = first.nextAt ? [`tried again at ${instant(first.nextAt)}`] : [];
      const look = async (): Promise<Verdict> => ({
        state: 'broken',
        evidence: [cause, ...next],
        fix: 'once it is mended, this tries at once',
        command: `nolapse renew ${first.certificate} --force`,
        who: YOU,
      });
      return [{ check: 'renewals', subject: list(alike.map(({ certificate }) => certificate)), look }];
    }),
  ];
}

export async function serviceChecks(tools: Instruments, asked: AskedFor): Promise<readonly Check[]> {
  const { service, fleet, records, clock } = tools;
  if (!service) return [];
  return [
    { check: 'service', subject: service.name, look: async () => versionVerdict(service) },
    {
      check: 'sealing',
      subject: 'keys',
      look: asVisitor(async () => {
        await service.requireKeys();
        return ok('the keys of the service are enabled; that its functions may use them is shown by its renewals');
      }),
    },
    ...fleet.clusters.map(
      ({ name }): Check => ({
        ...{ check: 'cluster', subject: name },
        look: async () => sourceVerdict(name, (await records.get(keys.lane(inventoryLane(name))))?.body, clock.now()),
      }),
    ),
    ...(await standingChecks(tools, asked)),
  ];
}
