/** Whether the state can be used, what is asked for is known, and nothing holds it back before anybody is asked. */
import type { Held, Wanted } from '../../shared/contract/rows.ts';
import { pausedLanes } from '../../shared/lanes/pause.ts';
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

function heldVerdict(held: Held, { source, id }: Wanted): Verdict {
  const { reason, message, fix } = held;
  if (reason !== 'audit') {
    const what = fix === undefined ? { command: `nolapse explain ${id}` } : { fix };
    return { state: 'broken', evidence: [message], ...what, who: YOU };
  }
  return {
    ...{ state: 'warning', evidence: [message], who: YOU },
    fix: `set mode: manage for ${source}, or for a line of its namePolicy, in the fleet file`,
  };
}

/** What is held back for the same reason is one line, and all that nothing holds back is another. */
function wantedChecks({ wanted, unknown }: AskedFor): readonly Check[] {
  const free = wanted.filter(({ held }) => held === undefined).length;
  const byReason = Map.groupBy(
    wanted.filter(({ held }) => held !== undefined),
    ({ held, source }) => `${held?.message} ${held?.fix} ${source}`,
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
        { check: 'wanted', subject: list(alike.map(({ id }) => id)), look: async () => heldVerdict(held, first) },
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
  ...wantedChecks(asked),
  ...(await pauseChecks(tools)),
];
