/** The demo's own end: what was said against what the servers recorded. Pure. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Seen } from '../../sandbox/control.ts';
import { counted } from '../output/words.ts';
import type { Planted } from './planted.ts';
import { findingsIn, type Said, statesIn } from './said.ts';
import type { Held, Message } from './world.ts';

export interface Recorded {
  /** What the CA saw. */
  readonly ca: readonly Seen[];
  /** What the clusters saw; names are `cluster/namespace/name`. */
  readonly clusters: readonly Seen[];
  /** What is in each place now. */
  readonly places: ReadonlyMap<string, Held | undefined>;
  readonly zone: { readonly before: string; readonly after: string };
  readonly messages: readonly Message[];
}

export interface Played {
  readonly said: Said;
  /** Answers. */
  readonly inventory: string;
  readonly again?: string;
  /** Of every command. */
  readonly codes: readonly number[];
}

export interface Check {
  readonly claim: string;
  readonly holds: boolean;
}

export interface Case {
  readonly played: Played;
  readonly recorded: Recorded;
  readonly planted: readonly Planted[];
  /** Whether the public CA is asked for that certificate: the private one needs no order. */
  readonly isOrdered: (id: string) => boolean;
  readonly codes: readonly number[];
}

const isEqual = (some: readonly string[], others: readonly string[]): boolean =>
  some.toSorted().join('\n') === others.toSorted().join('\n');

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

const isIn = (findings: readonly string[], { code, object }: Planted): boolean =>
  findings.some((finding) => finding.startsWith(`${code} `) && finding.endsWith(object));

function named({ played, planted }: Case): Check {
  const findings = findingsIn(played.inventory);
  const found = planted.filter((one) => isIn(findings, one));
  return {
    claim: `${counted(planted.length, 'defect')} planted, ${found.length} named by the inventory`,
    holds: found.length === planted.length,
  };
}

function ordered({ played: { said }, recorded: { ca }, isOrdered }: Case): Check {
  const orders = ca.filter(({ kind, names = [] }) => kind === 'newOrder' && names.length > 0);
  const told = [...said.renewed.map(({ id }) => id), ...said.failed].filter(isOrdered);
  return {
    claim: `${counted(told.length, 'certificate')} asked of the public CA, which counts ${counted(orders.length, 'order')}`,
    holds: orders.length === told.length && told.length > 0,
  };
}

const plainSerial = (serial: string): string => serial.toLowerCase().replace(/^0+/, '');

function isPairOf(serial: string | undefined, held: Held | undefined): boolean {
  if (serial === undefined || held === undefined) return false;
  const leaf = new X509Certificate(held.certificate);
  return plainSerial(leaf.serialNumber) === plainSerial(serial) && leaf.checkPrivateKey(createPrivateKey(held.key));
}

function delivered({ played: { said }, recorded: { places } }: Case): Check {
  const serials = new Map(said.renewed.map(({ id, serial }) => [id, serial]));
  const right = said.written.filter(({ id, place }) => isPairOf(serials.get(id), places.get(place)));
  const isSame = isEqual(
    said.written.map(({ place }) => place),
    said.places,
  );
  return {
    claim: `${counted(said.places.length, 'place')} written, ${right.length} with the serial that was told, and its key`,
    holds: isSame && right.length === said.places.length && right.length > 0,
  };
}

function nothingElse({ played: { said }, recorded: { clusters } }: Case): Check {
  const writes = clusters.filter(({ verb = '', user }) => WRITES.includes(verb) && user === 'nolapse');
  // what kubectl shows of Certificates and issuers
  const isStatus = ({ path = '' }: (typeof writes)[number]): boolean => path.endsWith('/status');
  const statuses = writes.filter(isStatus);
  const others = writes.filter((write) => !isStatus(write));
  const changed = new Set(others.map(({ names = [], path }) => names[0] ?? path));
  const told = said.places.filter((place) => !place.startsWith('secretsmanager/'));
  const beside = statuses.length > 0 ? ` and ${statuses.length} status${statuses.length > 1 ? 'es' : ''}` : '';
  return {
    claim: `${counted(told.length, 'Secret')} written; the clusters saw ${counted(changed.size, 'object')}${beside} changed`,
    holds: isEqual([...changed], told),
  };
}

const cleaned = ({ recorded: { zone } }: Case): Check => ({
  claim: 'no TXT record was left behind: the zone is what it was before',
  holds: zone.after === zone.before,
});

const told = ({ played: { said }, recorded: { messages } }: Case): Check => ({
  claim: `${counted(said.told, 'message')} sent, ${messages.length} received by the queue`,
  holds: said.told === messages.length && messages.length > 0 && messages.every(({ subject }) => said.hasTold(subject)),
});

function better({ played: { said, again = '' }, planted }: Case): Check {
  const states = statesIn(again);
  const left = findingsIn(again);
  const waiting = planted.filter(({ isMended }) => !isMended);
  return {
    claim: `${counted(planted.length - waiting.length, 'defect')} mended, ${left.length} left for a person; all that was renewed is ok`,
    holds:
      left.length === waiting.length &&
      waiting.every((one) => isIn(left, one)) &&
      said.renewed.every(({ id }) => states.get(id) === 'ok'),
  };
}

const ended = ({ played, codes }: Case): Check => ({
  claim: `exit codes ${played.codes.join(', ')}, as told in nolapse --help`,
  holds: played.codes.join() === codes.join(),
});

function none({ recorded: { ca } }: Case): Check {
  const certificates = ca.filter(({ kind }) => kind === 'certificate').length;
  return { claim: `${counted(certificates, 'certificate')} handed out by the public CA`, holds: certificates === 0 };
}

/** All claims of a run that went well. */
export const checksOf = (one: Case): readonly Check[] =>
  [named, ordered, delivered, nothingElse, cleaned, told, better, ended].map((check) => check(one));

/** All claims of a run whose name servers were silent. */
export const checksOfFailure = (one: Case): readonly Check[] =>
  [named, ordered, none, delivered, nothingElse, cleaned, told, ended].map((check) => check(one));
