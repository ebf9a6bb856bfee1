/** A service that was deployed on this machine: synthesised, put up, its functions hosted, its rights in force. */
import { isDeepStrictEqual } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { ParameterValue } from '../../shared/contract/deployed.ts';
import { VARIABLES } from '../../shared/contract/environment.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';
import { type Gate, iamGate, type SeenRight } from '../iam/gate.ts';
import { otherRoles } from '../iam/other-roles.ts';
import { assembled } from './assembly.ts';
import type { Invoked } from './execution-environment.ts';
import { type FrontOptions, startFront } from './front.ts';
import { guarded, type Heard, type Hears, STATE } from './heard.ts';
import { type Host, type HostedFunction, startHost } from './host.ts';
import { empty, type PutUp, putUp, type State } from './provision.ts';
import type { Place } from './template.ts';

export interface ServiceOptions {
  /** AWS of the world as scenarios see it asked: DNS, stores, topics. */
  readonly recorded: string;
  /** AWS that holds what is the service's own, and that no scenario asks about. */
  readonly stateUrl: string;
  /** DynamoDB of the same. */
  readonly tablesUrl: string;
  /** The topic that the service's own stands for. */
  readonly topicArn: string;
  /** As the servers behind the endpoints have it. */
  readonly place: Place;
}

export interface DeployOptions {
  /** In the place of what the templates say. */
  readonly timeoutMs?: number;
}

export interface DeployedService extends Heard {
  /** The endpoint of whoever uses the service. */
  readonly url: string;
  readonly host: Host;
  /** The parameter by which the command finds it. */
  deployed(): ParameterValue;
  /** What the functions are called, by what they are. */
  functions(): ParameterValue['functions'];
  /** What was made of the templates. Throws before the first deployment. */
  up(): PutUp;
  /** What the functions asked of AWS and no policy of theirs allows. */
  denied(): readonly string[];
  /** What the roles of all that was deployed may do, and whether they did. */
  rights(): readonly SeenRight[];
  /** Puts the service of a fleet up, or changes it to that fleet: its state stays. */
  deploy(fleet: Fleet, options?: DeployOptions): Promise<void>;
  /** Queues are read from the first call of a command on, or not at all: what was rung before is none of its doing. */
  arm(isOn: boolean): void;
  /** What the schedule of that payload does when its time has come: Scheduler calls its target with it, as the role of the schedules. */
  schedule(payload: object): Promise<Invoked>;
  /** All rows and blobs are gone; keys stay. */
  loseState(): Promise<void>;
  close(): Promise<void>;
}

function gateOf({ roles, keys }: PutUp, fleet: Fleet, { account, prefix }: Place & { readonly prefix: string }): Gate {
  const principals = Object.fromEntries(roles.map(({ name, arn }) => [name, arn]));
  const trusted = { account, principals: roles.map(({ arn }) => arn) };
  const own = roles.map(({ arn, name, statements }) => ({
    ...{ arn, called: name.replace(`nolapse-${fleet.name}-`, '').replace(`${prefix}-`, '') },
    policies: [{ Statement: statements }],
  }));
  return iamGate({
    roles: [...own, ...otherRoles([fleet], trusted)],
    principals,
    stateKey: keys.state,
    topicKey: keys.topic,
  });
}

interface Hosting extends Pick<Hears, 'log' | 'invoked'>, DeployOptions {
  readonly url: string;
  readonly stateUrl: string;
  readonly place: Place;
}

/** Functions as Lambda hosts them: told where they are, who they are, and what the templates tell them. */
const hosted = (
  { functions }: PutUp,
  { url, stateUrl, log, invoked, place, timeoutMs }: Hosting,
): readonly HostedFunction[] =>
  functions.map(({ code, role, variables, queues, ...one }) => ({
    ...one,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    queues: queues.map((queue) => queue.replace(stateUrl, url)),
    file: `${code}/index.mjs`,
    log: (line) => void log.push(line),
    heard: (one) => void invoked.push(one),
    variables: {
      ...variables,
      // queues are asked where their URLs say: past the front there is nobody who checks rights
      [VARIABLES.queues]: (variables[VARIABLES.queues] ?? '{}').replaceAll(stateUrl, url),
      ...{ AWS_REGION: place.region, AWS_ENDPOINT_URL: url, AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ AWS_ACCESS_KEY_ID: role, AWS_SECRET_ACCESS_KEY: role },
    },
  }));

