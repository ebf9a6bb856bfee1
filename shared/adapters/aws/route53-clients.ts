/** Clients of Route 53: one for each identity that zones are changed as, a role that their line names or the environment's own. */
import { Route53Client } from '@aws-sdk/client-route-53';
import type { Zone } from '../../contract/fleet.ts';
import { assumedRole } from './assumed-role.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface ClientOptions {
  /** Default: the environment's. */
  readonly region?: string;
  /** Default: the SDK's. */
  readonly maxAttempts?: number;
  /** Called before every request. */
  readonly asked?: () => void;
}

export class Route53Clients {
  readonly #options: ClientOptions;
  readonly #clients = new Map<string, Route53Client>();

  constructor(options: ClientOptions = {}) {
    this.#options = options;
  }

  of({ roleArn, externalId }: Pick<Zone, 'roleArn' | 'externalId'>): Route53Client {
    const key = JSON.stringify([roleArn, externalId]);
    const known = this.#clients.get(key);
    if (known) return known;
    const { region, maxAttempts, asked } = this.#options;
    const role =
      roleArn === undefined ? undefined : { arn: roleArn, ...(externalId === undefined ? {} : { externalId }) };
    const where = region === undefined ? {} : { region };
    const client = new Route53Client({
      requestHandler: TIME_OUTS,
      ...where,
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      ...(role === undefined ? {} : { credentials: assumedRole(role, where) }),
    });
    if (asked)
      client.middlewareStack.add(
        (next) => (request) => {
          asked();
          return next(request);
        },
        { step: 'finalizeRequest', name: 'asked' },
      );
    this.#clients.set(key, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }
}
