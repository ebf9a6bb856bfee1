/** The text exposition format of Prometheus, read strictly: what its collectors would refuse is an error here. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const SAMPLE = new RegExp(String.raw`^(${NAME})\{((?:${LABEL}(?:,|(?=\})))*)\} (-?\d+(?:\.\d+)?)$`, 'u');
const HEAD = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`, 'u');

const meant = (pair: string): string => (pair === '\\n' ? '\n' : pair.slice(1));

function labelsOf(text: string): Series['labels'] {
  const pairs = [...text.matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/gu)];
  return Object.fromEntries(pairs.map(([, label, value = '']) => [label, value.replaceAll(/\\./gu, meant)]));
}

/** All samples, in order. Throws Error naming the line. */
export function parseExposition(text: string): readonly Series[] {
  if (!text.endsWith('\n')) throw new Error('the text does not end in a line feed');
  const heads = new Set<string>();
  const seen = new Set<string>();
  const series: Series[] = [];
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, part, of = '', said] = HEAD.exec(line) ?? [];
    if (part !== undefined) {
      if (heads.has(`${part} ${of}`)) throw new Error(`${part} of ${of} a second time`);
      if (part === 'TYPE' && said !== 'gauge') throw new Error(`${of}: a type that we do not write: ${said}`);
      heads.add(`${part} ${of}`);
      current = of;
      continue;
    }
    const [, name = '', labels = '', value] = SAMPLE.exec(line) ?? [];
    if (value === undefined) throw new Error(`no sample: ${line}`);
    if (name !== current || !heads.has(`TYPE ${name}`) || !heads.has(`HELP ${name}`))
      throw new Error(`${name} without HELP and TYPE before it`);
    if (seen.has(`${name}${labels}`)) throw new Error(`${name}{${labels}} twice`);
    seen.add(`${name}${labels}`);
    series.push({ name, labels: labelsOf(labels), value: Number(value) });
  }
  return series;
}