const signedBy = (name: string, at: { readonly endpoint: string; readonly region: string }) => ({
  ...{ ...at, credentials: { accessKeyId: name, secretAccessKey: name } },
});

type At = Parameters<typeof signedBy>[1];

/** As Scheduler calls the target of the schedule with that payload. */
async function called(payload: object, { schedules }: Pick<PutUp, 'schedules'>, at: At): Promise<Invoked> {
  const due = schedules.find((one) => isDeepStrictEqual(one.payload, payload));
  if (!due) throw new Error(`nothing is scheduled with ${JSON.stringify(payload)}`);
  const lambda = new LambdaClient({ ...signedBy(due.role, at), requestHandler: { requestTimeout: 0 } });
  try {
    const Payload = JSON.stringify(due.payload);
    const answer = await lambda.send(new InvokeCommand({ FunctionName: due.function, Payload }));
    const said = JSON.parse(answer.Payload?.transformToString() ?? 'null');
    return answer.FunctionError === undefined ? { is: 'answered', payload: said } : { is: 'failed', error: said };
  } finally {
    lambda.destroy();
  }
}

let services = 0;

/** Where a call goes on to. */
const upstreamOf =
  ({ recorded, stateUrl, tablesUrl }: ServiceOptions): FrontOptions['upstream'] =>
  (service) =>
    service === 'dynamodb' ? tablesUrl : STATE.has(service) ? stateUrl : recorded;

export async function startService(options: ServiceOptions): Promise<DeployedService> {
  const { stateUrl, topicArn, place } = options;
  services += 1;
  const [prefix, state]: [string, State] = [`n${process.pid}x${services}`, new Map()];
  const heard: Hears = { log: [], invoked: [], answers: [], dataKeys: [] };
  const gates: Gate[] = [];
  const host = startHost(({ variables }) => new SQSClient(signedBy(variables.AWS_ACCESS_KEY_ID ?? '', at())));
  let isArmed = false;
  let now: { readonly assembly: string; readonly up: PutUp } | undefined;
  const { url, close } = await startFront({
    ...guarded(() => gates.at(-1), heard, host.rung),
    upstream: upstreamOf(options),
    invoke: (name, payload) => {
      host.listen(isArmed);
      return host.invoke(name, payload);
    },
    parameter: (name) => now?.up.parameters.get(name),
  });
  const at = (): At => ({ endpoint: url, region: place.region });
  const up = (): PutUp => {
    if (!now) throw new Error('nothing is deployed yet');
    return now.up;
  };
  const deployed = (): ParameterValue => JSON.parse([...up().parameters.values()][0] ?? '{}');
  return {
    ...{ url, host, ...heard, deployed, up },
    functions: () => deployed().functions,
    denied: () => gates.flatMap(({ denied }) => denied),
    rights: () => gates.flatMap((gate) => gate.rights()),
    deploy: async (fleet, wish) => {
      const assembly = await assembled(fleet, place);
      if (assembly === now?.assembly) return;
      now = { assembly, up: await putUp(assembly, { ...place, endpoint: stateUrl, prefix, topicArn }, state) };
      gates.push(gateOf(now.up, fleet, { ...place, prefix }));
      await host.replace(hosted(now.up, { ...{ url, stateUrl, place, ...heard }, ...wish }));
    },
    arm: (isOn) => {
      isArmed = isOn;
      host.listen(false);
    },
    schedule: (payload) => called(payload, up(), at()),
    loseState: async () => {
      if (now) await empty(deployed(), { endpoint: stateUrl, region: place.region });
    },
    close: async () => {
      await host.close();
      await close();
    },
  };
}
