/** What Slack's Block Kit reference allows in a message of an incoming webhook, as far as it is used here. Values in, a complaint out. */

type Fields = Readonly<Record<string, unknown>>;

const MAX_BLOCKS = 50;
const MAX_HEADER = 150;
const MAX_TEXT = 3_000;
const MAX_ELEMENTS = 10;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isText(value: unknown, types: readonly string[], most: number): boolean {
  if (!isFields(value)) return false;
  const { type, text } = value;
  return types.includes(String(type)) && typeof text === 'string' && text.length >= 1 && text.length <= most;
}

function isBlock(block: unknown): boolean {
  if (!isFields(block)) return false;
  if (block.type === 'divider') return true;
  if (block.type === 'header') return isText(block.text, ['plain_text'], MAX_HEADER);
  if (block.type === 'section') return isText(block.text, ['plain_text', 'mrkdwn'], MAX_TEXT);
  const { elements } = block;
  const isList = Array.isArray(elements) && elements.length >= 1 && elements.length <= MAX_ELEMENTS;
  return block.type === 'context' && isList && elements.every((e) => isText(e, ['plain_text', 'mrkdwn'], MAX_TEXT));
}

/** The word that Slack answers with, or undefined where it takes the message. */
export function complaint(message: unknown): 'invalid_payload' | 'no_text' | 'invalid_blocks' | undefined {
  if (!isFields(message)) return 'invalid_payload';
  const { text, blocks = [] } = message;
  if (!Array.isArray(blocks) || blocks.length > MAX_BLOCKS || !blocks.every(isBlock)) return 'invalid_blocks';
  return (typeof text === 'string' && text !== '') || blocks.length > 0 ? undefined : 'no_text';
}
