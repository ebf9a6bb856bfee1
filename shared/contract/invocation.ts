/** What the functions are invoked with: a lane from a queue, a schedule's word, or one of the small payloads that people send by hand. */
import { FUNCTIONS, type FunctionName, QUEUED } from './environment.ts';
import type { CertificateId, Lane, Place } from './ids.ts';
import { InputError } from './problem.ts';

export type Invocation =
  | { readonly is: 'lanes'; readonly lanes: readonly Lane[] }
  | { readonly is: 'wake'; readonly what: 'due' | 'inventory' }
  | { readonly is: 'show'; readonly what: 'fleet' }
  | { readonly is: 'digest'; readonly when: 'due' | 'now' }
  | { readonly is: 'cluster'; readonly cluster: string }
  | { readonly is: 'certificate'; readonly certificate: CertificateId; readonly force: boolean; readonly wait: boolean }
  | { readonly is: 'plan' }
  | { readonly is: 'rehearse'; readonly certificate: CertificateId }
  | { readonly is: 'leave'; readonly dryRun: boolean; readonly within?: string }
  | {
      readonly is: 'giveBack';
      readonly party: string;
      /** Beside those that certificates name. */
      readonly also: readonly Place[];
      readonly dryRun: boolean;
      readonly within?: string;
    }
  | { readonly is: 'pause'; readonly lane: Lane; readonly for: string; readonly because: string }
  | { readonly is: 'test'; readonly channel: string };

type Fields = Readonly<Record<string, 'text' | 'texts' | 'boolean' | 'true' | readonly string[]>>;

interface Payload {
  /** The key that tells it from the others. */
  readonly by: string;
  readonly takes: readonly FunctionName[];
  readonly needs: Fields;
  readonly may?: Fields;
  /** As it is printed where a payload was wrong. */
  readonly example: object;
  readonly does: string;
  readonly as: (payload: Readonly<Record<string, unknown>>) => Invocation;
}

/** What both parts of leaving may be told. */
const LEAVING: Fields = { dryRun: 'boolean', within: 'text' };
const howToLeave = ({ dryRun, within }: Readonly<Record<string, unknown>>) => ({
  dryRun: dryRun === true,
  ...(within === undefined ? {} : { within: String(within) }),
});

/** Every payload there is; the documentation and the error both print it. */
export const PAYLOADS: readonly Payload[] = [
  {
    ...{ by: 'wake', takes: ['wake'], needs: { wake: ['due', 'inventory'] } },
    ...{ example: { wake: 'inventory' }, does: 'rings what is due, or the inventory of every source' },
    as: ({ wake }) => ({ is: 'wake', what: wake as 'due' | 'inventory' }),
  },
  {
    ...{ by: 'show', takes: ['wake'], needs: { show: ['fleet'] }, example: { show: 'fleet' } },
    ...{ does: 'answers the fleet as it was deployed', as: () => ({ is: 'show', what: 'fleet' }) },
  },
  {
    ...{ by: 'cluster', takes: ['inventory'], needs: { cluster: 'text' } },
    ...{ example: { cluster: 'prod-eu' }, does: 'looks at one cluster now; "fleet" is the fleet file itself' },
    as: ({ cluster }) => ({ is: 'cluster', cluster: String(cluster) }),
  },
  {
    ...{ by: 'certificate', takes: ['issue'], needs: { certificate: 'text' } },
    may: { force: 'boolean', wait: 'boolean' },
    example: { certificate: 'prod-eu/shop/shop-tls', force: true, wait: true },
    does: 'says where a certificate stands; force: renews it although it is not due; wait: answers when it is in its places',
    as: ({ certificate, force, wait }) => ({
      ...{ is: 'certificate', certificate: String(certificate), force: force === true, wait: wait === true },
    }),
  },
  {
    ...{ by: 'rehearse', takes: ['issue'], needs: { rehearse: 'text' } },
    example: { rehearse: 'prod-eu/shop/shop-tls' },
    does: 'obtains a certificate from the staging environment of its CA, throws it away, and says how it went',
    as: ({ rehearse }) => ({ is: 'rehearse', certificate: String(rehearse) }),
  },
  {
    ...{ by: 'leave', takes: ['issue'], needs: { leave: 'true' }, may: LEAVING },
    example: { leave: true, dryRun: true, within: '10m' },
    does: 'gives the fleet up, first part: orders end, TXT values go, nothing is renewed or delivered from then on',
    as: (said) => ({ is: 'leave', ...howToLeave(said) }),
  },
  {
    ...{ by: 'giveBack', takes: ['deliver'], needs: { giveBack: 'text' }, may: { ...LEAVING, also: 'texts' } },
    example: { giveBack: 'prod-eu', also: ['prod-eu/shop/old-tls'], dryRun: true, within: '10m' },
    does: 'second part, for a cluster or store: takes marks and field ownership off, and leaves what is there as it is',
    as: ({ giveBack, also = [], ...how }) => ({
      ...{ is: 'giveBack', party: String(giveBack), also: also as readonly Place[] },
      ...howToLeave(how),
    }),
  },
  {
    ...{ by: 'dryRun', takes: ['issue'], needs: { dryRun: 'true' }, example: { dryRun: true } },
    ...{ does: 'says what would be renewed now, and why; changes nothing', as: () => ({ is: 'plan' }) },
  },
  {
    ...{ by: 'pause', takes: QUEUED, needs: { pause: 'text', for: 'text', because: 'text' } },
    example: { pause: 'issue:fleet/letsencrypt', for: '2h', because: 'the CA has trouble' },
    does: 'lets a lane of this function rest; for "0" ends it',
    as: (said) => ({ is: 'pause', lane: said.pause as Lane, for: String(said.for), because: String(said.because) }),
  },
  {
    ...{ by: 'digest', takes: ['notify'], needs: { digest: ['due', 'now'] } },
    ...{
      example: { digest: 'now' },
      does: 'sends the digest; "due": once for each time the fleet file has for it',
      as: ({ digest }) => ({ is: 'digest', when: digest as 'due' | 'now' }),
    },
  },
  {
    ...{ by: 'test', takes: ['notify'], needs: { test: 'text' }, example: { test: 'sns' } },
    ...{ does: 'sends a test message on one channel', as: ({ test }) => ({ is: 'test', channel: String(test) }) },
  },
];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isLaneOf = (name: FunctionName, lane: unknown): lane is Lane =>
  typeof lane === 'string' && (lane === name || lane.startsWith(`${name}:`));

