/** The environment of the deployed functions: names that infra writes and functions read. Values are addresses, never secrets. */
import { InputError } from './problem.ts';

export const FUNCTIONS = ['wake', 'inventory', 'issue', 'deliver', 'notify'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The functions that a queue feeds; `wake` is fed by the schedule alone. */
export const QUEUED = ['inventory', 'issue', 'deliver', 'notify'] as const;
export type Queued = (typeof QUEUED)[number];

export interface Environment {
  /** Name of the installation's stack; part of metrics and messages. */
  readonly service: string;
  /** DynamoDB table of the rows. */
  readonly table: string;
  /** fleet.json: where the layer puts it and what it must hash to. */
  readonly fleet: { readonly file: string; readonly sha256: string };
  /** URLs of the queues that this function may ring, by the function they feed; those of a Reach under `<function>@<reach>`. */
  readonly queues: Readonly<Record<string, string>>;
  /** S3 bucket of the blobs. */
  readonly bucket?: string;
  /** ARN of the KMS key that certificate keys are sealed with. */
  readonly attemptKey?: string;
  /** ARN of the KMS key that account keys are sealed with. */
  readonly accountKey?: string;
  readonly topicArn?: string;
  /** Name of the EventBridge bus that customers listen to. */
  readonly bus?: string;
}

/** As variables; those with a question mark are set only for the functions that need them. */
export const VARIABLES = {
  service: 'NOLAPSE_SERVICE',
  table: 'NOLAPSE_TABLE',
  fleetFile: 'NOLAPSE_FLEET_FILE',
  fleetSha256: 'NOLAPSE_FLEET_SHA256',
  queues: 'NOLAPSE_QUEUES',
  bucket: 'NOLAPSE_BUCKET',
  attemptKey: 'NOLAPSE_ATTEMPT_KEY',
  accountKey: 'NOLAPSE_ACCOUNT_KEY',
  topicArn: 'NOLAPSE_TOPIC_ARN',
  bus: 'NOLAPSE_BUS',
} as const;

export type Optional = 'bucket' | 'attemptKey' | 'accountKey' | 'topicArn' | 'bus';

/** What each function needs beyond what all need. */
export const NEEDS: Readonly<Record<FunctionName, readonly Optional[]>> = {
  wake: [],
  inventory: ['bucket', 'bus'],
  issue: ['attemptKey', 'accountKey', 'bus'],
  deliver: ['attemptKey', 'bus'],
  // what it says of the report is where it is: it cannot read it
  notify: ['topicArn', 'bucket'],
};

/** The variables of a function, as infra sets them. */
export function variablesOf(environment: Environment): Readonly<Record<string, string>> {
  const { fleet, queues, bucket, attemptKey, accountKey, topicArn, bus, ...plain } = environment;
  const optional = { bucket, attemptKey, accountKey, topicArn, bus };
  return {
    ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [VARIABLES[name as keyof typeof plain], value])),
    [VARIABLES.fleetFile]: fleet.file,
    [VARIABLES.fleetSha256]: fleet.sha256,
    [VARIABLES.queues]: JSON.stringify(queues),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([name, value]) =>
        value === undefined ? [] : [[VARIABLES[name as Optional], value]],
      ),
    ),
  };
}

/** Reads what `variablesOf` wrote. Throws InputError that names every variable that is missing or malformed, all at once. */
export function environmentOf(
  name: FunctionName,
  variables: Readonly<Record<string, string | undefined>>,
): Environment {
  const problems: { where: string; message: string; fix: string }[] = [];
  const say = (where: string, message: string): void =>
    void problems.push({ where, message, fix: 'deploy again: infra sets it' });
  const needed = (variable: string): string => {
    const value = variables[variable] ?? '';
    if (value === '') say(variable, `is not set, the function ${name} needs it`);
    return value;
  };
  const optional = NEEDS[name].map((key): [Optional, string] => [key, needed(VARIABLES[key])]);
  const environment: Environment = {
    service: needed(VARIABLES.service),
    table: needed(VARIABLES.table),
    fleet: { file: needed(VARIABLES.fleetFile), sha256: needed(VARIABLES.fleetSha256) },
    queues: queuesIn(needed(VARIABLES.queues), say),
    ...Object.fromEntries(optional),
  };
  if (problems.length > 0) throw new InputError(problems);
  return environment;
}

function queuesIn(text: string, say: (where: string, message: string) => void): Readonly<Record<string, string>> {
  if (text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    const isMap = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    if (isMap && Object.values(parsed).every((url) => typeof url === 'string')) return parsed as Record<string, string>;
  } catch {
    // said below, as for JSON of another shape
  }
  say(VARIABLES.queues, 'is no JSON object of queue URLs');
  return {};
}
