/** A service that was deployed on this machine: synthesised, put up, its functions hosted, its rights in force. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployed } from '../../shared/contract/deployed.ts';
import { VARIABLES } from '../../shared/contract/environment.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';
import { type Gate, iamGate } from '../iam/gate.ts';
import { otherRoles } from '../iam/other-roles.ts';
import type { WireRequest } from '../iam/wire.ts';
import { assembled } from './assembly.ts';
import { type AwsCall, type FrontOptions, startFront } from './front.ts';
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

/** What a function, or whoever uses the service, has asked of AWS and got an answer to. */
export interface Answer {
  readonly call: AwsCall;
  /** Milliseconds of performance.now(). */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of both bodies. */
  readonly bytes: number;
}

export interface DeployedService {
  /** The endpoint of whoever uses the service. */
  readonly url: string;
  readonly host: Host;
  /** What the functions are called, by what they are: from the parameter, as the command finds them. */
  functions(): Deployed['functions'];
  /** Everything that the functions have printed. */
  readonly log: readonly string[];
  /** All that was asked at the endpoint and passed on; a role's name is the access key id of its function. */
  readonly answers: readonly Answer[];
  /** What the functions asked of AWS and no policy of theirs allows. */
  denied(): readonly string[];
  /** Allowed actions that nothing has used, but for those that Lambda itself uses. */
  unused(): readonly string[];
  /** Puts the service of a fleet up, or changes it to that fleet: its state stays. */
  deploy(fleet: Fleet, options?: DeployOptions): Promise<void>;
  /** Queues are read from the first call of a command on, or not at all: what was rung before is none of its doing. */
  arm(isOn: boolean): void;
  /** All rows and blobs are gone; keys stay. */
  loseState(): Promise<void>;
  close(): Promise<void>;
}

/** The service's own: a scenario counts what reaches the world, not where its rows are. */
const STATE = new Set(['dynamodb', 's3', 'sqs', 'kms', 'events']);

/** Rights that Lambda itself uses. */
const LAMBDAS_OWN = / (WriteLog|EnterNetwork) /;

/** What is denied by the policies of the templates is no part of the product's own words. */
const wireOf = ({ path, ...call }: AwsCall): WireRequest => {
  const at = path.indexOf('?');
  return { ...call, path: at < 0 ? path : path.slice(0, at), query: at < 0 ? '' : path.slice(at) };
};

function gateOf({ roles, keys }: PutUp, fleet: Fleet, { account }: Place): Gate {
  const principals = Object.fromEntries(roles.map(({ name, arn }) => [name, arn]));
  const trusted = { account, principals: roles.map(({ arn }) => arn) };
  const own = roles.map(({ arn, statements }) => ({ arn, policies: [{ Statement: statements }] }));
  return iamGate({
    roles: [...own, ...otherRoles([fleet], trusted)],
    principals,
    stateKey: keys.state,
    topicKey: keys.topic,
  });
}

interface Hosting {
  readonly url: string;
  readonly stateUrl: string;
  readonly log: string[];
  readonly place: Place;
}

/** Functions as Lambda hosts them: told where they are, who they are, and what the templates tell them. */
const hosted = ({ functions }: PutUp, { url, stateUrl, log, place }: Hosting): readonly HostedFunction[] =>
  functions.map(({ code, role, variables, ...one }) => ({
    ...one,
    file: `${code}/index.mjs`,
    log: (line) => void log.push(line),
    variables: {
      ...variables,
      // queues are asked where their URLs say: past the front there is nobody who checks rights
      [VARIABLES.queues]: (variables[VARIABLES.queues] ?? '{}').replaceAll(stateUrl, url),
      ...{ AWS_REGION: place.region, AWS_ENDPOINT_URL: url, AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ AWS_ACCESS_KEY_ID: role, AWS_SECRET_ACCESS_KEY: role },
    },
  }));

type Watching = Pick<FrontOptions, 'check' | 'answered'>;

/** The gate as the front asks it; who is no function may do everything. */
const guarded = (gate: () => Gate | undefined): Watching => ({
  check: (call) => {
    if (!gate()?.knows(call)) return undefined;
    const verdict = gate()?.judge(wireOf(call));
    return verdict?.is === 'denied' ? verdict.answer : undefined;
  },
  answered: (call, status, body) => {
    if (!gate()?.knows(call)) return undefined;
    const verdict = gate()?.answered(wireOf(call), { status, body: body.toString() });
    return verdict?.is === 'denied' ? verdict.answer : undefined;
  },
});

/** Whether it put a message into a queue. */
const isRing = ({ service, headers }: AwsCall): boolean =>
  service === 'sqs' && String(headers['x-amz-target']).endsWith('.SendMessage');

/** The same, with what was asked kept, and with rings that are heard. */
function timed({ check, answered }: Watching, answers: Answer[], rung: () => void): Watching {
  const since = new WeakMap<AwsCall, number>();
  return {
    check: (call) => {
      since.set(call, performance.now());
      return check(call);
    },
    answered: (call, status, body) => {
      const endedAt = performance.now();
      answers.push({ call, startedAt: since.get(call) ?? endedAt, endedAt, bytes: call.body.length + body.length });
      if (isRing(call)) rung();
      return answered(call, status, body);
    },
  };
}

const ADMINISTRATOR = { accessKeyId: 'administrator', secretAccessKey: 'administrator' };

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
  const [log, answers]: [string[], Answer[]] = [[], []];
  const sqs = new SQSClient({ endpoint: stateUrl, region: place.region, credentials: ADMINISTRATOR });
  const host = startHost(sqs);
  let isArmed = false;
  let now: { readonly assembly: string; readonly up: PutUp; readonly gate: Gate } | undefined;
  const gated = guarded(() => now?.gate);
  const { url, close } = await startFront({
    ...timed(gated, answers, host.rung),
    upstream: upstreamOf(options),
    invoke: (name, payload) => {
      host.listen(isArmed);
      return host.invoke(name, payload);
    },
    parameter: (name) => now?.up.parameters.get(name),
  });
  const deployed = (): Deployed => {
    const [parameter = '{}'] = now?.up.parameters.values() ?? [];
    return JSON.parse(parameter);
  };
  return {
    ...{ url, host, log, answers },
    functions: () => deployed().functions,
    denied: () => now?.gate.denied ?? [],
    unused: () => (now?.gate.unused() ?? []).filter((right) => !LAMBDAS_OWN.test(right)),
    deploy: async (fleet, { timeoutMs } = {}) => {
      const assembly = await assembled(fleet, place);
      if (assembly === now?.assembly) return;
      const up = await putUp(assembly, { ...place, endpoint: stateUrl, prefix, topicArn }, state);
      now = { assembly, up, gate: gateOf(up, fleet, place) };
      const functions = hosted(up, { url, stateUrl, log, place });
      await host.replace(functions.map((one) => ({ ...one, ...(timeoutMs === undefined ? {} : { timeoutMs }) })));
    },
    arm: (isOn) => {
      isArmed = isOn;
      host.listen(false);
    },
    loseState: async () => {
      if (now) await empty(deployed(), { endpoint: stateUrl, region: place.region });
    },
    close: async () => {
      await host.close();
      await close();
      sqs.destroy();
    },
  };
}
