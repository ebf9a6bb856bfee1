/** Leaving a deployed service: its functions do what only their roles may, and are asked again until it is done; what stays is what was deployed. */
import type { Functions } from '../adapters/aws/lambda-functions.ts';
import { type ParameterValue, parameterName } from '../contract/deployed.ts';
import { deliverLane, type Lane, type Place } from '../contract/ids.ts';
import { queueOf } from '../contract/queues.ts';
import { beginLeaving, installationOf } from '../lanes/installation.ts';
import type { LanePorts } from '../lanes/lane-ports.ts';
import type { Unsettled } from '../lanes/lease.ts';
import type { LeavePorts } from '../lanes/leave.ts';
import { type Ended, openOrders, ordersLeft } from '../lanes/leave-orders.ts';
import type { GivenBack } from '../lanes/leave-places.ts';
import type { Stay } from '../lanes/stays.ts';

export interface DeployedLeaving extends Pick<LanePorts, 'fleet' | 'records' | 'clock'>, Pick<LeavePorts, 'blobs'> {
  readonly service: string;
  readonly deployed: ParameterValue;
  readonly functions: Pick<Functions, 'invoke'>;
  /** Tells what happens there for as long as the answer takes. */
  readonly hearing: <T>(answer: Promise<T>) => Promise<T>;
}

/** What a function could not do in its time is asked of it again, for as long as we have any ourselves; a pause is for people to end. */
const isToAskAgain = (unsettled: readonly Unsettled[], { clock }: DeployedLeaving): boolean =>
  unsettled.some(({ why }) => why === 'no-time') && clock.remainingMs() > 0;

/** As a payload says it: the function's own time is the most there is. */
function within({ clock }: DeployedLeaving): { readonly within?: string } {
  const ms = clock.remainingMs();
  return Number.isFinite(ms) ? { within: `${Math.round(ms)}ms` } : {};
}

/** Begun here, in the name of whoever asks; whatever is cut after that, no order is begun any more. */
async function endOrders(by: string, from: DeployedLeaving): Promise<Ended> {
  const { records, clock, fleet, functions, deployed, hearing } = from;
  await installationOf(records, { fleet: fleet.name, now: clock.now() });
  await beginLeaving(records, by, clock.now().toISOString());
  const before = await openOrders(records);
  const givenUp = new Set<string>();
  const ask = async (): Promise<Ended> => {
    const payload = { leave: true, ...within(from) };
    const ended = (await hearing(functions.invoke(deployed.functions.issue, payload))) as Ended;
    for (const { issuance, outcome } of ended.orders) if (outcome === 'abandoned') givenUp.add(issuance);
    return ended;
  };
  let ended = await ask();
  while (isToAskAgain(ended.unsettled, from)) ended = await ask();
  return { orders: await ordersLeft(before, givenUp, records), unsettled: ended.unsettled };
}

/** The copy of a Reach gives back what is in its clusters. */
function giverOf(party: string, { deployed: { functions }, fleet }: DeployedLeaving): string {
  const lane: Lane = deliverLane(`${party}/`);
  return functions[queueOf(fleet.clusters)(lane)] ?? functions.deliver;
}

async function ofParty(
  { party, places, dryRun }: { readonly party: string; readonly places: readonly Place[]; readonly dryRun: boolean },
  from: DeployedLeaving,
): Promise<GivenBack> {
  const ask = async (): Promise<GivenBack> => {
    const payload = { giveBack: party, also: places, dryRun, ...within(from) };
    return (await from.hearing(from.functions.invoke(giverOf(party, from), payload))) as GivenBack;
  };
  let given = await ask();
  const seen = new Map(given.places.map((one) => [one.place, one]));
  while (isToAskAgain(given.unsettled, from)) {
    given = await ask();
    // what was given back before is nothing of ours by now, and has been given back all the same
    for (const one of given.places) if (one.outcome !== 'nothing' || !seen.has(one.place)) seen.set(one.place, one);
  }
  return { places: [...seen.values()], unsettled: given.unsettled };
}

/** Of one alarm and one key of KMS, as AWS says in November 2026; requests come on top. */
const ALARM_USD = 0.1;
const KEY_USD = 1;
/** Less than that, for the little that there is. */
const CENT_USD = 0.01;
/** Alarms of the service itself, and that of the schedules' dead letters: all others are one for each function and queue. */
const OWN_ALARMS = 5;

/** What is deployed, by what it costs and how it goes; first what `cdk destroy` takes, then what it leaves. */
export function keptOf({ service, deployed }: Pick<DeployedLeaving, 'service' | 'deployed'>): readonly Stay[] {
  const { table, bucket, keys, functions, deadLetters } = deployed;
  const alarms = OWN_ALARMS + Object.keys(functions).length + Object.keys(deadLetters).length;
  const key = (what: string, where: string): Stay => ({
    ...{ what: `KMS key: ${what}`, where, usdAMonth: KEY_USD },
    remove: `aws kms schedule-key-deletion --key-id ${where}: nothing that it has sealed comes back`,
  });
  return [
    {
      what: 'service: functions, schedules, queues, topic and its key, alarms, logs',
      where: `stacks nolapse-${service}-service and nolapse-${service}-access`,
      usdAMonth: alarms * ALARM_USD + KEY_USD,
      remove: 'npx cdk destroy --all -c fleet=<fleet file>: state and keys stay',
    },
    {
      ...{ what: 'table: state', where: table, usdAMonth: CENT_USD },
      remove: `aws dynamodb update-table --table-name ${table} --no-deletion-protection-enabled, then aws dynamodb delete-table --table-name ${table}`,
    },
    {
      ...{ what: 'bucket: snapshots of the clusters', where: bucket, usdAMonth: CENT_USD },
      remove: `empty it with all versions (S3 console: Empty), then aws s3 rb s3://${bucket}`,
    },
    key('rows and snapshots', keys.state),
    key('private keys of certificates', keys.attempts),
    key('private keys of accounts', keys.accounts),
    {
      ...{ what: 'parameter: where everything is', where: parameterName(service), usdAMonth: 0 },
      remove: `aws ssm delete-parameter --name ${parameterName(service)}`,
    },
  ];
}

export const leavingOfDeployed = (from: DeployedLeaving): LeavePorts => ({
  ...{ fleet: from.fleet, records: from.records, blobs: from.blobs, keeps: keptOf(from) },
  endOrders: (by) => endOrders(by, from),
  lookAt: (party, places) => ofParty({ party, places, dryRun: true }, from),
  giveBack: (party, places) => ofParty({ party, places, dryRun: false }, from),
});
