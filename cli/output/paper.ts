/** What lines are written for: a width, a moment, and colours or none. */
import { styleText } from 'node:util';

export type Ink = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

export interface Paper {
  /** Columns. */
  readonly width: number;
  readonly now: Date;
  /** The text in a colour, or as it is where there are none. */
  readonly ink: (ink: Ink, text: string) => string;
}

export const coloured = (ink: Ink, text: string): string => styleText(ink, text, { validateStream: false });
export const plain = (_ink: Ink, text: string): string => text;
