/** A synthesised template as CloudFormation reads it: intrinsic functions resolved, each resource made before whoever refers to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: string }>>;
}

/** What a resource is once it is there: what `Ref` gives, and what `Fn::GetAtt` gives by name. */
export interface Made {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Makes one resource of resolved properties. */
export type Make = (logicalId: string, type: string, properties: Readonly<Record<string, unknown>>) => Promise<Made>;

export interface Place {
  readonly account: string;
  readonly region: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The templates of a cloud assembly: one each stack. */
export function templatesIn(assembly: string): readonly Template[] {
  const files = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  return files.map((file) => JSON.parse(readFileSync(join(assembly, file), 'utf8')) as Template);
}

/** Stacks of one app, put up together: exports of one are imports of another. */
export class Stacks {
  readonly #templates: readonly Template[];
  readonly #make: Make;
  readonly #place: Place;
  readonly #made = new Map<Resource, Promise<Made>>();

  constructor(templates: readonly Template[], make: Make, place: Place) {
    this.#templates = templates;
    this.#make = make;
    this.#place = place;
  }

  /** Makes everything; the resources with what became of them. */
  async up(): Promise<
    readonly {
      readonly id: string;
      readonly type: string;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly made: Made;
    }[]
  > {
    const all = this.#templates.flatMap((template) =>
      Object.entries(template.Resources).map(([id, resource]) => ({ template, id, resource })),
    );
    return Promise.all(
      all.map(async ({ template, id, resource }) => ({
        ...{ id, type: resource.Type, made: await this.#resource(template, id) },
        properties: (await this.#resolved(template, resource.Properties ?? {})) as Readonly<Record<string, unknown>>,
      })),
    );
  }

  #resource(template: Template, id: string): Promise<Made> {
    const resource = template.Resources[id];
    if (!resource) throw new Error(`the template refers to ${id}, which it does not have`);
    const known = this.#made.get(resource);
    if (known) return known;
    const making = this.#resolved(template, resource.Properties ?? {}).then((properties) =>
      this.#make(id, resource.Type, properties as Readonly<Record<string, unknown>>),
    );
    this.#made.set(resource, making);
    return making;
  }

  async #reference(template: Template, name: string): Promise<unknown> {
    const { account, region } = this.#place;
    const pseudo: Readonly<Record<string, string>> = {
      ...{
        'AWS::AccountId': account,
        'AWS::Region': region,
        'AWS::Partition': 'aws',
        'AWS::URLSuffix': 'amazonaws.com',
      },
      ...{ 'AWS::StackName': 'nolapse', 'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/nolapse/1` },
    };
    if (name === 'AWS::NoValue') return undefined;
    const parameter = template.Parameters?.[name];
    return pseudo[name] ?? parameter?.Default ?? (await this.#resource(template, name)).ref;
  }

  async #attribute(template: Template, id: string, name: string): Promise<string> {
    const value = (await this.#resource(template, id)).attributes[name];
    if (value === undefined) throw new Error(`${template.Resources[id]?.Type} ${id} has no attribute ${name} here`);
    return value;
  }

  async #imported(name: string): Promise<unknown> {
    for (const template of this.#templates)
      for (const { Value, Export } of Object.values(template.Outputs ?? {}))
        if (Export && (await this.#resolved(template, Export.Name)) === name) return this.#resolved(template, Value);
    throw new Error(`no stack exports ${name}`);
  }

  async #substituted(template: Template, from: unknown): Promise<string> {
    const [text, values] = Array.isArray(from)
      ? [String(from[0]), from[1] as Record<string, unknown>]
      : [String(from), {}];
    const names = [...new Set([...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name))];
    let result = text;
    for (const name of names) {
      const [id = '', ...attribute] = name.split('.');
      const value =
        name in values
          ? await this.#resolved(template, values[name])
          : attribute.length > 0
            ? await this.#attribute(template, id, attribute.join('.'))
            : await this.#reference(template, name);
      result = result.replaceAll(`\${${name}}`, String(value));
    }
    return result;
  }

  async #resolved(template: Template, value: unknown): Promise<unknown> {
    if (Array.isArray(value)) {
      const items = await Promise.all(value.map((item) => this.#resolved(template, item)));
      return items.filter((item) => item !== undefined);
    }
    if (!isRecord(value)) return value;
    const [[name, of] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return this.#intrinsic(template, name, of);
    const entries = await Promise.all(
      Object.entries(value).map(async ([key, item]) => [key, await this.#resolved(template, item)] as const),
    );
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }

  async #intrinsic(template: Template, name: string, of: unknown): Promise<unknown> {
    if (name === 'Ref') return this.#reference(template, String(of));
    if (name === 'Fn::Sub') return this.#substituted(template, of);
    const args = (await this.#resolved(template, of)) as readonly unknown[];
    if (name === 'Fn::GetAtt') return this.#attribute(template, String(args[0]), String(args[1]));
    if (name === 'Fn::ImportValue') return this.#imported(String(args));
    if (name === 'Fn::Join') return (args[1] as readonly unknown[]).join(String(args[0]));
    if (name === 'Fn::Select') return (args[1] as readonly unknown[])[Number(args[0])];
    if (name === 'Fn::Split') return String(args[1]).split(String(args[0]));
    throw new Error(`${name} is not understood here`);
  }
}
