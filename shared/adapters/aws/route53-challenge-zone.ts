/** Port 7 on Route 53: batches that take the zone as it should be, and look only at the names of which Route 53 says that they differ. */
import type { Zone } from '../../contract/fleet.ts';
import type { ChallengeZone, Clock } from '../../contract/ports.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import type { TxtKey } from '../../contract/step.ts';
import { batchesOf, changesOf, type TxtSet } from '../../standards/dns/txt-change.ts';
import { awsCode, awsProblem, awsText } from './aws-problem.ts';
import { HostedZone } from './hosted-zone.ts';
import { Route53Clients } from './route53-clients.ts';

export interface Route53Options {
  readonly zones: readonly Zone[];
  readonly clock: Clock;
  /** Default: the environment's. */
  readonly region?: string;
  /** Told of every request to Route 53 before it is sent. */
  readonly asked?: () => void;
}

/** A name that changes under our hands is looked at so often before it is refused. */
const MAX_LOOKS = 3;
/** More than one change happens only beyond Route 53's limits for one; the port has one id. */
const CHANGE_SEPARATOR = ',';

interface Wish {
  readonly add: readonly TxtKey[];
  readonly remove: readonly TxtKey[];
}

interface Settled {
  readonly changeIds: readonly string[];
  readonly refused: readonly { readonly entry: TxtKey; readonly problem: Problem }[];
  /** Route 53 could not be asked, or not by us; more of it need not be tried. */
  readonly stopped?: Problem;
}

/**
 * The challenge zones of a fleet, each with the role that its line names (session `nolapse`, external id) or the environment's identity.
 * Requests of one zone follow each other; a busy zone or account is asked again for about 20 s. Throws ProblemError as port 7 says:
 * `aws:<ErrorCode>`, `nolapse:unreachable`, `nolapse:no-such-zone`.
 */
export function route53ChallengeZone(options: Route53Options): ChallengeZone & { close(): void } {
  const zones = new Zones(options);
  return {
    change: async (zoneId, add, remove) => changed(zones.get(zoneId), zoneId, { add, remove }),
    inSync: async (zoneId, changeId) => {
      const zone = zones.get(zoneId);
      try {
        for (const id of changeId.split(CHANGE_SEPARATOR)) if (!(await zone.isInSync(id))) return false;
        return true;
      } catch (error) {
        throw new ProblemError(awsProblem(error, `asking for the change ${changeId} of zone ${zoneId}`));
      }
    },
    close: () => zones.close(),
  };
}

class Zones {
  readonly #options: Route53Options;
  readonly #clients: Route53Clients;
  readonly #zones = new Map<string, HostedZone>();

  constructor(options: Route53Options) {
    this.#options = options;
    // retries are ours, because they must know the run's clock
    this.#clients = new Route53Clients({ ...options, maxAttempts: 1 });
  }

  get(id: string): HostedZone {
    const known = this.#zones.get(id);
    if (known) return known;
    const zone = this.#options.zones.find(({ hostedZoneId }) => hostedZoneId === id);
    if (!zone)
      throw new ProblemError({
        type: 'nolapse:no-such-zone',
        detail: `the fleet has no zone ${id}; it has ${this.#options.zones.map((one) => one.hostedZoneId).join(', ') || 'none'}`,
        retry: 'never',
        fix: `add ${id} to spec.zones of the fleet file`,
      });
    const made = new HostedZone(this.#clients.of(zone), id, this.#options.clock);
    this.#zones.set(id, made);
    return made;
  }

  close(): void {
    this.#clients.close();
    this.#zones.clear();
  }
}

async function changed(zone: HostedZone, zoneId: string, wish: Wish): ReturnType<ChallengeZone['change']> {
  const work = new ZoneWork(zone, `changing zone ${zoneId}`);
  let all: Settled = { changeIds: [], refused: [] };
  for (const batch of batchesOf(changesOf(wish.add, wish.remove))) {
    const names = new Set(batch.map(({ name }) => name));
    const part = only(wish, (name) => names.has(name));
    all = all.stopped ? joined(all, stop(part, all.stopped)) : joined(all, await work.settle(part));
  }
  const { changeIds, refused, stopped } = all;
  if (stopped && refused.length === wish.add.length + wish.remove.length) throw new ProblemError(stopped);
  return changeIds.length > 0 ? { changeId: changeIds.join(CHANGE_SEPARATOR), refused } : { refused };
}

/** What has been seen of one zone while its values are settled. */
class ZoneWork {
  readonly #zone: HostedZone;
  readonly #what: string;
  readonly #seen = new Map<string, TxtSet | undefined>();
  readonly #looks = new Map<string, number>();

