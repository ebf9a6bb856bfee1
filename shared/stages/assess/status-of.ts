/** What a Certificate or issuer of a cluster is told of itself, as the rows and the last look say it. Pure. */
import type { Issuer } from '../../contract/fleet.ts';
import type { Observation } from '../../contract/observation.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Account, Destination, Failure, Issuance, Wanted } from '../../contract/rows.ts';
import type { ConditionWish, StatusWish } from '../../contract/status.ts';
import { SAID, wholeSecond } from '../../standards/certmanager/status.ts';
import { renewAtOf } from './content.ts';
import { triggerOf } from './triggers.ts';

type Condition = Omit<ConditionWish, 'observedGeneration'>;

const ready = (reason: string, message?: string): Condition => ({
  ...{ type: 'Ready', status: 'True', reason },
  ...(message === undefined ? {} : { message }),
});
const notReady = (reason: string, message: string): Condition => ({ type: 'Ready', status: 'False', reason, message });

interface Wished {
  readonly generation: number;
  readonly fields?: StatusWish['fields'];
  readonly isOurIssue?: boolean;
}

const wishOf = (
  conditions: readonly Condition[],
  { generation, fields = {}, isOurIssue = false }: Wished,
): StatusWish => ({
  conditions: conditions.map((one) => ({ ...one, observedGeneration: generation })),
  ...{ fields, isOurIssue },
});

export interface CertificateTold {
  readonly wanted: Wanted;
  readonly issuance: Issuance;
  /** Of its Secret; absent = nobody has looked. */
  readonly destination: Destination | undefined;
  readonly generation: number;
  readonly now: Date;
}

/** Whose Secret it is decides whose status it is: nothing is said of what somebody else keeps, or nobody has looked at. */
const isOurs = ({ ownership }: Destination): boolean => ownership.is === 'ours' || ownership.is === 'absent';

const failed = ({ problem, count, lastAt }: Failure) => ({
  condition: {
    ...{ type: 'Issuing', status: 'False', reason: SAID.failed.reason },
    message: `${SAID.failed.message}${problem.detail}`,
  } satisfies Condition,
  fields: { lastFailureTime: wholeSecond(lastAt), failedIssuanceAttempts: count },
});

/** Of what is in its Secret; undefined = nothing of ours to say. `Issuing` is told when it has failed only: whoever finds it True issues. */
export function certificateWish(told: CertificateTold): StatusWish | undefined {
  const { wanted, issuance, destination, generation, now } = told;
  if (!destination || !isOurs(destination)) return undefined;
  const { have } = destination;
  const facts = have?.facts;
  const { request, current } = issuance;
  const hit = triggerOf({ destination, request, spec: wanted.spec, name: wanted.name, now });
  const missing = hit?.reason === 'DoesNotExist' ? SAID.noSecret : undefined;
  const failure = issuance.failure && failed(issuance.failure);
  const renewAt = facts && renewAtOf(facts, wanted.spec, issuance);
  return wishOf(
    [
      hit ? notReady(hit.reason, missing ?? hit.message) : ready(SAID.ready.reason, SAID.ready.message),
      ...(failure ? [failure.condition] : []),
    ],
    {
      generation,
      isOurIssue: facts !== undefined && current?.origin === 'issued' && current.facts.sha256 === facts.sha256,
      fields: {
        ...(facts ? { notBefore: wholeSecond(facts.notBefore), notAfter: wholeSecond(facts.notAfter) } : {}),
        ...(renewAt ? { renewalTime: wholeSecond(renewAt) } : {}),
        ...failure?.fields,
      },
    },
  );
}

/** Whether there is anything to say: of one that was never issued and never failed, cert-manager's own status would be empty for a while too. */
export const isWorthTelling = ({ destination, issuance }: CertificateTold): boolean =>
  destination?.have !== undefined || issuance.failure !== undefined;

const MAIL = 'mailto:';

/** Of an ACME issuer, by its account; `problem`: why there is none yet. Undefined = nobody has asked the CA for one. */
export function acmeIssuerWish(
  { account, problem }: { readonly account?: Account | undefined; readonly problem?: Problem | undefined },
  generation: number,
): StatusWish | undefined {
  if (account?.url) {
    const mail = account.contact.find((one) => one.startsWith(MAIL))?.slice(MAIL.length);
    const acme = { uri: account.url, ...(mail ? { lastRegisteredEmail: mail } : {}) };
    return wishOf([ready(SAID.registered.reason, SAID.registered.message)], { generation, fields: { acme } });
  }
  if (!problem) return undefined;
  const { reason, message } = SAID.notRegistered;
  return wishOf([notReady(reason, `${message}${problem.detail}`)], { generation });
}

/** What is wrong with the Secret of a private CA, in cert-manager's words. As there, its age is nobody's concern: a finding tells that. */
function pairFault(secret: Observation | undefined, name: string): Condition | undefined {
  if (!secret) return notReady(SAID.noPair.reason, `${SAID.noPair.message}secret "${name}" not found`);
  const [leaf] = secret.chain;
  const { reason, message } = SAID.badPair;
  if (secret.problem?.code === 'missing-data')
    return notReady(SAID.noPair.reason, `${SAID.noPair.message}${secret.problem.detail}`);
  if (secret.problem) return notReady(reason, `${message}${secret.problem.detail}`);
  return leaf?.isCA ? undefined : notReady(reason, `${message}certificate is not a CA`);
}

/** Of an issuer that has all it needs in the cluster. `secret`: of a private CA; undefined = there is none. */
export function localIssuerWish(
  { spec }: Pick<Issuer, 'spec'>,
  secret: Observation | undefined,
  generation: number,
): StatusWish | undefined {
  if (spec.type === 'acme') return undefined;
  const { verified, selfSigned } = SAID;
  const fine = spec.type === 'ca' ? ready(verified.reason, verified.message) : ready(selfSigned.reason);
  const fault = spec.type === 'ca' ? pairFault(secret, spec.secretName) : undefined;
  return wishOf([fault ?? fine], { generation });
}
