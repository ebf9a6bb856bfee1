/** XML as Route 53 speaks it: elements and text, no attributes to care for, no document types. */

export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex: string, decimal: string, name: string) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });

interface Open {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

/** The root element. Throws XmlError for what is not well-formed. */
export function parseXml(source: string): Element {
  const document: Open = { name: '', text: '', children: [] };
  const stack = [document];
  for (const [token] of source.matchAll(/<[^>]*>|[^<]+/g)) {
    const top = stack.at(-1) ?? document;
    const [, slash, name, self] = /^<(\/?)([\w:.-]+)[^>]*?(\/?)>$/s.exec(token) ?? [];
    if (!token.startsWith('<')) top.text += decoded(token);
    else if (/^<[?!]/.test(token)) continue;
    else if (name === undefined) throw new XmlError(`${token} is no tag`);
    else if (slash) {
      if (top.name !== name || stack.length === 1) throw new XmlError(`</${name}> closes <${top.name}>`);
      stack.pop();
      stack.at(-1)?.children.push(top);
    } else if (self) top.children.push({ name, text: '', children: [] });
    else stack.push({ name, text: '', children: [] });
  }
  if (stack.length > 1) throw new XmlError(`<${stack.at(-1)?.name}> is not closed`);
  const [root] = document.children;
  if (!root) throw new XmlError('there is no element');
  return root;
}

export const child = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((one) => one.name === name);

export const childText = (element: Element | undefined, name: string): string | undefined => child(element, name)?.text;

/** What an element holds: text, a number, a truth, other elements by name; an array repeats the name; undefined leaves it out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

const escaped = (text: string): string =>
  text.replace(/[<>&"]/g, (character) => `&${{ '<': 'lt', '>': 'gt', '&': 'amp', '"': 'quot' }[character]};`);

const isList = (value: XmlValue): value is readonly XmlValue[] => Array.isArray(value);

function render(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (isList(value)) return value.map((one) => render(name, one)).join('');
  if (typeof value === 'object') {
    const inner = Object.entries(value).map(([key, one]) => render(key, one));
    return `<${name}>${inner.join('')}</${name}>`;
  }
  return `<${name}>${escaped(String(value))}</${name}>`;
}

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

/** One document of Route 53's namespace. */
export function renderXml(name: string, value: { readonly [name: string]: XmlValue }): string {
  const body = render(name, value);
  return `<?xml version="1.0"?>\n${body.replace(`<${name}>`, `<${name} xmlns="${NAMESPACE}">`)}`;
}
