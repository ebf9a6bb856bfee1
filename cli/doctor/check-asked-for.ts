/** Whether the state can be used, what is asked for is known, and nothing holds it back before anybody is asked. */
import { keys } from '../../shared/contract/records.ts';
import type { Held, Wanted } from '../../shared/contract/rows.ts';
import { pausedLanes } from '../../shared/lanes/pause.ts';
import { fixOfHeld } from '../../shared/stages/assess/judge-held.ts';
import { instant, list } from '../../shared/stages/assess/phrases.ts';
import type { Instruments } from '../../shared/wiring/instruments.ts';
import { counted } from '../output/words.ts';
import type { AskedFor } from './asked-for.ts';
import { brokenBy, type Check, ok, type Verdict, YOU } from './diagnose.ts';

export const STATE = 'state';

function stateChecks({ here }: Instruments): readonly Check[] {
  if (!here) return [];
  const { state } = here;
  const subject = 'problem' in state ? 'folder' : state.folder;
  const look = async (): Promise<Verdict> => {
    if ('problem' in state) return brokenBy(state.problem);
    return ok(state.isNew ? 'the first run makes it' : 'can be read and written');
  };
  return [{ check: STATE, subject, look }];
}

/** In audit nothing is broken, but what manage would stumble over is said first. */
function heldVerdict(wanted: Wanted, held: Held, foreseen: Held | undefined): Verdict {
  const who = YOU;
  if (held.reason !== 'audit') return { state: 'broken', evidence: [held.message], fix: fixOfHeld(wanted, held), who };
  if (foreseen) {
    const evidence = [held.message, `in manage: ${foreseen.message}`];
    return { state: 'warning', evidence, fix: fixOfHeld(wanted, foreseen), who };
  }
  const fix = `set mode: manage for ${wanted.source}, or for a line of its namePolicy, in the fleet file`;
  return { state: 'warning', evidence: [held.message], fix, who };
}

/** What is held back for the same reason is one line, and all that nothing holds back is another. */
function wantedChecks({ wanted, foreseen, unknown }: AskedFor): readonly Check[] {
  const free = wanted.filter(({ held }) => held === undefined).length;
  const byReason = Map.groupBy(
    wanted.filter(({ held }) => held !== undefined),
    ({ id, held, source }) => `${held?.message} ${held?.fix} ${source} ${foreseen.get(id)?.message}`,
  );
  return [
    {
      check: 'wanted',
      subject: 'certificates',
      look: async () => {
        if (wanted.length > 0) return ok(`nothing holds back ${free} of ${counted(wanted.length, 'certificate')}`);
        const evidence = ['none is asked for, as far as is known'];
        return { state: 'warning', evidence, command: 'nolapse inventory', who: YOU };
      },
    },
    ...[...byReason.values()].flatMap((alike): readonly Check[] => {
      const [first] = alike;
      const held = first?.held;
      if (!first || !held) return [];
      return [
        {
          ...{ check: 'wanted', subject: list(alike.map(({ id }) => id)) },
          look: async () => heldVerdict(first, held, foreseen.get(first.id)),
        },
      ];
    }),
    ...(unknown.length > 0
      ? [
          {
            check: 'inventory',
            subject: list(unknown),
            look: async (): Promise<Verdict> => ({
              ...{ state: 'warning', command: 'nolapse inventory', who: YOU },
              evidence: ['was never read: what is asked for there is not in these checks'],
            }),
          },
        ]
      : []),
  ];
}

/** Of a fleet that is given up everything else may be well, and nothing is renewed. */
async function leavingChecks({ fleet, records }: Instruments): Promise<readonly Check[]> {
  const leaving = (await records.get(keys.installation()))?.body.leaving;
  if (!leaving) return [];
  const { since, by, closedAt } = leaving;
  const when = closedAt ? `was left on ${instant(closedAt)}` : `is being left since ${instant(since)}`;
  const evidence = [`the fleet ${when} by ${by}: nothing is renewed`];
  const look = async (): Promise<Verdict> => ({
    ...{ state: 'broken', evidence, command: 'nolapse run --rejoin', who: YOU },
    fix: 'take it up again, or take nolapse out of where it runs',
  });
  return [{ check: 'left', subject: fleet.name, look }];
}

async function pauseChecks({ records, clock }: Instruments): Promise<readonly Check[]> {
  const paused = await pausedLanes(records, clock.now());
  return paused.map(({ lane, until, by, because }) => ({
    check: 'pause',
    subject: lane,
    look: async () => ({
      state: 'warning',
      evidence: [`paused until ${instant(until)} by ${by}: ${because}`],
      command: `nolapse pause ${lane} --end`,
      who: YOU,
    }),
  }));
}

export const groundChecks = async (tools: Instruments, asked: AskedFor): Promise<readonly Check[]> => [
  ...stateChecks(tools),
  ...(await leavingChecks(tools)),
  ...wantedChecks(asked),
  ...(await pauseChecks(tools)),
];
