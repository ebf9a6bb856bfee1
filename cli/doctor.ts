/** `nolapse doctor`: what still stands between here and the next renewal, in the order in which a renewal meets it. Asks everybody, and writes nothing. */
import { homedir } from 'node:os';
import { deployedInstruments, type Instruments, localInstruments } from '../shared/wiring/instruments.ts';
import { type AskedFor, askedFor } from './doctor/asked-for.ts';
import { groundChecks } from './doctor/check-asked-for.ts';
import { channelChecks } from './doctor/check-channels.ts';
import { clusterChecks } from './doctor/check-clusters.ts';
import { issuerChecks } from './doctor/check-issuers.ts';
import { keyAndPlaceChecks } from './doctor/check-keys-and-places.ts';
import { serviceChecks } from './doctor/check-service.ts';
import { zonesChecks } from './doctor/check-zones.ts';
import { type Check, type Checked, diagnose } from './doctor/diagnose.ts';
import { nextRenewal } from './doctor/next-renewal.ts';
import { fleetInUse } from './fleet-in-use.ts';
import { countOf, diagnosisDocument, diagnosisLines } from './output/diagnosis.ts';
import { shellWord } from './output/fleet-draft.ts';
import { jsonText, printable } from './output/words.ts';
import type { Settings } from './settings.ts';
import { paperOf, screenOf, write } from './terminal.ts';

export interface DoctorOptions {
  readonly ids: readonly string[];
}

/** Longer than any of them takes where somebody answers. */
const LIMIT_MS = 45_000;
const CLEAR = '\r\u001b[2K';

async function instruments(settings: Settings): Promise<Instruments> {
  const { service, deadlineMs, allowExec } = settings;
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  if (service !== undefined) return deployedInstruments({ service, env: process.env, ...deadline });
  const home = homedir();
  const { fleet, state, notices } = await fleetInUse(settings, { folder: process.cwd(), home, env: process.env });
  const announce = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  notices.forEach(announce);
  return localInstruments({ fleet, state, home, allowExec, announce, env: process.env, ...deadline });
}

/** Clusters that certificates are in or go to; all of them where everything is looked at. */
function clustersIn({ fleet }: Instruments, { wanted, isWhole }: AskedFor) {
  const meant = new Set(
    wanted.flatMap(({ source, places }) => [source, ...places.map(({ place }) => place.split('/')[0])]),
  );
  return fleet.clusters.filter(({ name }) => isWhole || meant.has(name));
}

async function checksOf(tools: Instruments, asked: AskedFor): Promise<readonly Check[]> {
  const { here } = tools;
  const { issuers, wanted } = asked;
  const channels = asked.isWhole ? channelChecks(tools) : [];
  const ofCluster = (cluster: Instruments['fleet']['clusters'][number]): readonly Check[] =>
    here ? clusterChecks({ tools, here, cluster, issuers, wanted }) : [];
  return [
    ...(await serviceChecks(tools, asked)),
    ...(await groundChecks(tools, asked)),
    ...clustersIn(tools, asked).flatMap(ofCluster),
    ...zonesChecks(tools, [...asked.namesBy.values()].flat(), asked.isWhole),
    ...(await inOrder(tools, asked)),
    ...channels,
  ];
}

/** Keys come before the accounts that are opened with them. */
async function inOrder(tools: Instruments, asked: AskedFor): Promise<readonly Check[]> {
  const [sealing, ...places] = await keyAndPlaceChecks(tools, asked);
  return [...(sealing ? [sealing] : []), ...issuerChecks(tools, asked), ...places];
}

/** Our own commands as they must be typed here: with the fleet, state and service that were named. */
function asTyped(one: Checked, { fleet, state, service }: Settings): Checked {
  const { command } = one;
  if (command === undefined || !command.startsWith('nolapse ')) return one;
  const [ours = '', ...pipe] = command.split(' | ');
  const given = Object.entries({ fleet, state, service }).flatMap(([name, value]) =>
    value === undefined || ours.includes(` --${name} `) ? [] : [`--${name} ${shellWord(value)}`],
  );
  return { ...one, command: [[ours, ...given].join(' '), ...pipe].join(' | ') };
}

/** Throws InputError on the fleet file, the service and the ids. */
export async function doctor({ ids }: DoctorOptions, settings: Settings): Promise<number> {
  const tools = await instruments(settings);
  const screen = screenOf(process.stderr);
  try {
    const { fleet, records, clock } = tools;
    const now = clock.now().toISOString();
    const asked = await askedFor(ids, { fleet, records, now });
    const told = await diagnose(await checksOf(tools, asked), {
      limitMs: Math.min(LIMIT_MS, settings.deadlineMs ?? LIMIT_MS),
      onDone: (done, of) => {
        if (screen.isTerminal) screen.write(`${CLEAR}${done} of ${of} checks`);
      },
    });
    if (screen.isTerminal) screen.write(CLEAR);
    const checked = told.map((one) => asTyped(one, settings));
    const next = await nextRenewal(asked, { records, now });
    const lines =
      settings.output === 'json'
        ? [jsonText(diagnosisDocument(checked, next))]
        : diagnosisLines(checked, next, paperOf(process.stdout, clock.now()));
    await write(process.stdout, lines);
    return countOf(checked, 'broken') > 0 ? 1 : 0;
  } finally {
    await tools.close();
  }
}
