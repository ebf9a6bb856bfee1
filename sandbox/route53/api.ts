/** The Route 53 API over its zones: answers requests, keeps changes and says when each is INSYNC. Serves no DNS itself. */
import { randomBytes } from 'node:crypto';
import type { Control } from '../control.ts';
import { currentSets, type RecordSet, type Zone } from '../dns/zone.ts';
import type { Answer, Asked } from '../listen.ts';
import { applyBatch, changeTokens } from './batch.ts';
import { Buckets } from './buckets.ts';
import { listSets, listZones, renderZone } from './lists.ts';
import { type Operation, Route53Error, readBatch, readOperation } from './request.ts';
import { renderXml, type XmlValue } from './xml.ts';

/** `operation` names one of Route 53's; absent = any. */
export type DnsFault =
  | { readonly kind: 'throttle' | 'access-denied'; readonly operation?: string; readonly count?: number }
  /** The next change stays PENDING until faults are cleared, though it is served. */
  | { readonly kind: 'never-insync'; readonly count?: number }
  | { readonly kind: 'prior-request'; readonly count?: number }
  /** The name servers do not answer; `count` counts queries. */
  | { readonly kind: 'dns-down'; readonly count?: number }
  /** One of them refuses, as a server does that was never told of its zones. */
  | { readonly kind: 'lame'; readonly server: string; readonly count?: number }
  /** The parent of the zones names others as their servers. */
  | { readonly kind: 'misdelegated'; readonly nameServers: readonly string[]; readonly count?: number };

export const DNS_FAULTS = [
  'throttle',
  'access-denied',
  'never-insync',
  'prior-request',
  'dns-down',
  'lame',
  'misdelegated',
] as const;

/** Where the zones are kept. */
export interface ZoneStore {
  all(): readonly Zone[];
  get(id: string): Zone | undefined;
  /** Stores a new version; returns the instant at which the last name server serves it, in milliseconds since the epoch. */
  put(id: string, sets: readonly RecordSet[], now: number): number;
}

interface AcceptedChange {
  readonly submittedAt: number;
  /** Milliseconds since the epoch. */
  inSyncAt: number;
  readonly comment: string | undefined;
}

export interface Route53Options {
  readonly zones: ZoneStore;
  readonly control: Control<DnsFault>;
  readonly nsNames: readonly string[];
  readonly throttle: boolean;
}

type Body = { readonly [name: string]: XmlValue };

const requestId = (): string => {
  const hex = randomBytes(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const throttled = (): Route53Error => new Route53Error(400, 'Throttling', 'Rate exceeded');

export class Route53Api {
  readonly #options: Route53Options;
  readonly #changes = new Map<string, AcceptedChange>();
  readonly #buckets = new Buckets();

  constructor(options: Route53Options) {
    this.#options = options;
  }

  /** Answers one request; never throws for what the caller did wrong. */
  answer(asked: Asked): Answer {
    const id = requestId();
    const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': id };
    try {
      const operation = readOperation(asked);
      if (!operation)
        throw new Route53Error(404, 'UnknownOperationException', 'The sandbox imitates no such operation.');
      this.#admit(operation, asked);
      return { status: 200, headers, body: renderXml(`${operation.kind}Response`, this.#perform(operation, asked)) };
    } catch (error) {
      if (!(error instanceof Route53Error)) throw error;
      const { code: Code, message: Message } = error;
      const body = renderXml('ErrorResponse', { Error: { Type: 'Sender', Code, Message }, RequestId: id });
      return { status: error.status, headers, body };
    }
  }

  #admit(operation: Operation, asked: Asked): void {
    const { control, throttle } = this.#options;
    const names = operation.kind === 'ChangeResourceRecordSets' ? namesIn(asked.body) : [];
    control.see({
      method: asked.method,
      path: asked.path,
      kind: operation.kind,
      ...(names.length > 0 ? { names } : {}),
    });
    if (!/^AWS4-HMAC-SHA256 Credential=/.test(asked.headers.authorization ?? ''))
      throw new Route53Error(403, 'MissingAuthenticationToken', 'Missing Authentication Token');
    const isMeant = (fault: { readonly operation?: string }): boolean =>
      fault.operation === undefined || fault.operation === operation.kind;
    if (control.take('throttle', isMeant)) throw throttled();
    if (control.take('access-denied', isMeant)) {
      const action = `route53:${operation.kind}`;
      throw new Route53Error(
        403,
        'AccessDenied',
        `User: arn:aws:iam::111111111111:user/sandbox is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
      );
    }
    if (throttle && !this.#buckets.takeRequest(Date.now())) throw throttled();
  }

  #perform(operation: Operation, asked: Asked): Body {
    switch (operation.kind) {
      case 'ChangeResourceRecordSets':
        return this.#change(this.#zone(operation.zoneId), asked.body);
      case 'ListResourceRecordSets':
        return listSets(currentSets(this.#zone(operation.zoneId)), asked.query);
      case 'GetHostedZone':
        return {
          HostedZone: renderZone(this.#zone(operation.zoneId)),
          DelegationSet: { NameServers: { NameServer: this.#options.nsNames.map((name) => name.replace(/\.$/, '')) } },
        };
      case 'GetChange':
        return this.#getChange(operation.changeId);
      default:
        return listZones(this.#options.zones.all(), asked.query);
    }
  }

  #zone(id: string): Zone {
    const zone = this.#options.zones.get(id);
    if (!zone) throw new Route53Error(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
    return zone;
  }

  #change(zone: Zone, body: Buffer): Body {
    const { zones, control, throttle } = this.#options;
    const { changes, comment } = readBatch(body);
    if (control.take('prior-request'))
      throw new Route53Error(
        400,
        'PriorRequestNotComplete',
        'The request was rejected because Route 53 was still processing a prior request.',
      );
    const now = Date.now();
    if (throttle && !this.#buckets.takeChanges(changeTokens(changes), now)) throw throttled();
    const result = applyBatch(zone.name, currentSets(zone), changes);
    if ('messages' in result) throw new Route53Error(400, 'InvalidChangeBatch', `[${result.messages.join(', ')}]`);
    const servedAt = zones.put(zone.id, result.sets, now);
    const id = `C${randomBytes(10).toString('hex').toUpperCase()}`;
    const change: AcceptedChange = { submittedAt: now, inSyncAt: servedAt, comment };
    if (control.take('never-insync')) {
      change.inSyncAt = Number.POSITIVE_INFINITY;
      control.whenCleared(() => {
        change.inSyncAt = servedAt;
      });
    }
    this.#changes.set(id, change);
    return { ChangeInfo: renderChange(id, change, 'PENDING') };
  }

  #getChange(id: string): Body {
    const change = this.#changes.get(id);
    if (!change) throw new Route53Error(404, 'NoSuchChange', `Could not find resource with ID: ${id}`);
    return { ChangeInfo: renderChange(id, change, change.inSyncAt <= Date.now() ? 'INSYNC' : 'PENDING') };
  }
}

const renderChange = (id: string, change: AcceptedChange, status: 'PENDING' | 'INSYNC'): Body => ({
  Id: `/change/${id}`,
  Status: status,
  SubmittedAt: new Date(change.submittedAt).toISOString(),
  Comment: change.comment,
});

/** For the request log: what cannot be read is logged without names and refused later. */
const namesIn = (body: Buffer): readonly string[] => [
  ...new Set([...body.toString().matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = '']) => name)),
];
