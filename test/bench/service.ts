/** The same certificates through the command and through the deployed bundles: how long each took, and where the time went. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AwsCall } from '../lambda/front.ts';
import type { Answer } from '../lambda/heard.ts';
import { awsService, classify } from '../scenarios/harness/classify.ts';
import { writeFleet } from '../scenarios/harness/fleet-file.ts';
import { wishForMany } from '../scenarios/harness/many-certificates.ts';
import type { Recorded } from '../scenarios/harness/recorder.ts';
import type { ServiceWorld } from '../scenarios/harness/service-world.ts';
import { type IssueBench, isSecretWrite, lastEnd, runOfCommand } from './issue.ts';
import type { Measured } from './lambda.ts';
import { type Line, seconds, tableOf } from './table.ts';

export interface ServiceBench extends IssueBench {
  readonly openService: (options: {
    readonly inSync: { readonly minMs: number; readonly maxMs: number };
  }) => Promise<ServiceWorld>;
}

/** What the servers of a world were asked in one run, and when it began. */
interface Course {
  readonly startedAt: number;
  readonly seen: readonly Recorded[];
}

interface ServiceCourse extends Course {
  readonly answers: readonly Answer[];
}

/** As Scheduler calls, when nothing rings. */
const WAKE_EVERY_MS = 60_000;
const LOOK_MS = 100;
const GIVE_UP_MS = 600_000;
/** Issue 4: at most a fifth longer than the command. */
const MOST_OF_COMMAND = 1.2;

const secretWrites = (seen: readonly Recorded[]): readonly Recorded[] =>
  seen.filter((one) => isSecretWrite(one) && (one.status ?? 500) < 300);

/** From the event of the hourly schedule to the last Secret. The wake of every minute goes on meanwhile. */
async function untilDelivered({ service, recorder }: ServiceWorld, certificates: number): Promise<void> {
  const { host, functions } = service;
  const call = async (what: 'inventory' | 'due'): Promise<void> => {
    const invoked = await host.invoke(functions().wake, { wake: what });
    if (invoked.is === 'failed') throw new Error(`wake: ${invoked.error.errorType}: ${invoked.error.errorMessage}`);
  };
  const startedAt = performance.now();
  await call('inventory');
  for (let wakeAt = startedAt + WAKE_EVERY_MS; secretWrites(recorder.seen()).length < certificates; ) {
    const now = performance.now();
    if (now - startedAt > GIVE_UP_MS)
      throw new Error(`not all Secrets were written:\n${service.log.slice(-20).join('\n')}`);
    if (now >= wakeAt) {
      wakeAt += WAKE_EVERY_MS;
      await call('due');
    }
    await pause(LOOK_MS);
  }
}

async function runOfService(bench: ServiceBench): Promise<ServiceCourse> {
  const { certificates, inSyncMs, privateKey } = bench;
  const world = await bench.openService({ inSync: { minMs: inSyncMs, maxMs: inSyncMs } });
  try {
    await wishForMany(world, { count: certificates, privateKey });
    await world.deploy(await writeFleet(world));
    world.service.host.listen(true);
    const startedAt = performance.now();
    await untilDelivered(world, certificates);
    const denied = world.service.denied();
    if (denied.length > 0) throw new Error(`denied: ${denied.join('\n')}`);
    return { startedAt, seen: world.recorder.seen(), answers: [...world.service.answers] };
  } finally {
    await world.close();
  }
}

const CHANGE = /<Action>(?:CREATE|UPSERT)</;

const firstOf = (course: Course, is: (one: Recorded) => boolean): number =>
  (course.seen.find(is)?.startedAt ?? Number.NaN) - course.startedAt;
const lastOf = (course: Course, is: (one: Recorded) => boolean): number =>
  lastEnd(course.seen.filter(is)) - course.startedAt;

const wallMs = (course: Course): number => lastEnd(secretWrites(course.seen)) - course.startedAt;

