/** The part `aws`: one endpoint for all services, told apart by the scope of the signature, as AWS_ENDPOINT_URL wants it. */
import * as http from 'node:http';
import { Control } from '../control.ts';
import { type Answer, type Asked, HANG_UP, json, listen } from '../listen.ts';
import { startDynamoDb } from './dynamodb.ts';
import { Eks } from './eks.ts';
import { EventBuses } from './event-bus.ts';
import { Kms } from './kms.ts';
import { type Messaging, startMessaging } from './messaging.ts';
import { AwsError, codeFor, errorAnswer, jsonAnswer } from './refusal.ts';
import { type AwsRequest, awsRequestOf } from './request.ts';
import { SecretsManager } from './secrets-manager.ts';
import { Sts } from './sts.ts';

export interface AwsConfig {
  /** Origin of the part `dns`, which answers for Route 53. */
  readonly route53?: string;
  /** Whether there is DynamoDB; default no. */
  readonly dynamodb?: boolean;
}

export interface AwsReady {
  readonly url: string;
  /** Of DynamoDB, past the endpoint and its faults. */
  readonly dynamodbUrl?: string;
}

/** Absent = any. */
interface Matched {
  /** As the signature names it: `secretsmanager`, `sns`, `sqs`, `s3`, `kms`, `events`, `sts`, `eks`, `dynamodb`, `route53`. */
  readonly service?: string;
  readonly operation?: string;
  readonly count?: number;
}

export type AwsFault =
  | (Matched & { readonly kind: 'throttle' })
  | (Matched & { readonly kind: 'access-denied' })
  | (Matched & { readonly kind: 'unavailable' })
  /** The connection is closed without an answer. */
  | (Matched & { readonly kind: 'down' })
  /** It is done, and the connection is closed without an answer. */
  | (Matched & { readonly kind: 'answer-lost' })
  /** An entry of PutEvents is not taken. */
  | { readonly kind: 'failed-entry'; readonly count?: number }
  /** A token of EKS is refused by the cluster that it is for. */
  | { readonly kind: 'token-refused'; readonly count?: number };

export const AWS_FAULTS = [
  'throttle',
  'access-denied',
  'unavailable',
  'down',
  'answer-lost',
  'failed-entry',
  'token-refused',
] as const;

/** Who answers for itself is asked over few connections, each used again and again. */
const agent = new http.Agent({ keepAlive: true });

function pass({ method, path, query, headers, body }: Asked, origin: string): Promise<Answer> {
  const search = query.size > 0 ? `?${query}` : '';
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, 'content-length': body.length }, agent };
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
  readonly eks: Eks;
  readonly kms: Kms;
  readonly eventBuses: EventBuses;
  readonly messaging: Messaging;
  /** Origins of those that answer for themselves. */
  readonly route53: string | undefined;
  readonly dynamodb: string | undefined;
}

const isAbout =
  (request: AwsRequest) =>
  ({ service = request.service, operation = request.operation }: Matched): boolean =>
    service === request.service && operation === request.operation;

const inputOf = ({ body }: Asked): Readonly<Record<string, unknown>> => JSON.parse(body.toString() || '{}');

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
      const refused = this.#fault(request);
      if (refused) return refused;
      const answer = await this.#perform(request, asked);
      return this.#control.take('answer-lost', isAbout(request)) ? HANG_UP : answer;
    } catch (error) {
      if (error instanceof AwsError) return errorAnswer(request.service, error);
      throw error;
    }
  }

  #fault(request: AwsRequest): Answer | undefined {
    const here = isAbout(request);
    const code = (name: string): string => codeFor(request.service, name);
    if (this.#control.take('down', here)) return HANG_UP;
    if (this.#control.take('unavailable', here))
      throw new AwsError(code('ServiceUnavailable'), 'Service is unable to handle request.', 503);
    if (this.#control.take('throttle', here))
      throw request.service === 's3'
        ? new AwsError('SlowDown', 'Please reduce your request rate.', 503)
        : new AwsError(code('Throttling'), 'Rate exceeded');
    if (this.#control.take('access-denied', here)) throw this.#denied(request);
    return undefined;
  }

  #denied({ service, operation, accessKeyId }: AwsRequest): AwsError {
    const action = `${service}:${operation}`;
    const who = `arn:aws:iam::000000000000:user/${accessKeyId}`;
    const text = `User: ${who} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
    if (service === 'sns') return new AwsError('AuthorizationError', text, 403);
    const code = codeFor(service, 'AccessDenied');
    return new AwsError(code, text, code === 'AccessDenied' ? 403 : 400);
  }

  async #perform(request: AwsRequest, asked: Asked): Promise<Answer> {
    const { secretsManager, sts, eks, kms, eventBuses, messaging, route53, dynamodb } = this.#services;
    switch (request.service) {
      case 'secretsmanager':
        return jsonAnswer(secretsManager.perform(request, inputOf(asked)));
      case 'kms':
        return jsonAnswer(kms.perform(request, inputOf(asked)));
      case 'events':
        return jsonAnswer(eventBuses.perform(request, inputOf(asked)));
      case 'sts':
        return sts.perform(request, asked);
      case 'eks':
        return eks.perform(request, asked);
      case 'sns':
      case 'sqs':
      case 's3':
        return messaging.perform(request, asked);
      case 'route53':
        if (route53 !== undefined) return pass(asked, route53);
        throw new AwsError('ServiceUnavailable', 'this world has no zones', 503);
      case 'dynamodb':
        if (dynamodb !== undefined) return pass(asked, dynamodb);
        throw new AwsError('ServiceUnavailableException', 'this world has no tables', 503);
      default:
        throw new AwsError('UnknownOperationException', `The sandbox does not know the service ${request.service}.`);
    }
  }
}

/** Starts the endpoint with nothing in it. */
export async function startAws(config: AwsConfig): Promise<{ readonly ready: AwsReady; close(): Promise<void> }> {
  const control = new Control<AwsFault>(AWS_FAULTS);
  const messaging = await startMessaging();
  const tables = config.dynamodb ? await startDynamoDb() : undefined;
  const eventBuses = new EventBuses(() => control.take('failed-entry') !== undefined);
  const sts = new Sts();
  const eks = new Eks({
    identityOf: (accessKeyId) => sts.identityOf(accessKeyId),
    isRefused: () => control.take('token-refused') !== undefined,
  });
  const services: Services = {
    ...{ secretsManager: new SecretsManager(), sts, eks, kms: new Kms(), eventBuses, messaging },
    ...{ route53: config.route53, dynamodb: tables?.url },
  };
  const front = new Front(services, control);
  const { url, close } = await listen(async (asked) => {
    if (asked.path === '/_sandbox/events') return json(eventBuses.taken);
    return eks.backDoor(asked) ?? control.intercept(asked) ?? front.answer(asked);
  });
  return {
    ready: { url, ...(tables ? { dynamodbUrl: tables.url } : {}) },
    close: async () => {
      await close();
      await messaging.close();
      await tables?.close();
    },
  };
}
