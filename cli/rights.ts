/** `nolapse access` and `nolapse rbac`: what other owners must apply, made from the fleet file alone. Asks nobody and changes nothing. */
import { homedir } from 'node:os';
import { InputError } from '../shared/contract/problem.ts';
import { access } from './access.ts';
import { fleetInUse } from './fleet-in-use.ts';
import { jsonText, printable } from './output/words.ts';
import { rbac } from './rbac.ts';
import type { RightsAsked } from './rights-program.ts';
import type { Settings } from './settings.ts';
import { write } from './terminal.ts';

/** Throws InputError for what the fleet file does not have. */
export async function printRights(asked: RightsAsked, settings: Settings): Promise<number> {
  if (settings.service !== undefined) {
    const message = `does not go with ${asked.command}, which needs the fleet file and nothing else`;
    throw new InputError([{ where: '--service', message, fix: 'name the fleet file with --fleet' }]);
  }
  const { fleet, notices } = await fleetInUse(settings, { folder: process.cwd(), home: homedir(), env: process.env });
  await write(process.stderr, notices.map(printable));
  const { document, lines } = asked.command === 'access' ? access(asked, fleet) : rbac(asked, fleet);
  await write(process.stdout, settings.output === 'json' ? [jsonText(document)] : lines);
  return 0;
}
