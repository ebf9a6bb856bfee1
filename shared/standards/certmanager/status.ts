/** cert-manager's words in the status of its objects (pkg/apis/certmanager/v1, 1.21), and how what is there becomes what shall be. Pure. */
import type { Iso } from '../../contract/ids.ts';
import type { KubernetesObject, StatusChange } from '../../contract/ports.ts';
import type { ConditionWish, StatusWish } from '../../contract/status.ts';

/** Condition reasons and their messages, where cert-manager has them. */
export const SAID = {
  ready: { reason: 'Ready', message: 'Certificate is up to date and has not expired' },
  noSecret: 'Issuing certificate as Secret does not exist',
  failed: { reason: 'Failed', message: 'The certificate request has failed to complete and will be retried: ' },
  registered: {
    reason: 'ACMEAccountRegistered',
    message: 'The ACME account was registered with the ACME server',
  },
  notRegistered: { reason: 'ErrRegisterACMEAccount', message: 'Failed to register ACME account: ' },
  verified: { reason: 'KeyPairVerified', message: 'Signing CA verified' },
  noPair: { reason: 'ErrGetKeyPair', message: 'Error getting keypair for CA issuer: ' },
  badPair: { reason: 'ErrInvalidKeyPair', message: 'Invalid signing key pair: ' },
  selfSigned: { reason: 'IsReady' },
} as const;

/** Conditions and fields that say something only while they are there: what cert-manager itself takes away when it is over. */
const PASSING_CONDITION = 'Issuing';
const PASSING: readonly string[] = [
  ...['notBefore', 'notAfter', 'renewalTime', 'lastFailureTime', 'failedIssuanceAttempts', 'nextPrivateKeySecretName'],
];
/** By this hash cert-manager knows its own account key, and asks the CA no more: with another account's URL beside it, it could not go on. */
const KEY_HASH = 'lastPrivateKeyHash';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

const conditionsOf = (status: Fields): readonly Fields[] =>
  Array.isArray(status.conditions) ? status.conditions.filter(isFields) : [];

const conditionIn = (status: Fields, type: string): Fields | undefined =>
  conditionsOf(status).find((one) => one.type === type);

/** An instant as the API writes it. */
export const wholeSecond = (at: Iso): string => `${at.slice(0, 19)}Z`;

function saysField(live: unknown, wished: unknown): boolean {
  if (!isFields(wished)) return live === wished;
  const there = fieldsOf(live);
  return Object.entries(wished).every(([name, value]) => saysField(there[name], value));
}

const saysCondition = (status: Fields, { type, ...wished }: ConditionWish): boolean =>
  saysField(conditionIn(status, type), wished);

/** What is there and no longer so, as a merge patch; undefined = nothing. */
function leftovers(status: Fields, { conditions, fields }: StatusWish): Fields | undefined {
  const isWished = (type: unknown): boolean => conditions.some((one) => one.type === type);
  const stale = conditionsOf(status).filter(({ type }) => type === PASSING_CONDITION && !isWished(type));
  const passed = PASSING.filter((name) => status[name] !== undefined && fields[name] === undefined);
  const hasHash = fields.acme !== undefined && fieldsOf(status.acme)[KEY_HASH] !== undefined;
  if (stale.length + passed.length === 0 && !hasHash) return undefined;
  return {
    ...(stale.length > 0 ? { conditions: conditionsOf(status).filter((one) => !stale.includes(one)) } : {}),
    ...Object.fromEntries(passed.map((name) => [name, null])),
    ...(hasHash ? { acme: { [KEY_HASH]: null } } : {}),
  };
}

/** Whether the object says it already, whoever has written it. */
export function saysAlready({ status: live }: Pick<KubernetesObject, 'status'>, wish: StatusWish): boolean {
  const status = fieldsOf(live);
  return (
    wish.conditions.every((one) => saysCondition(status, one)) &&
    saysField(status, wish.fields) &&
    leftovers(status, wish) === undefined
  );
}

/** Certificates are counted as cert-manager counts them: one that we have issued and that was not told before is the next. */
function revisionOf(status: Fields, { fields, isOurIssue }: StatusWish): number | undefined {
  if (fields.notAfter === undefined) return undefined;
  const before = typeof status.revision === 'number' ? status.revision : undefined;
  const isSame = status.notBefore === fields.notBefore && status.notAfter === fields.notAfter;
  return before === undefined ? 1 : isOurIssue && !isSame ? before + 1 : before;
}

function transitionOf(status: Fields, { type, status: wished }: ConditionWish, now: Date): unknown {
  const before = conditionIn(status, type);
  return before?.status === wished && before.lastTransitionTime !== undefined
    ? before.lastTransitionTime
    : wholeSecond(now.toISOString());
}

/** What is to be sent, so that the object says it. */
export function statusChange(
  { status: live }: Pick<KubernetesObject, 'status'>,
  wish: StatusWish,
  now: Date,
): StatusChange {
  const status = fieldsOf(live);
  const revision = revisionOf(status, wish);
  const clear = leftovers(status, wish);
  const conditions = wish.conditions.map((one) => ({ ...one, lastTransitionTime: transitionOf(status, one, now) }));
  return {
    ...(clear ? { clear } : {}),
    status: { ...wish.fields, ...(revision === undefined ? {} : { revision }), conditions },
  };
}

const HOUR_MS = 3_600_000;
/** A controller answers within moments; one that has written last is given so long before it is taken for gone. */
const QUIET_MS = HOUR_MS;
/** One that has written over what we wrote is alive: we say it again once a day, and it may say it once more. */
const ANSWERED_MS = 24 * HOUR_MS;

const lastWrite = ({ metadata }: KubernetesObject, isBy: (name: string) => boolean): number | undefined => {
  const times = (metadata.managedFields ?? []).flatMap(({ manager = '', subresource, time }) =>
    subresource === 'status' && time !== undefined && isBy(manager) ? [Date.parse(time)] : [],
  );
  return times.length > 0 ? Math.max(...times) : undefined;
};

/** Each of its controllers writes under a name of its own. */
const isCertManager = (name: string): boolean => name.startsWith('cert-manager');

const readyIn = (status: unknown): unknown => conditionIn(fieldsOf(status), 'Ready')?.status;

/**
 * Until when the status is a cert-manager's; undefined = it is nobody's who is seen to be alive. What we ourselves have written never
 * makes one alive. Of an issuer cert-manager tells its own account and key, so what it says stays where it comes to the same: `always`.
 */
export function keptByCertManager(
  object: KubernetesObject,
  { wish, manager, now }: { readonly wish: StatusWish; readonly manager: string; readonly now: Date },
): Iso | 'always' | undefined {
  const theirs = lastWrite(object, isCertManager);
  if (theirs === undefined) return undefined;
  const ours = lastWrite(object, (one) => one === manager);
  const isLast = ours === undefined || theirs > ours;
  const isIssuer = object.kind !== 'Certificate';
  if (isIssuer && isLast && readyIn(object.status) === readyIn({ conditions: wish.conditions })) return 'always';
  const until = theirs + (isLast && ours !== undefined ? ANSWERED_MS : QUIET_MS);
  return until > now.getTime() ? new Date(until).toISOString() : undefined;
}

/** The same without what has failed: when the fleet is left, cert-manager begins anew, and waits for no trouble that was ours. */
export const withoutFailure = ({ conditions, fields, ...wish }: StatusWish): StatusWish => {
  const { lastFailureTime: _at, failedIssuanceAttempts: _count, ...rest } = fields;
  return { ...wish, conditions: conditions.filter(({ type }) => type !== PASSING_CONDITION), fields: rest };
};
