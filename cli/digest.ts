/** `nolapse digest`: how things stand, said on every channel of the fleet file and printed. Tells what is known, and looks at no cluster. */
import type { Digested } from '../shared/wiring/local.ts';
import { digestDocument } from './output/documents.ts';
import type { Paper } from './output/paper.ts';
import { hanging } from './output/words.ts';
import type { Answer, Session } from './session.ts';

/** Lines of a message, each under what it belongs to. */
const textLines = (text: string, { width }: Paper): readonly string[] =>
  text.split('\n').flatMap((line) => (line === '' ? [''] : hanging(/^ */.exec(line)?.[0] ?? '', line, width)));

function sentLines({ is, sentOn, waiting, failures }: Digested, { width, ink }: Paper): readonly string[] {
  if (is === 'paused')
    return hanging('', 'The lane notify is paused, nothing was said. To end it: nolapse pause notify --end', width);
  return [
    ...hanging('', sentOn.length > 0 ? `Sent to ${sentOn.join(', ')}.` : 'Sent to no channel.', width),
    ...waiting.flatMap((name) => hanging('', `${name} is left alone for now: it failed, or asked for it.`, width)),
    ...failures.flatMap(({ channel, problem }) =>
      [
        ...hanging('', `${channel} did not take it: ${problem.detail}`, width),
        ...(problem.fix ? hanging('  fix: ', problem.fix, width) : []),
      ].map((line) => ink('red', line)),
    ),
  ];
}

/** Failed when a channel did not take it. Findings are in it, and do not count here: the digest is no test of them. */
export async function digest({ local }: Session): Promise<Answer> {
  const said = await local.digest();
  const { message } = said;
  return {
    document: digestDocument(said),
    lines: (paper) => [
      ...(message
        ? [
            ...hanging('', message.subject, paper.width).map((line) => paper.ink('bold', line)),
            '',
            ...textLines(message.text, paper),
            '',
          ]
        : []),
      ...sentLines(said, paper),
    ],
    failed: said.failures.length > 0,
  };
}
