/** A service that was deployed on this machine: synthesised, put up, its functions hosted, its rights in force. */
import { SQSClient } from '@aws-sdk/client-sqs';
import { VARIABLES } from '../../shared/contract/environment.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';
import { type Gate, iamGate } from '../iam/gate.ts';
import { otherRoles } from '../iam/other-roles.ts';
import type { WireRequest } from '../iam/wire.ts';
import { assembled, PLACE } from './assembly.ts';
import { type AwsCall, startFront } from './front.ts';
import { type Host, startHost } from './host.ts';
import { type PutUp, putUp, type State } from './provision.ts';

export interface ServiceOptions {
  /** AWS of the world as scenarios see it asked: DNS, stores, topics. */
  readonly recorded: string;
  /** AWS that holds what is the service's own, and that no scenario asks about. */
  readonly stateUrl: string;
  /** The topic that the service's own stands for. */
  readonly topicArn: string;
}

export interface DeployedService {
  /** The endpoint of whoever uses the service. */
  readonly url: string;
  readonly host: Host;
  /** Everything that the functions have printed. */
  readonly log: readonly string[];
  /** What the functions asked of AWS and no policy of theirs allows. */
  denied(): readonly string[];
  /** Allowed actions that nothing has used, but for those that Lambda itself uses. */
  unused(): readonly string[];
  /** Puts the service of a fleet up, or changes it to that fleet: its state stays. */
  deploy(fleet: Fleet): Promise<void>;
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

function gateOf({ roles, keys }: PutUp, fleet: Fleet): Gate {
  const principals = Object.fromEntries(roles.map(({ name, arn }) => [name, arn]));
  const trusted = { account: PLACE.account, principals: roles.map(({ arn }) => arn) };
  const own = roles.map(({ arn, statements }) => ({ arn, policies: [{ Statement: statements }] }));
  return iamGate({
    roles: [...own, ...otherRoles([fleet], trusted)],
    principals,
    stateKey: keys.state,
    topicKey: keys.topic,
  });
}

let services = 0;

export async function startService({ recorded, stateUrl, topicArn }: ServiceOptions): Promise<DeployedService> {
  services += 1;
  const prefix = `n${process.pid}x${services}`;
  const state: State = new Map();
  const log: string[] = [];
  const credentials = { accessKeyId: 'administrator', secretAccessKey: 'administrator' };
  const sqs = new SQSClient({ endpoint: stateUrl, region: PLACE.region, credentials });
  const host = startHost(sqs);
  let up: PutUp | undefined;
  let gate: Gate | undefined;
  let deployed = '';
  const front = await startFront({
    upstream: (service) => (STATE.has(service) ? stateUrl : recorded),
    check: (call) => {
      if (!gate?.knows(call)) return undefined;
      const verdict = gate.judge(wireOf(call));
      return verdict.is === 'denied' ? verdict.answer : undefined;
    },
    answered: (call, status, body) => {
      if (!gate?.knows(call)) return undefined;
      const verdict = gate.answered(wireOf(call), { status, body: body.toString() });
      return verdict.is === 'denied' ? verdict.answer : undefined;
    },
    invoke: (name, payload) => host.invoke(name, payload),
    parameter: (name) => up?.parameters.get(name),
  });
  return {
    url: front.url,
    ...{ host, log },
    denied: () => gate?.denied ?? [],
    unused: () => (gate?.unused() ?? []).filter((right) => !LAMBDAS_OWN.test(right)),
    deploy: async (fleet) => {
      const assembly = await assembled(fleet);
      if (assembly === deployed) return;
      up = await putUp(assembly, { ...PLACE, endpoint: stateUrl, prefix, topicArn }, state);
      deployed = assembly;
      gate = gateOf(up, fleet);
      await host.replace(
        up.functions.map(({ code, role, variables, ...one }) => ({
          ...one,
          file: `${code}/index.mjs`,
          log: (line) => void log.push(line),
          variables: {
            ...variables,
            // queues are asked where their URLs say: past the front there is nobody who checks rights
            [VARIABLES.queues]: (variables[VARIABLES.queues] ?? '{}').replaceAll(stateUrl, front.url),
            ...{ AWS_REGION: PLACE.region, AWS_ENDPOINT_URL: front.url, AWS_EC2_METADATA_DISABLED: 'true' },
            ...{ AWS_ACCESS_KEY_ID: role, AWS_SECRET_ACCESS_KEY: role },
          },
        })),
      );
    },
    close: async () => {
      await host.close();
      await front.close();
      sqs.destroy();
    },
  };
}
