/** The documents of `-o json`: every key is always there, null where nothing is known. */
import type { Finding } from '../../shared/contract/finding.ts';
import type { CertificateId, Place } from '../../shared/contract/ids.ts';
import type { CertificateView, SourceView } from '../../shared/contract/observation.ts';
import { oneByOne } from '../../shared/contract/one-by-one.ts';
import type { InputProblem, Problem } from '../../shared/contract/problem.ts';
import type { Pause } from '../../shared/contract/rows.ts';
import type { Plan, PlanEntry } from '../../shared/lanes/plan.ts';
import type { Brief, PlannedPlace } from '../../shared/stages/deliver/foreseen.ts';
import type { Done } from '../../shared/stages/notify/done.ts';
import type { Adoption, Digested, Left, PausedLane, Rehearsal, StillDue } from '../../shared/wiring/local.ts';

export const certificateDocument = (view: CertificateView) => ({
  id: view.id,
  cluster: view.cluster ?? null,
  namespace: view.namespace ?? null,
  name: view.name,
  kind: view.kind,
  names: view.names,
  issuer: view.issuer ?? null,
  serial: view.serial ?? null,
  notBefore: view.notBefore ?? null,
  notAfter: view.notAfter ?? null,
  renewAt: view.renewAt ?? null,
  state: view.state,
  managedBy: view.managedBy,
  references: view.references ?? [],
  copies: view.copies ?? [],
  moreCopies: view.moreCopies ?? 0,
  endpoints: (view.endpoints ?? []).map((one) => ({ ...one, seenAt: one.seenAt ?? null })),
});

const finding = ({ code, severity, object, names, message, evidence, since, fix }: Finding) => ({
  code,
  severity,
  object: {
    cluster: object.cluster ?? null,
    kind: object.kind,
    namespace: object.namespace ?? null,
    name: object.name,
  },
  names,
  message,
  evidence,
  since,
  fix,
});

const source = (view: SourceView) => ({
  name: view.name,
  state: view.state,
  asOf: view.asOf ?? null,
  problem: view.problem ?? null,
});

const brief = (of: Brief | undefined) => of && { serial: of.serial ?? null, names: of.names ?? null };

const plannedPlace = (one: PlannedPlace) => ({
  place: one.place,
  ownership: one.ownership,
  observedAt: one.observedAt ?? null,
  delivery: one.delivery,
  refusal: one.refusal ? { detail: one.refusal.detail, fix: one.refusal.fix ?? null } : null,
  have: brief(one.have) ?? null,
  want: brief(one.want),
  adopting: one.adopting ?? null,
});

const entry = ({ id, reason, message, at, destinations, places, endpoints, limits, txt }: PlanEntry) => ({
  ...{ id, reason, message, at, destinations, endpoints },
  places: places.map(plannedPlace),
  limits: limits.map((use) => ({ ...use, blockedUntil: use.blockedUntil ?? null })),
  txt: txt.map((one) => ({ ...one, roleArn: one.roleArn ?? null })),
});

export interface Inventory {
  readonly certificates: readonly CertificateView[];
  readonly findings: readonly Finding[];
  readonly sources: readonly SourceView[];
  readonly paused: readonly PausedLane[];
}

export const inventoryDocument = (inventory: Inventory) => ({
  certificates: oneByOne(function* () {
    for (const view of inventory.certificates) yield certificateDocument(view);
  }),
  findings: inventory.findings.map(finding),
  sources: inventory.sources.map(source),
  paused: inventory.paused,
});

export const planDocument = (plan: Plan) => ({ due: plan.due.map(entry), deferred: plan.deferred.map(entry) });

export const runDocument = (done: Done, findings: readonly Finding[], stillDue: readonly StillDue[] = []) => ({
  renewed: done.renewed,
  delivered: done.delivered,
  failed: done.failed,
  findings: findings.map(finding),
  stillDue: stillDue.map(({ lane, since, why, until }) => ({ lane, since, why, until: until ?? null })),
});

export const findingsDocument = (findings: readonly Finding[]) => findings.map(finding);

export const adoptDocument = (id: CertificateId, adoptions: readonly Adoption[], adopted: readonly Place[]) => ({
  id,
  places: adoptions.map(({ place, ownership, have, want }) => ({ place, ownership, have: have ?? null, want })),
  adopted,
});

export const rehearsalDocument = (rehearsal: Rehearsal) => ({
  ...rehearsal,
  directory: rehearsal.directory ?? null,
  profileLeftOut: rehearsal.profileLeftOut ?? null,
});

export const pauseDocument = (lane: string, pause: Pause | undefined) => ({ lane, pause: pause ?? null });

export const leaveDocument = ({ fleet, leaving, orders, values, places, unsettled, stays }: Left) => ({
  fleet,
  leaving: leaving ?? null,
  orders: orders.map(({ certificates, outcome, order }) => ({ certificates, outcome, order: order ?? null })),
  values,
  places: places.map(({ place, outcome, owner, notAfter, problem }) => ({
    ...{ place, outcome, owner: owner ?? null, notAfter: notAfter ?? null, problem: problem ?? null },
  })),
  unsettled,
  stays,
});

export const digestDocument = ({ is, message, sentOn, waiting, failures }: Digested) => ({
  is,
  subject: message?.subject ?? null,
  text: message?.text ?? null,
  data: message?.data ?? null,
  ...{ sentOn, waiting, failures },
});

/** What stdout holds when a command could not do what it was asked. */
export const errorDocument = (message: string, problems: readonly (InputProblem | Problem)[]) => ({
  error: { message, problems },
});