  constructor(zone: HostedZone, what: string) {
    this.#zone = zone;
    this.#what = what;
  }

  /** Ends: each round is done, or looks at a name once more, or leaves a name out, or halves the wish. */
  async settle(wish: Wish): Promise<Settled> {
    const changes = changesOf(wish.add, wish.remove, this.#seen);
    if (changes.length === 0) return { changeIds: [], refused: [] };
    try {
      return { changeIds: [await this.#zone.change(changes)], refused: [] };
    } catch (error) {
      if (!isRefusal(error)) return stop(wish, awsProblem(error, this.#what));
      const names = [...new Set(changes.map(({ name }) => name))];
      const named = namesIn(awsText(error), names);
      if (named.length === 0 && names.length > 1) return this.#halves(wish, names);
      return this.#without(wish, named.length > 0 ? named : names, error);
    }
  }

  /** Route 53 does not say which names it means, as where the batch is too large for it. */
  async #halves(wish: Wish, names: readonly string[]): Promise<Settled> {
    const first = new Set(names.slice(0, names.length / 2));
    const settled = await this.settle(only(wish, (name) => first.has(name)));
    const rest = only(wish, (name) => !first.has(name));
    return joined(settled, settled.stopped ? stop(rest, settled.stopped) : await this.settle(rest));
  }

  /** Looks at the names that are otherwise than thought; gives up those that were looked at often enough. */
  async #without(wish: Wish, names: readonly string[], error: unknown): Promise<Settled> {
    const given = new Set(names.filter((name) => (this.#looks.get(name) ?? 0) >= MAX_LOOKS));
    try {
      for (const name of names) if (!given.has(name)) await this.#look(name);
    } catch (failure) {
      return stop(wish, awsProblem(failure, this.#what));
    }
    const refused = refusing(
      only(wish, (name) => given.has(name)),
      refusalOf(error, this.#what),
    );
    return joined({ changeIds: [], refused }, await this.settle(only(wish, (name) => !given.has(name))));
  }

  async #look(name: string): Promise<void> {
    this.#seen.set(name, await this.#zone.read(name));
    this.#looks.set(name, (this.#looks.get(name) ?? 0) + 1);
  }
}

const isRefusal = (error: unknown): boolean => ['InvalidChangeBatch', 'InvalidInput'].includes(awsCode(error));

const refusalOf = (error: unknown, what: string): Problem => ({
  ...awsProblem(error, what),
  fix: 'look at this name in Route 53 and take away what stands where the TXT record must be: a CNAME, an alias, or sets with a routing policy',
});

/** The names that a message of Route 53 holds, as `[name='_acme-challenge.example.com.', type='TXT']` and in other ways. */
function namesIn(message: string, names: readonly string[]): readonly string[] {
  const words = new Set(
    message
      .toLowerCase()
      .split(/[^a-z0-9_.-]+/)
      .map((word) => word.replace(/\.+$/, '')),
  );
  return names.filter((name) => words.has(name));
}

const only = ({ add, remove }: Wish, isMeant: (name: string) => boolean): Wish => ({
  add: add.filter(({ fqdn }) => isMeant(fqdn)),
  remove: remove.filter(({ fqdn }) => isMeant(fqdn)),
});

const refusing = ({ add, remove }: Wish, problem: Problem): Settled['refused'] =>
  [...add, ...remove].map((entry) => ({ entry, problem }));

const stop = (wish: Wish, problem: Problem): Settled => ({
  changeIds: [],
  refused: refusing(wish, problem),
  stopped: problem,
});

const joined = (a: Settled, b: Settled): Settled => {
  const stopped = a.stopped ?? b.stopped;
  return {
    changeIds: [...a.changeIds, ...b.changeIds],
    refused: [...a.refused, ...b.refused],
    ...(stopped === undefined ? {} : { stopped }),
  };
};
