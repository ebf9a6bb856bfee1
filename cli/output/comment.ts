/** Comments of shells and YAML. */
import { wrapped } from './words.ts';

const WIDTH = 100;

export const comment = (text: string): readonly string[] => wrapped(text, WIDTH - 2).map((line) => `# ${line}`);
