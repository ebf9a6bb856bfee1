/** A message in the schema of custom notifications of Amazon Q Developer in chat applications (once AWS Chatbot), for Slack and Teams. Pure. */
import type { Message } from '../../contract/ports.ts';
import { below, escapedWithin, linesWithin, strong, verbatim } from '../../standards/chat/mrkdwn.ts';

export interface ChatNotification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

/** Its documentation, Custom notification content guidelines. */
const MAX_TITLE = 250;
const MAX_DESCRIPTION = 8_000;
const MAX_STEP = 350;
const MAX_KEYWORD = 75;
const MAX_LINE = 2_000;
/** Not limited there; of more than these nobody reads the end. */
const STEPS = 5;
const RESOURCES = 20;
const CUT = '… (cut here: the message was too long; nolapse inventory shows the rest)';

const linesOf = (parts: Message['parts'], title: string): readonly string[] =>
  parts.flatMap(({ lines }, i) => [
    ...(i === 0 ? [] : ['']),
    ...below(title, lines).map((line) => (line === lines[0] ? strong(line, MAX_LINE) : verbatim(line, MAX_LINE))),
  ]);

/** What Amazon Q is sent. `additionalContext` has the attributes, so that other subscribers over HTTPS can tell messages apart too. */
export function chatNotification({ id, subject, parts, thread, attributes }: Message): ChatNotification {
  const steps = [...new Set(parts.flatMap(({ fix }) => fix ?? []))].slice(0, STEPS);
  const context = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
  const { fleet, severity, code = 'message', cluster } = context;
  const words = [fleet, severity, code, cluster].filter((word) => word !== undefined && word !== '');
  const title = escapedWithin(subject.replaceAll(/\s+/g, ' '), MAX_TITLE);
  return {
    ...{ version: '1.0', source: 'custom', id },
    content: {
      textType: 'client-markdown',
      title,
      description: linesWithin(linesOf(parts, subject), MAX_DESCRIPTION, CUT) || title,
      ...(steps.length > 0 ? { nextSteps: steps.map((step) => verbatim(step, MAX_STEP)) } : {}),
      keywords: words.map((word) => escapedWithin(word ?? '', MAX_KEYWORD)),
    },
    metadata: {
      threadId: thread ?? id,
      summary: title,
      eventType: code,
      relatedResources: parts
        .flatMap(({ about }) => (about ? escapedWithin(about, MAX_TITLE) : []))
        .slice(0, RESOURCES),
      additionalContext: context,
    },
  };
}
