/** What happens while a command works, a line each: plain in a pipe, over a running line with the counts on a terminal. */
import type { Happened } from '../../shared/contract/rows.ts';
import { coloured, type Ink, plain } from './paper.ts';
import { calendar } from './times.ts';
import { counted, printable } from './words.ts';

type Say = (detail: Happened['detail']) => string;

const SENTENCES: Readonly<Record<string, Say>> = {
  'inventory-started': () => 'reading',
  'inventory-reading': (d) => `read ${counted(Number(d.secrets ?? 0), 'TLS secret')} so far`,
  'inventory-asking': (d) =>
    `its Secrets may not be read: asking ${counted(Number(d.hosts ?? 0), 'host')} what they serve`,
  'inventory-done': (d) => {
    const wanted = counted(Number(d.certificates ?? 0), 'certificate');
    return `read${d.secrets === undefined ? '' : ` ${counted(Number(d.secrets), 'TLS secret')},`} ${wanted} wanted`;
  },
  'source-down': (d) => `cannot be read: ${d.problem ?? d.type ?? 'no reason given'}`,
  'order-created': () => 'order created',
  presented: (d) => `${counted(Number(d.values ?? 0), 'TXT value')} written`,
  removed: (d) => `${counted(Number(d.values ?? 0), 'TXT value')} removed`,
  'proof-kept': (d) => `the CA keeps what was proved for a while: ${d.problem ?? 'no reason given'}`,
  'in-sync': () => 'served by every name server',
  answered: () => 'the CA was asked to look',
  'order-ready': () => 'the CA accepts the names',
  finalizing: () => 'certificate asked for',
  'message-sent': (d) => `told ${d.channel ?? '?'}: ${d.subject ?? ''}`,
  'message-failed': (d) => `${d.channel ?? '?'} did not take a message: ${d.problem ?? 'no reason given'}`,
  'not-recorded': (d) => `${d.what ?? '?'} happened and could not be recorded: ${d.problem ?? 'no reason given'}`,
  issued: (d) => `issued, serial ${d.serial ?? '?'}${d.notAfter ? `, until ${calendar(d.notAfter)}` : ''}`,
  delivered: (d) => `${d.outcome ?? 'delivered'}: ${d.place ?? '?'}`,
  served: (d) =>
    `${d.endpoint ?? '?'} serves ${d.serial ?? '?'} at ${d.addresses === '1' ? 'its address' : `all ${d.addresses ?? '?'} addresses`}, ${d.after ?? '?'} after delivery`,
  'not-served': (d) => `${d.endpoint ?? '?'} serves ${d.serial ?? '?'} at ${d.addresses ?? '?'} addresses`,
  'removal-failed': (d) => `TXT value at ${d.name ?? '?'} not removed: ${d.problem ?? 'no reason given'}`,
  'order-abandoned': (d) => `order given up${d.order ? `: ${d.order}` : ''}`,
  released: (d) => `given back: ${d.place ?? '?'}`,
  'lane-paused': (d) => `paused by ${d.by ?? '?'} until ${calendar(d.until ?? '')}: ${d.because ?? ''}`,
  'lane-resumed': (d) => `goes on, said ${d.by ?? '?'}`,
  'attempt-failed': (d) =>
    `failed at ${d.stage ?? '?'}: ${d.problem ?? d.type ?? 'no reason given'}${d.nextAttemptAt ? `; next attempt ${calendar(d.nextAttemptAt)}` : ''}`,
};

/** What happened in one sentence; a code without one is said with what is known of it. */
export function happenedWords({ what, detail }: Happened): string {
  const say = SENTENCES[what];
  if (say) return printable(say(detail));
  const known = Object.entries(detail).map(([key, value]) => `${key} ${value}`);
  return printable([what, ...known].join(', '));
}

const isBad = ({ what, detail }: Happened): boolean =>
  ['attempt-failed', 'not-served', 'removal-failed', 'source-down', 'message-failed', 'not-recorded'].includes(what) ||
  detail.outcome === 'refused';

/** A message to the terminal stands there already. */
const isOnScreen = ({ what, detail }: Happened): boolean => what === 'message-sent' && detail.channel === 'terminal';

/** Where the lines go: stderr. */
export interface Screen {
  readonly isTerminal: boolean;
  readonly colours: boolean;
  readonly width: number;
  write(text: string): void;
}

export interface Progress {
  /** Something happened. */
  told(event: Happened): void;
  /** A line of its own. */
  line(text: string): void;
  /** Text that is laid out already and ends its own lines. */
  text(text: string): void;
  /** Takes the running line away. */
  end(): void;
}

const CLEAR = '\r\u001b[2K';

function counts(n: ReadonlyMap<string, number>): string {
  const of = (what: string): number => n.get(what) ?? 0;
  return `${of('order-created')} orders, ${of('issued')} issued, ${of('delivered')} delivered, ${of('attempt-failed')} failed …`;
}

/** Progress on a screen. On a terminal the last line counts what happened so far and is written over. */
export function progressOn(screen: Screen): Progress {
  const seen = new Map<string, number>();
  const ink = screen.colours ? coloured : plain;
  /** A step that is taken again, after a nonce was refused for one, is one step to people. */
  const last = new Map<string, string>();
  let running = false;
  const clear = (): void => {
    if (running) screen.write(CLEAR);
    running = false;
  };
  const text = (laidOut: string): void => {
    clear();
    screen.write(laidOut);
  };
  const line = (words: string): void => text(`${words}\n`);
  return {
    told: (event) => {
      if (isOnScreen(event)) return;
      seen.set(event.what, (seen.get(event.what) ?? 0) + 1);
      const words = happenedWords(event);
      if (last.get(event.subject) === words) return;
      last.set(event.subject, words);
      const bad: Ink | undefined = isBad(event) ? 'red' : event.what === 'issued' ? 'green' : undefined;
      line(`${ink('dim', event.at.slice(11, 19))} ${printable(event.subject)}: ${bad ? ink(bad, words) : words}`);
      if (!screen.isTerminal) return;
      screen.write(ink('dim', counts(seen).slice(0, screen.width - 1)));
      running = true;
    },
    line,
    text,
    end: clear,
  };
}
