/** One hosted zone of Route 53: the requests that challenges need, one after the other and tried again while the zone is busy. */
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import pLimit from 'p-limit';
import type { Clock } from '../../contract/ports.ts';
import type { TxtChange, TxtSet } from '../../standards/dns/txt-change.ts';
import { isTransient } from './aws-problem.ts';

/** Route 53's bucket refills with 10 requests a second for the whole account; a change of the same zone takes some seconds. */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 6_000, 6_000];
/** One that is silent, not busy, costs its time-out at each try. */
const TRIES_MS = 20_000;

export class HostedZone {
  readonly #client: Route53Client;
  readonly #id: string;
  readonly #clock: Clock;
  readonly #one = pLimit(1);

  constructor(client: Route53Client, id: string, clock: Clock) {
    this.#client = client;
    this.#id = id;
    this.#clock = clock;
  }

  /** The change's id. Rejects with the SDK's error; InvalidChangeBatch and InvalidInput mean that nothing was changed. */
  async change(changes: readonly TxtChange[]): Promise<string> {
    const { ChangeInfo } = await this.#asked(() =>
      this.#client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: this.#id,
          ChangeBatch: { Changes: changes.map(written) },
        }),
      ),
    );
    return (ChangeInfo?.Id ?? '').replace('/change/', '');
  }

  /** The TXT set at that name; undefined = none that is a simple one, beside which Route 53 allows no other. */
  async read(name: string): Promise<TxtSet | undefined> {
    const { ResourceRecordSets = [] } = await this.#asked(() =>
      this.#client.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: this.#id,
          StartRecordName: name,
          StartRecordType: 'TXT',
          MaxItems: 1,
        }),
      ),
    );
    const [first] = ResourceRecordSets.filter((set) => isSimpleTxtAt(name, set));
    return first && { ttl: first.TTL ?? 0, values: (first.ResourceRecords ?? []).map(({ Value = '' }) => Value) };
  }

  async isInSync(changeId: string): Promise<boolean> {
    const { ChangeInfo } = await this.#asked(() => this.#client.send(new GetChangeCommand({ Id: changeId })));
    return ChangeInfo?.Status === 'INSYNC';
  }

  #asked<T>(ask: () => Promise<T>): Promise<T> {
    return this.#one(async () => {
      const endsAt = this.#clock.now().getTime() + TRIES_MS;
      for (const wait of WAITS_MS) {
        try {
          return await ask();
        } catch (error) {
          const left = Math.min(endsAt - this.#clock.now().getTime(), this.#clock.remainingMs());
          if (!isTransient(error) || wait > left) throw error;
          await this.#clock.sleep(wait);
        }
      }
      return ask();
    });
  }
}

const isSimpleTxtAt = (name: string, { Name = '', Type, SetIdentifier, ResourceRecords }: ResourceRecordSet): boolean =>
  Type === 'TXT' &&
  Name.replace(/\.$/, '').toLowerCase() === name &&
  SetIdentifier === undefined &&
  ResourceRecords !== undefined;

const written = ({
  action,
  name,
  set,
}: TxtChange): { Action: 'CREATE' | 'DELETE'; ResourceRecordSet: ResourceRecordSet } => ({
  Action: action,
  ResourceRecordSet: {
    Name: name,
    Type: 'TXT',
    TTL: set.ttl,
    ResourceRecords: set.values.map((Value) => ({ Value })),
  },
});