const isOrder = ({ operation }: Recorded): boolean => operation === 'newOrder';
const isAdding = ({ operation, requestBody }: Recorded): boolean =>
  operation.startsWith('route53 POST') && CHANGE.test(requestBody.toString());
const isChallenge = ({ operation }: Recorded): boolean => operation === 'challenge';
const isOfCa = ({ server }: Recorded): boolean => server === 'ca';

const COURSE: readonly Line<Course>[] = [
  { what: 'first order', value: (one) => firstOf(one, isOrder), text: seconds },
  { what: 'last order', value: (one) => lastOf(one, isOrder), text: seconds },
  { what: 'TXT values written', value: (one) => lastOf(one, isAdding), text: seconds },
  { what: 'first challenge answered', value: (one) => firstOf(one, isChallenge), text: seconds },
  { what: 'last answer of the CA', value: (one) => lastOf(one, isOfCa), text: seconds },
  { what: 'first Secret', value: (one) => firstOf(one, isSecretWrite), text: seconds },
  { what: 'last Secret', value: wallMs, text: seconds },
];

const FUNCTION = /-(wake|inventory|issue|deliver|notify)/i;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`;

/** Which kind of rows a request to the table is about: the beginning of its partition key, or of the index's. */
function rowsIn({ service, body }: AwsCall): string {
  if (service !== 'dynamodb') return '';
  const [, key = ''] = /"(?:pk|:pk|:lane|:kind)":\{"S":"([^"#:]*)/.exec(body.toString()) ?? [];
  return ` ${key}`;
}

/** One line for each action of each function: how often, how much, from when to when, and how long an answer took. */
function askedOf({ answers, startedAt }: ServiceCourse): readonly string[] {
  const row = (cells: readonly string[]): string =>
    [cells[0]?.padEnd(44), ...cells.slice(1).map((cell) => cell.padStart(9))].join('').trimEnd();
  const named = answers
    .filter((one) => one.endedAt > startedAt)
    .map((one) => {
      const { call } = one;
      const [, accessKeyId = ''] = /Credential=([^/]+)\//.exec(String(call.headers.authorization ?? '')) ?? [];
      const [, of = accessKeyId] = FUNCTION.exec(accessKeyId) ?? [];
      const action =
        awsService(call.headers) === 'route53' || call.service === 's3'
          ? `${call.service} ${call.method}`
          : classify('aws', call).operation;
      return { of: of.toLowerCase(), action: `${action}${rowsIn(call)}`, ...one };
    });
  const lines = [...Map.groupBy(named, ({ of, action }) => `${of.padEnd(10)} ${action}`)].map(([what, all]) => {
    const first = Math.min(...all.map((one) => one.startedAt)) - startedAt;
    const last = Math.max(...all.map((one) => one.endedAt)) - startedAt;
    const mean = all.reduce((sum, one) => sum + one.endedAt - one.startedAt, 0) / all.length;
    const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    return row([what, String(all.length), kilobytes(bytes), seconds(first), seconds(last), `${mean.toFixed(0)} ms`]);
  });
  return [row(['asked of AWS by', 'requests', 'bytes', 'first', 'last', 'mean']), ...lines.sort()];
}

/** Throws when any certificate was not renewed. */
export async function benchService(bench: ServiceBench): Promise<Measured> {
  const command = await runOfCommand(bench);
  const bundles = await runOfService(bench);
  const ratio = wallMs(bundles) / wallMs(command);
  const isMissed = ratio > MOST_OF_COMMAND;
  const said = `${ratio.toFixed(2)} x the time of the command, and ${MOST_OF_COMMAND} x at most`;
  const course = tableOf<Course>(COURSE, [
    { name: 'command', result: command },
    { name: 'bundles', result: bundles },
  ]);
  return { text: [...course.text, '', said, '', ...askedOf(bundles)], broken: isMissed ? [said] : [] };
}