function allowed(name: FunctionName): string {
  const lines = PAYLOADS.filter(({ takes }) => takes.includes(name)).map(
    ({ example, does }) => `  ${JSON.stringify(example)}  ${does}`,
  );
  return `the function ${name} takes\n${lines.join('\n')}`;
}

function refused(name: FunctionName, message: string): InputError {
  return new InputError([{ where: 'payload', message, fix: allowed(name) }]);
}

/** What a field must be and is not. */
function wrongField(value: unknown, kind: Fields[string]): string | undefined {
  if (kind === 'text') return typeof value === 'string' && value !== '' ? undefined : 'must be a text';
  if (kind === 'texts')
    return Array.isArray(value) && value.every((one) => typeof one === 'string')
      ? undefined
      : 'must be a list of texts';
  if (kind === 'boolean') return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (kind === 'true') return value === true ? undefined : 'must be true';
  const words = kind.map((one) => JSON.stringify(one)).join(' or ');
  return typeof value === 'string' && kind.includes(value) ? undefined : `must be ${words}`;
}

function manual(name: FunctionName, event: Readonly<Record<string, unknown>>): Invocation {
  const payload = PAYLOADS.find(({ by }) => by in event);
  if (!payload) throw refused(name, `says nothing that is known: ${JSON.stringify(event).slice(0, 200)}`);
  if (!payload.takes.includes(name)) {
    const others = FUNCTIONS.filter((one) => payload.takes.includes(one)).join(' or ');
    throw refused(name, `{"${payload.by}": …} is for the function ${others}`);
  }
  const fields: Fields = { ...payload.may, ...payload.needs };
  for (const [field, value] of Object.entries(event)) {
    const kind = fields[field];
    const wrong = kind === undefined ? 'is unknown' : wrongField(value, kind);
    if (wrong) throw refused(name, `${field} ${wrong}`);
  }
  for (const field of Object.keys(payload.needs)) if (!(field in event)) throw refused(name, `${field} is missing`);
  const invocation = payload.as(event);
  if (invocation.is === 'pause' && !isLaneOf(name, invocation.lane))
    throw refused(name, `${JSON.stringify(invocation.lane)} is no lane of it: they begin with ${name}`);
  return invocation;
}

/** The lanes in the messages of a queue. Throws InputError on anything else: such a message ends in the dead-letter queue. */
function lanesIn(name: FunctionName, records: readonly unknown[]): readonly Lane[] {
  return records.map((record) => {
    const body = isRecord(record) ? record.body : undefined;
    if (isLaneOf(name, body)) return body;
    throw refused(name, `a message of its queue is no lane of it: ${JSON.stringify(body)?.slice(0, 200)}`);
  });
}

/** What an event asks of a function. Throws InputError that says what is allowed. */
export function invocationOf(name: FunctionName, event: unknown): Invocation {
  if (!isRecord(event)) throw refused(name, `is no JSON object: ${JSON.stringify(event)?.slice(0, 200)}`);
  if (Array.isArray(event.Records)) return { is: 'lanes', lanes: lanesIn(name, event.Records) };
  return manual(name, event);
}
