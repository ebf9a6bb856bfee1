/** The part `aws`: one endpoint for all services, told apart by the scope of the signature, as AWS_ENDPOINT_URL wants it. */
import * as http from 'node:http';
import { Control } from '../control.ts';
import { type Answer, type Asked, HANG_UP, listen } from '../listen.ts';
import { type Messaging, startMessaging } from './messaging.ts';
import { AwsError, errorAnswer, isQuery, jsonAnswer } from './refusal.ts';
import { type AwsRequest, awsRequestOf } from './request.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Sts } from './sts.ts';

export interface AwsConfig {
  /** Origin of the part `dns`, which answers for Route 53. */
  readonly route53?: string;
}

export interface AwsReady {
  readonly url: string;
}

/** Absent = any. */
interface Matched {
  /** `secretsmanager`, `sns`, `sqs`, `sts`, `route53`. */
  readonly service?: string;
  readonly operation?: string;
  readonly count?: number;
}

export type AwsFault =
  | (Matched & { readonly kind: 'throttle' })
  | (Matched & { readonly kind: 'access-denied' })
  | (Matched & { readonly kind: 'unavailable' })
  /** The connection is closed without an answer. */
  | (Matched & { readonly kind: 'down' });

export const AWS_FAULTS = ['throttle', 'access-denied', 'unavailable', 'down'] as const;

function pass({ method, path, query, headers, body }: Asked, origin: string): Promise<Answer> {
  const search = query.size > 0 ? `?${query}` : '';
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, 'content-length': body.length }, agent: false };
    const request = http.request(new URL(path + search, origin), options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const { 'content-type': type = 'text/xml', 'x-amzn-requestid': id } = answer.headers;
        const kept = { 'content-type': type, ...(typeof id === 'string' ? { 'x-amzn-requestid': id } : {}) };
        resolve({ status: answer.statusCode ?? 502, headers: kept, body: Buffer.concat(chunks).toString() });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

interface Services {
  readonly secretsManager: SecretsManager;
  readonly sts: Sts;
  readonly messaging: Messaging;
  readonly route53: string | undefined;
}

class Front {
  readonly #services: Services;
  readonly #control: Control<AwsFault>;

  constructor(services: Services, control: Control<AwsFault>) {
    this.#services = services;
    this.#control = control;
  }

  async answer(asked: Asked): Promise<Answer> {
    const request = awsRequestOf(asked);
    const answer = request
      ? await this.#refusable(request, asked)
      : jsonAnswer({ __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }, 403);
    this.#control.see({
      method: asked.method,
      path: asked.path,
      kind: request ? `${request.service} ${request.operation}` : 'unsigned',
      status: answer.status,
      ...(request ? { user: request.accessKeyId } : {}),
    });
    return answer;
  }

  async #refusable(request: AwsRequest, asked: Asked): Promise<Answer> {
    try {
      return this.#fault(request) ?? (await this.#perform(request, asked));
    } catch (error) {
      if (error instanceof AwsError) return errorAnswer(request.service, error);
      throw error;
    }
  }

  #fault(request: AwsRequest): Answer | undefined {
    const here = ({ service = request.service, operation = request.operation }: Matched): boolean =>
      service === request.service && operation === request.operation;
    const word = isQuery(request.service) ? '' : 'Exception';
    if (this.#control.take('down', here)) return HANG_UP;
    if (this.#control.take('unavailable', here))
      throw new AwsError(`ServiceUnavailable${word}`, 'Service is unable to handle request.', 503);
    if (this.#control.take('throttle', here)) throw new AwsError(`Throttling${word}`, 'Rate exceeded');
    if (this.#control.take('access-denied', here)) throw this.#denied(request);
    return undefined;
  }

  #denied({ service, operation, accessKeyId }: AwsRequest): AwsError {
    const action = `${service}:${operation}`;
    const who = `arn:aws:iam::000000000000:user/${accessKeyId}`;
    const text = `User: ${who} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
    if (service === 'sns') return new AwsError('AuthorizationError', text, 403);
    return isQuery(service) ? new AwsError('AccessDenied', text, 403) : new AwsError('AccessDeniedException', text);
  }

  async #perform(request: AwsRequest, asked: Asked): Promise<Answer> {
    const { secretsManager, sts, messaging, route53 } = this.#services;
    switch (request.service) {
      case 'secretsmanager':
        return jsonAnswer(secretsManager.perform(request, JSON.parse(asked.body.toString() || '{}')));
      case 'sts':
        return sts.perform(request, asked);
      case 'sns':
      case 'sqs':
        return messaging.perform(request, asked);
      case 'route53':
        if (route53 !== undefined) return pass(asked, route53);
        throw new AwsError('ServiceUnavailable', 'this world has no zones', 503);
      default:
        throw new AwsError('UnknownOperationException', `The sandbox does not know the service ${request.service}.`);
    }
  }
}

/** Starts the endpoint with no secret, topic or queue in it. */
export async function startAws(config: AwsConfig): Promise<{ readonly ready: AwsReady; close(): Promise<void> }> {
  const control = new Control<AwsFault>(AWS_FAULTS);
  const messaging = await startMessaging();
  const { route53 } = config;
  const front = new Front({ secretsManager: new SecretsManager(), sts: new Sts(), messaging, route53 }, control);
  const { url, close } = await listen(async (asked) => control.intercept(asked) ?? front.answer(asked));
  return {
    ready: { url },
    close: async () => {
      await close();
      await messaging.close();
    },
  };
}
