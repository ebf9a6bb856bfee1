/** The part `ca`: an ACME server (RFC 8555) over https that knows zones through DNS alone. Its outside: nonces, log, faults, problems. */
import { Control } from '../control.ts';
import { type Answer, type Asked, listen } from '../listen.ts';
import { makeTls } from '../tls.ts';
import { Accounts } from './accounts.ts';
import { Challenges } from './challenges.ts';
import { CA_FAULTS, type CaConfig, type CaFault, type CaReady, profilesOf, seeded } from './config.ts';
import { Issuance } from './issuance.ts';
import { Issuer } from './issuer.ts';
import { Nonces, openJws, type Signed } from './jws.ts';
import { Orders } from './orders.ts';
import { AcmeError, problem, refused } from './problem.ts';
import { type Reply, Requests } from './requests.ts';
import { directoryUrls, type Resource, readResource } from './resource.ts';

const IDENTITY = 'sandbox-ca.test';

interface FrontOptions {
  readonly control: Control<CaFault>;
  readonly nonces: Nonces;
  readonly requests: Requests;
  readonly meta: Readonly<Record<string, unknown>>;
}

class Front {
  readonly #options: FrontOptions;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  async answer(asked: Asked): Promise<Answer> {
    try {
      return this.#send(asked, await this.#serve(asked));
    } catch (error) {
      if (!(error instanceof AcmeError)) throw error;
      const headers = { 'content-type': 'application/problem+json', ...error.headers };
      return this.#send(asked, { status: error.problem.status, body: error.problem, headers });
    }
  }

  async #serve(asked: Asked): Promise<Reply> {
    const resource = readResource(asked.path);
    if (!resource) throw refused('malformed', 'Page not found', { status: 404 });
    const isUnsigned = resource.kind === 'directory' || resource.kind === 'newNonce';
    const methods = isUnsigned ? ['GET', 'HEAD'] : ['POST'];
    if (!methods.includes(asked.method)) throw refused('malformed', 'Method not allowed', { status: 405 });
    return isUnsigned ? this.#unsigned(asked, resource) : this.#signed(asked, resource);
  }

  #unsigned(asked: Asked, resource: Resource): Reply {
    this.#see(asked, resource, []);
    if (resource.kind === 'newNonce') return { status: asked.method === 'HEAD' ? 200 : 204 };
    return { status: 200, body: { ...directoryUrls(asked.origin), meta: this.#options.meta } };
  }

  async #signed(asked: Asked, resource: Resource): Promise<Reply> {
    const { nonces, requests } = this.#options;
    const { origin, path } = asked;
    const signed = await this.#open(asked, resource, nonces);
    const call = { resource, signed, origin, url: origin + path };
    this.#see(asked, resource, requests.namesOf(call));
    return requests.perform(call);
  }

  async #open(asked: Asked, resource: Resource, nonces: Nonces): Promise<Signed> {
    const keyOf = (kid: string) => this.#options.requests.accountAt(kid, asked.origin).jwk;
    try {
      return await openJws(asked, { nonces, keyOf });
    } catch (error) {
      this.#see(asked, resource, []);
      throw error;
    }
  }

  /** Logs the request, and refuses it where a fault says that the CA is down. */
  #see({ method, path }: Asked, { kind }: Resource, names: readonly string[]): void {
    const { control } = this.#options;
    control.see({ method, path, kind, ...(names.length > 0 ? { names } : {}) });
    const down = control.take('unavailable', ({ request }) => request === undefined || request === kind);
    if (!down) return;
    const headers = down.retryAfter === undefined ? {} : { 'retry-after': String(down.retryAfter) };
    const detail = 'The service is down for maintenance or had an internal error.';
    throw new AcmeError(problem('serverInternal', detail, { status: 503 }), headers);
  }

  #send({ method, origin, path }: Asked, { status, body, headers = {} }: Reply): Answer {
    const index = `<${origin}/dir>;rel="index"`;
    const { link = [], ...others } = headers;
    return {
      status,
      headers: {
        'cache-control': 'public, max-age=0, no-cache',
        link: [index, ...[link].flat()],
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' || path === '/nonce' ? { 'replay-nonce': this.#options.nonces.give() } : {}),
        ...others,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
  }
}

function assemble(config: CaConfig, issuer: Issuer, control: Control<CaFault>): Front {
  const random = config.seed === undefined ? Math.random : seeded(config.seed);
  const profiles = profilesOf(config);
  const { requireEab = false, eabKeys = {}, nameServers } = config;
  const requests = new Requests({
    control,
    accounts: new Accounts({ requireEab, eabKeys }),
    orders: new Orders({ authzReuse: config.authzReuse ?? false, random }),
    challenges: new Challenges({
      control,
      nameServers,
      timeoutMs: config.dnsTimeoutMs ?? 2_000,
      delayMs: config.validationDelayMs ?? 0,
    }),
    issuance: new Issuance({ issuer, control, profiles }),
    profiles,
    blocked: config.blocked ?? ['blocked-domain.example'],
    retryAfter: config.retryAfter ?? 1,
  });
  const meta = {
    termsOfService: `https://${IDENTITY}/terms`,
    website: `https://${IDENTITY}/`,
    caaIdentities: [IDENTITY],
    externalAccountRequired: requireEab,
    profiles: Object.fromEntries(Object.entries(profiles).map(([name, { description }]) => [name, description])),
  };
  return new Front({ control, requests, meta, nonces: new Nonces(config.badNonce ?? 0.05, random) });
}

/** Starts the CA with keys and TLS of its own. */
export async function startCa(config: CaConfig): Promise<{ readonly ready: CaReady; close(): Promise<void> }> {
  const [issuer, tls] = await Promise.all([Issuer.create(), makeTls()]);
  const control = new Control<CaFault>(CA_FAULTS);
  const front = assemble(config, issuer, control);
  const { url, close } = await listen(async (asked) => control.intercept(asked) ?? front.answer(asked), tls);
  const { rootPem, intermediatePem, alternateRootPem } = issuer.pems;
  return {
    ready: { directory: `${url}/dir`, tlsCaPem: tls.caPem, rootPem, intermediatePem, alternateRootPem },
    close,
  };
}
