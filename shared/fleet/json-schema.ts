/** The JSON Schema of a fleet file for editors, made from what the file is really checked against. Prints it when run. */
import * as z from 'zod';
import { KINDS, SCHEMAS } from './kinds.ts';

/** One document of a fleet file; draft 2020-12, ends with a line break. */
export function fleetJsonSchema(): string {
  const options = { io: 'input', reused: 'inline' } as const;
  const anyOf = KINDS.map((kind) => {
    const { $schema: _, ...schema } = z.toJSONSchema(SCHEMAS[kind], options);
    return { title: kind, ...schema };
  });
  const whole = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A document of a Nolapse fleet file',
    anyOf,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

if (import.meta.main) process.stdout.write(fleetJsonSchema());
