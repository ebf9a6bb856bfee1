/** What a message says, part by part, and the plain text of it all. Pure. */
import type { MessagePart } from '../../contract/ports.ts';
import { plain } from './plain-text.ts';

export const SUBJECT_LENGTH = 100;
const LINE_LENGTH = 400;

/** One line of a message, whatever it is made of. */
export const line = (text: string): string => plain(text, LINE_LENGTH);

const textOfPart = ({ lines: [first = '', ...more], fix }: MessagePart): string =>
  [first, ...more.map((one) => `  ${one}`), ...(fix ? [`  to do: ${fix}`] : [])].join('\n');

/** The plain text: an empty line between parts, what belongs to a first line below it. */
export const textOf = (parts: readonly MessagePart[]): string => parts.map(textOfPart).join('\n\n');
