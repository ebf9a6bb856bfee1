/** A service that was deployed on this machine: synthesised, put up, its functions hosted, its rights in force. */
import { SQSClient } from '@aws-sdk/client-sqs';
import { VARIABLES } from '../../shared/contract/environment.ts';
import type { Fleet } from '../../shared/contract/fleet.ts';
import { assembled, PLACE } from './assembly.ts';
import { startFront } from './front.ts';
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
  /** Puts the service of a fleet up, or changes it to that fleet: its state stays. */
  deploy(fleet: Fleet): Promise<void>;
  close(): Promise<void>;
}

/** The service's own: a scenario counts what reaches the world, not where its rows are. */
const STATE = new Set(['dynamodb', 's3', 'sqs', 'kms', 'events']);

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
  let deployed = '';
  const front = await startFront({
    upstream: (service) => (STATE.has(service) ? stateUrl : recorded),
    check: () => undefined,
    invoke: (name, payload) => host.invoke(name, payload),
    parameter: (name) => up?.parameters.get(name),
  });
  return {
    url: front.url,
    ...{ host, log },
    deploy: async (fleet) => {
      const assembly = await assembled(fleet);
      if (assembly === deployed) return;
      up = await putUp(assembly, { ...PLACE, endpoint: stateUrl, prefix, topicArn }, state);
      deployed = assembly;
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
