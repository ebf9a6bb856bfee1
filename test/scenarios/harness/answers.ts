/** The documents of `-o json` as their readers see them, and the few words that many scenarios ask of them. */
import type { NolapseResult } from './world.ts';

export interface FindingAnswer {
  readonly code: string;
  readonly severity: string;
  readonly object: {
    readonly cluster: string | null;
    readonly kind: string;
    readonly namespace: string | null;
    readonly name: string;
  };
  readonly message: string;
  readonly fix: string;
}

export interface InventoryAnswer {
  readonly certificates: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly managedBy: string;
    readonly state: string;
    readonly serial: string | null;
    readonly renewAt: string | null;
    readonly references: readonly string[];
    readonly endpoints: readonly { readonly endpoint: string; readonly state: string }[];
  }[];
  readonly findings: readonly FindingAnswer[];
  readonly sources: readonly { readonly name: string; readonly state: string; readonly problem: string | null }[];
}

export interface PlannedAnswer {
  readonly id: string;
  readonly reason: string;
  readonly message: string;
  readonly at: string;
  readonly destinations: readonly string[];
  readonly endpoints: readonly string[];
  readonly places: readonly {
    readonly place: string;
    readonly ownership: { readonly is: string };
    readonly delivery: string;
    readonly refusal: { readonly detail: string; readonly fix: string | null } | null;
    readonly have: { readonly serial: string | null; readonly names: readonly string[] | null } | null;
    readonly want: { readonly serial: string | null; readonly names: readonly string[] | null };
    readonly adopting: { readonly [part in 'labels' | 'annotations' | 'keys']: readonly string[] } | null;
  }[];
  readonly limits: readonly { readonly what: string; readonly used: number; readonly of: number }[];
  readonly txt: readonly {
    readonly name: string;
    readonly zone: string;
    readonly hostedZoneId: string;
    readonly roleArn: string | null;
  }[];
}

export interface PlanAnswer {
  readonly due: readonly PlannedAnswer[];
  readonly deferred: readonly PlannedAnswer[];
}

export interface RunAnswer {
  readonly renewed: readonly { readonly id: string; readonly serial: string; readonly notAfter: string }[];
  readonly delivered: readonly { readonly id: string; readonly place: string; readonly outcome: string }[];
  readonly failed: readonly {
    readonly id: string;
    readonly stage: string;
    readonly problem: { readonly type: string; readonly detail: string };
    readonly nextAttemptAt: string | null;
  }[];
  readonly findings: readonly FindingAnswer[];
  readonly stillDue: readonly { readonly lane: string; readonly why: string }[];
}

export interface RehearseAnswer {
  readonly id: string;
  readonly names: readonly string[];
  readonly directory: string | null;
  readonly twin: string;
  readonly profileLeftOut: string | null;
  readonly end: {
    readonly is: string;
    readonly at?: string;
    readonly why?: string;
    readonly issuedBy?: string;
    readonly problem?: { readonly type: string; readonly detail: string; readonly fix?: string };
  };
  readonly phases: readonly { readonly phase: string; readonly ms: number }[];
  readonly requests: { readonly ca: number; readonly route53: number };
  readonly txt: readonly { readonly name: string; readonly zone: string; readonly isThere: boolean }[];
  readonly next: string;
}

export interface LeaveAnswer {
  readonly leaving: { readonly since: string; readonly by: string; readonly closedAt?: string } | null;
  readonly orders: readonly { readonly outcome: string; readonly order: string | null }[];
  readonly values: readonly unknown[];
  readonly places: readonly { readonly place: string; readonly outcome: string }[];
  readonly stays: readonly { readonly what: string; readonly where: string; readonly usdAMonth: number }[];
}

export interface AdoptAnswer {
  readonly id: string;
  readonly places: readonly {
    readonly place: string;
    readonly ownership: { readonly is: string };
    readonly have: { readonly serial: string } | null;
    readonly want: { readonly serial: string } | string;
  }[];
  readonly adopted: readonly string[];
}

export const inventoryIn = (result: NolapseResult): InventoryAnswer => result.json() as InventoryAnswer;
export const planIn = (result: NolapseResult): PlanAnswer => result.json() as PlanAnswer;
export const runIn = (result: NolapseResult): RunAnswer => result.json() as RunAnswer;
export const adoptIn = (result: NolapseResult): AdoptAnswer => result.json() as AdoptAnswer;
export const rehearseIn = (result: NolapseResult): RehearseAnswer => result.json() as RehearseAnswer;
export const leaveIn = (result: NolapseResult): LeaveAnswer => result.json() as LeaveAnswer;

/** `severity code` of the findings about the object of that name, sorted. */
export const findingsAbout = (findings: readonly FindingAnswer[], name: string): readonly string[] =>
  findings
    .filter(({ object }) => object.name === name)
    .map(({ severity, code }) => `${severity} ${code}`)
    .sort();

/** The only finding of a code; undefined where there is none or several. */
export function theFinding(findings: readonly FindingAnswer[], code: string): FindingAnswer | undefined {
  const [first, ...more] = findings.filter((finding) => finding.code === code);
  return more.length === 0 ? first : undefined;
}
