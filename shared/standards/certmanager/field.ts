/** Reads a loosely typed manifest field by field: what does not fit becomes a problem with its path, nothing is coerced. */

/** What is wrong with one field; `path` leads to it from the root of the manifest, list items by index. */
export interface FieldProblem {
  readonly path: readonly string[];
  readonly message: string;
  readonly fix?: string;
}

/** `spec.acme.solvers[0].dns01` for people. */
export const fieldPath = (path: readonly string[]): string =>
  path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key), '');

/** `spec.dnsNames[0]: holds " ", which no DNS name may hold (take it out)` */
export const problemWords = ({ path, message, fix }: FieldProblem): string =>
  `${fieldPath(path)}: ${message}${fix ? ` (${fix})` : ''}`;

const kindOf = (value: unknown): string =>
  Array.isArray(value)
    ? 'a list'
    : value === null
      ? 'nothing'
      : typeof value === 'object'
        ? 'a map'
        : `a ${typeof value}`;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One place in a manifest. Like Go's omitempty, null and empty values count as not given. */
export class Field {
  readonly value: unknown;
  readonly path: readonly string[];
  readonly problems: FieldProblem[];

  constructor(value: unknown, path: readonly string[] = [], problems: FieldProblem[] = []) {
    this.value = value;
    this.path = path;
    this.problems = problems;
  }

  at(key: string): Field {
    const child = isMap(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
    return new Field(child, [...this.path, key], this.problems);
  }

  get given(): boolean {
    const { value } = this;
    if (value === undefined || value === null || value === '') return false;
    return typeof value !== 'object' || Object.keys(value).length > 0;
  }

  refuse(message: string, fix?: string): undefined {
    this.problems.push({ path: this.path, message, ...(fix ? { fix } : {}) });
    return undefined;
  }

  /** Refuses the field where it is given: `why` reads after the field's name. */
  refuseIfGiven(why: string, fix: string): void {
    if (this.given) this.refuse(why, fix);
  }

  #as<T>(what: string, is: (value: unknown) => value is T): T | undefined {
    const { value } = this;
    if (value === undefined || value === null || value === '') return undefined;
    return is(value) ? value : this.refuse(`expected ${what}, found ${kindOf(value)}`);
  }

  text(): string | undefined {
    return this.#as('a string', (v): v is string => typeof v === 'string');
  }

  whole(): number | undefined {
    return this.#as('a whole number', (v): v is number => Number.isSafeInteger(v));
  }

  flag(): boolean {
    return this.#as('true or false', (v): v is boolean => typeof v === 'boolean') ?? false;
  }

  /** Refuses, by its name, each key of the map that nobody here knows: to ignore it would give something else than was asked. */
  allowOnly(keys: readonly string[]): void {
    if (!isMap(this.value)) return;
    for (const key of Object.keys(this.value))
      if (!keys.includes(key)) this.at(key).refuse('is not known to Nolapse', `known are ${keys.join(', ')}`);
  }

  /** One of the words, or the default where nothing is given. */
  oneOf<W extends string>(words: readonly W[], otherwise: W): W {
    const text = this.text();
    const word = words.find((w) => w === text);
    if (text !== undefined && word === undefined) this.refuse(`${JSON.stringify(text)} is none of ${words.join(', ')}`);
    return word ?? otherwise;
  }

  required(): string | undefined {
    return this.given ? this.text() : this.refuse('is required');
  }

  map(): Field {
    if (this.given) this.#as('a map', isMap);
    return this;
  }

  items(): readonly Field[] {
    const list = this.#as('a list', (v): v is readonly unknown[] => Array.isArray(v)) ?? [];
    return list.map((item, i) => new Field(item, [...this.path, String(i)], this.problems));
  }

  texts(): readonly string[] {
    return this.items().flatMap((item) => item.required() ?? []);
  }

  /** A map of strings; values that YAML read as something else are refused, as the API server refuses them. */
  entries(): Readonly<Record<string, string>> {
    const map = this.#as('a map', isMap) ?? {};
    return Object.fromEntries(
      Object.keys(map).flatMap((key) => {
        const value = map[key];
        if (typeof value === 'string') return [[key, value]];
        this.at(key).refuse(`expected a string, found ${kindOf(value)}`, 'put the value in quotes');
        return [];
      }),
    );
  }
}
