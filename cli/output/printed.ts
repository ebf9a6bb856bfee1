/** What a command prints that asks nobody. */

export interface Printed {
  /** For programs. */
  readonly document: unknown;
  /** For people, who read them before anything else is done with them. */
  readonly lines: readonly string[];
}
