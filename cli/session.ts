/** What every command is handed: the open local world, the settings, and what has happened so far. */

import type { Cluster, Issuer } from '../shared/contract/fleet.ts';
import { KIND } from '../shared/contract/records.ts';
import type { Destination, Happened, Issuance } from '../shared/contract/rows.ts';
import { orderUrlOf } from '../shared/contract/step.ts';
import { resolveId } from '../shared/fleet/resolve-id.ts';
import type { Local } from '../shared/wiring/local.ts';
import type { Outcome } from './exit-code.ts';
import type { Paper } from './output/paper.ts';
import type { Report, Settings } from './settings.ts';

export interface Session {
  readonly local: Local;
  readonly settings: Settings;
  readonly clusters: readonly Cluster[];
  /** Issuers of the fleet file. */
  readonly issuers: readonly Issuer[];
  /** Everything that was told since the command began. */
  readonly happened: readonly Happened[];
  /** Who runs the command, for what is done by hand. */
  readonly user: string;
  /** Text for people now, before the answer; silent with JSON. */
  say(lines: (paper: Paper) => readonly string[]): Promise<void>;
  /** A yes or no from the terminal; undefined where there is nobody to ask. */
  confirm(question: string): Promise<boolean | undefined>;
}

/** What a command has to say at its end, in both languages, and how it ended. */
export interface Answer extends Outcome {
  readonly document: unknown;
  readonly lines: (paper: Paper) => readonly string[];
  /** The lines of a report; loaded when it is asked for. */
  readonly report?: (report: Report, now: Date) => Promise<Iterable<string>>;
}

export type Command = (session: Session) => Promise<Answer>;

/** The id that was typed, among all that the last inventory saw, or the certificate of the only place that it names. Throws InputError. */
export async function idIn(local: Local, typed: string): Promise<string> {
  const ids = (await local.views()).map((view) => view.id);
  try {
    return resolveId(typed, ids);
  } catch (error) {
    // people know a certificate by the Secret it is in
    const [only, ...others] = await certificatesIn(local, typed);
    if (only === undefined || others.length > 0) throw error;
    return only;
  }
}

/** The certificates that have a place of this name. */
async function certificatesIn(local: Local, typed: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const { body } of local.records.list<Issuance>(KIND.issuance))
    for await (const row of local.records.list<Destination>(KIND.destinationsOf(body.id)))
      if (row.body.place === typed || row.body.place.endsWith(`/${typed}`)) found.add(row.body.certificate);
  return [...found];
}

/** Whether an order is open at a CA that another run would go on with. */
export async function hasOpenOrder(local: Local): Promise<boolean> {
  for await (const { body } of local.records.list<Issuance>(KIND.issuance)) {
    if (body.attempt && orderUrlOf(body.attempt.step)) return true;
  }
  return false;
}
