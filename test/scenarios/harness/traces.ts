/** What a search for keys is about: secrets in all their forms, and texts that runs have left somewhere. */
import type { Form } from './key-forms.ts';

export interface Registered {
  readonly name: string;
  readonly forms: readonly Form[];
  /** Issued by the run, so that it is sent to its places on purpose. */
  readonly isDelivered: boolean;
}

/** A text that a run left somewhere. */
export interface Trace {
  readonly where: string;
  readonly content: Buffer;
  /** Without what was put there on purpose: the key of a certificate on its way to its place. */
  readonly beyondDelivery?: Buffer;
}
