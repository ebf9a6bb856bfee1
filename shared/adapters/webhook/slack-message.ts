/** A message in Slack's Block Kit: a header, what is wrong, what to do as code, and the fleet. Nothing from outside is markup. Pure. */
import type { Message, MessagePart } from '../../contract/ports.ts';
import { below, codeBlock, escapedWithin, linesWithin, strong, verbatim } from '../../standards/chat/mrkdwn.ts';

interface Text {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
  /** Of plain_text: names of emojis are read as such. */
  readonly emoji?: boolean;
  /** Of mrkdwn: names, addresses and channels are not made links or mentions. */
  readonly verbatim?: boolean;
}

export type Block =
  | { readonly type: 'header' | 'section'; readonly text: Text }
  | { readonly type: 'context'; readonly elements: readonly Text[] };

export interface SlackMessage {
  /** For notifications, screen readers and clients without blocks. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly unfurl_links: false;
}

/** Slack, Block Kit reference: a header, a section's text, blocks of a message. */
const MAX_HEADER = 150;
const MAX_SECTION = 3_000;
const MAX_BLOCKS = 50;
const MAX_LINE = 2_000;
const MAX_TEXT = 3_000;
/** Of all sections. Slack has a limit (`msg_blocks_too_long`) and does not say which; this is well below what people met. */
const MAX_ALL = 10_000;
const CUT = '… (cut here: the message was too long; `nolapse inventory` shows the rest)';

const SIGNS: Readonly<Record<string, string>> = { critical: '🔴', high: '🟠', warning: '🟡', info: '🔵' };

const signOf = ({ state, severity = '' }: Message['attributes']): string =>
  state === 'resolved' ? '🟢' : (SIGNS[severity] ?? '⚪');

const plainText = (text: string): Text => ({ type: 'plain_text', text, emoji: false });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }) as const;

/** What to do stands apart, so that it is never cut off with the rest. */
function sectionsOf({ lines, fix }: MessagePart, title: string) {
  const left = below(title, lines);
  const told = left.map((line) => (line === lines[0] ? strong(line, MAX_LINE) : verbatim(line, MAX_LINE)));
  return [
    section(linesWithin(told, MAX_SECTION, CUT)),
    ...(fix ? [section(`To do:\n${codeBlock(fix, MAX_SECTION - 7)}`)] : []),
  ];
}

function sectionsWithin(parts: readonly MessagePart[], title: string, most: number) {
  const kept: ReturnType<typeof section>[] = [];
  let room = MAX_ALL;
  for (const one of parts.flatMap((part) => sectionsOf(part, title))) {
    room -= one.text.text.length;
    if (room < 0 || kept.length === most) return [...kept, section(CUT)];
    kept.push(one);
  }
  return kept;
}

/** What the webhook is sent. */
export function slackMessage({ subject, text, parts, attributes }: Message): SlackMessage {
  const title = subject.replaceAll(/\s+/g, ' ');
  const fleet = attributes.fleet === undefined ? '' : `, fleet ${attributes.fleet}`;
  const footer = { type: 'context', elements: [plainText(escapedWithin(`Nolapse${fleet}`, MAX_HEADER))] } as const;
  return {
    text: escapedWithin(`${title}\n${text}`, MAX_TEXT, `\n${CUT}`),
    blocks: [
      { type: 'header', text: plainText(escapedWithin(`${signOf(attributes)} ${title}`, MAX_HEADER)) },
      // one for the sentence that says that it was cut
      ...sectionsWithin(parts, title, MAX_BLOCKS - 3),
      footer,
    ],
    unfurl_links: false,
  };
}
