/** The part `kubernetes`: an API server over https with tokens, RBAC, server-side apply and the kinds that certificates live in. */
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Control } from '../control.ts';
import { type Answer, type Asked, HANG_UP, json, listen, SILENCE } from '../listen.ts';
import { makeTls } from '../tls.ts';
import { allowed, authenticate, forbidden, type User } from './access.ts';
import { Api } from './api.ts';
import { makeClients } from './clients.ts';
import { KUBERNETES_FAULTS, type KubernetesConfig, type KubernetesFault, type KubernetesReady } from './config.ts';
import { discover } from './discovery.ts';
import type { KubernetesObject } from './object.ts';
import { type Resource, resourcesOf } from './resources.ts';
import { review, selfReview } from './reviews.ts';
import { Seeds } from './seeds.ts';
import { noSuchResource, StatusError, tooLarge, unauthorized } from './status.ts';
import { expired, Store } from './store.ts';
import { type Target, targetOf } from './target.ts';
import { TokenReviews } from './token-review.ts';

const MAX_BODY_BYTES = 3_145_728;
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const NOT_FOUND: Answer = {
  status: 404,
  headers: TEXT,
  body: '404 page not found\n',
};
const TOO_MANY = 'Too many requests, please try again later.\n';

/** From here on an answer is compressed for a client that takes it so. */
const LARGE_BYTES = 128 * 1024;

function packed({ method, headers: { 'accept-encoding': accepted = '' } }: Asked, answer: Answer): Answer {
  const { body = '', headers } = answer;
  const takes = method === 'GET' && /\bgzip\b/.test(String(accepted));
  if (!takes || body.length <= LARGE_BYTES) return answer;
  const how = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' };
  return { ...answer, headers: { ...headers, ...how }, body: gzipSync(body, { level: 1 }) };
}

interface Parts {
  readonly config: KubernetesConfig;
  readonly control: Control<KubernetesFault>;
  readonly api: Api;
  readonly resources: readonly Resource[];
  readonly reviews: TokenReviews;
}

/** One request with what was found out about it so far, for the log. */
interface Exchange {
  readonly asked: Asked;
  readonly target: Target;
  user: User | undefined;
}

/** The one object that was asked for or made, as `namespace/name`; of a list, of a name that the server made up and of a refusal: none. */
function namesIn(target: Target, { status, body }: Answer): readonly string[] {
  if (target.type === 'path') return [];
  const { verb, namespace, name } = target;
  const isMade = name === undefined && verb === 'create' && status === 201 && typeof body === 'string';
  const found = isMade ? (JSON.parse(body) as Partial<KubernetesObject>).metadata?.name : name;
  return found === undefined ? [] : [[namespace, found].filter((part) => part !== undefined).join('/')];
}

class Front {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async answer(asked: Asked): Promise<Answer> {
    const target = targetOf(asked.method, asked.path, asked.query);
    const exchange: Exchange = { asked, target, user: undefined };
    const answer = await this.#refusable(exchange);
    this.#parts.control.see({
      method: asked.method,
      path: asked.path,
      kind: target.type === 'path' ? 'path' : target.plural,
      verb: target.verb,
      names: namesIn(target, answer),
      status: answer.status,
      ...(exchange.user ? { user: exchange.user.name } : {}),
    });
    return packed(asked, answer);
  }

  async #refusable(exchange: Exchange): Promise<Answer> {
    try {
      return (await this.#fault(exchange)) ?? (await this.#serve(exchange));
    } catch (error) {
      if (error instanceof StatusError) return json(error.status, error.code);
      throw error;
    }
  }

  async #fault({ asked }: Exchange): Promise<Answer | undefined> {
    const { control } = this.#parts;
    const here = ({ path }: { readonly path?: string }): boolean => path === undefined || asked.path.includes(path);
    if (control.take('down', here)) return HANG_UP;
    if (control.take('silent', here)) return SILENCE;
    const slow = control.take('slow', here);
    if (slow) await pause(slow.ms ?? 5_000);
    const many = control.take('429', here);
    if (many) return { status: 429, headers: { ...TEXT, 'retry-after': String(many.retryAfter ?? 1) }, body: TOO_MANY };
    if (control.take('503', here)) return { status: 503, headers: TEXT, body: 'service unavailable\n' };
    if (control.take('500', here))
      throw new StatusError(500, {
        message: 'Internal error occurred: etcdserver: request timed out',
        reason: 'InternalError',
        details: { causes: [{ message: 'etcdserver: request timed out' }] },
      });
    if (control.take('401', here)) throw unauthorized();
    const token = asked.query.get('continue');
    if (token && control.take('410', here)) throw expired(token);
    return undefined;
  }

  async #serve(exchange: Exchange): Promise<Answer> {
    const { asked, target } = exchange;
    const { config, api, resources, reviews } = this.#parts;
    const { rbac = {}, tokens } = config;
    const user = (await reviews.userOf(asked)) ?? authenticate(asked.headers.authorization, tokens, asked.client);
    exchange.user = user;
    if (allowed(user, target, rbac) === undefined) throw forbidden(user, target);
    if (asked.body.length > MAX_BODY_BYTES) throw tooLarge();
    if (target.type === 'path') return discover(target.path, resources) ?? NOT_FOUND;
    const { group, version, plural, subresource } = target;
    if (group === 'authorization.k8s.io' && plural === 'selfsubjectaccessreviews') return review(asked, user, rbac);
    if (group === 'authentication.k8s.io' && plural === 'selfsubjectreviews') return selfReview(user);
    const ofGroup = resources.filter((one) => one.group === group && one.version === version);
    if (ofGroup.length === 0) return NOT_FOUND;
    const resource = ofGroup.find((one) => one.plural === plural);
    if (!resource || (subresource !== undefined && !(subresource === 'status' && resource.status)))
      throw noSuchResource();
    return api.perform({ target, resource, asked, user });
  }
}

function seedRequest(seeds: Seeds, { method, path, body }: Asked): Answer | undefined {
  if (path !== '/_sandbox/objects' || method !== 'POST') return undefined;
  const objects = JSON.parse(body.toString()) as readonly KubernetesObject[];
  for (const object of objects) seeds.plant(object);
  return json({ planted: objects.length });
}

/** Starts one cluster's API server. `POST /_sandbox/objects` plants a list of objects as they are. */
export async function startKubernetes(
  config: KubernetesConfig,
): Promise<{ readonly ready: KubernetesReady; close(): Promise<void> }> {
  const resources = resourcesOf(config);
  const store = new Store();
  const seeds = new Seeds(store, resources);
  for (const object of config.objects ?? []) seeds.plant(object);
  const control = new Control<KubernetesFault>(KUBERNETES_FAULTS);
  const reviews = new TokenReviews();
  const front = new Front({ config, control, resources, reviews, api: new Api(store, config.rbac ?? {}) });
  const [{ caPem, certPem, keyPem }, authority] = await Promise.all([
    makeTls(),
    config.clientCa ? makeClients(config.tokens) : undefined,
  ]);
  const { url, close } = await listen(
    async (asked) =>
      control.intercept(asked) ?? seedRequest(seeds, asked) ?? reviews.backDoor(asked) ?? front.answer(asked),
    { certPem, keyPem, ...(authority ? { clientCaPem: authority.caPem } : {}) },
  );
  return { ready: { server: url, caPem, uid: seeds.clusterUid, clients: authority?.clients ?? [] }, close };
}
