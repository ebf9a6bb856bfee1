/** `nolapse init`: a fleet file of the contexts that were named, and an app that deploys it. Reads clusters, asks nobody, and writes over nothing. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../shared/contract/problem.ts';
import { loadFleet } from '../shared/fleet/load.ts';
import { drafted } from './draft.ts';
import { cdkApp } from './output/cdk-app.ts';
import { type Draft, draftLines, shellWord, withoutFiles, withoutIssuer } from './output/fleet-draft.ts';
import { counted, hanging } from './output/words.ts';
import type { Answer, Command } from './session.ts';

export interface InitOptions {
  /** Where the fleet file is written; `-` is stdout. */
  readonly out: string;
  /** AWS profile that hosted zones are listed with. */
  readonly zonesFromProfile?: string;
  /** Folder of the app. */
  readonly cdk?: string;
}

const STDOUT = '-';

/** Also where they are the same. */
function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

const inUse = (folder: string): string | undefined => {
  if (!existsSync(folder)) return undefined;
  if (!statSync(folder).isDirectory()) return 'is a file';
  return readdirSync(folder).length > 0 ? 'is not empty' : undefined;
};

/** What would be found out halfway through the writing. */
function refuseWritten({ out, cdk }: InitOptions): void {
  const refuse = (where: string, message: string, fix: string): never => {
    throw new InputError([{ where, message, fix }]);
  };
  if (out !== STDOUT && existsSync(out))
    refuse('--out', `${out} is there already`, 'name another file with --out, or move it away');
  if (cdk === undefined) return;
  const message = inUse(cdk);
  if (message) refuse('--cdk', `${cdk} ${message}`, 'name a new folder, or an empty one');
  if (out !== STDOUT && (isWithin(out, cdk) || isWithin(cdk, out)))
    refuse(
      '--cdk',
      `${cdk} and --out ${out} are in each other's way`,
      'name a folder beside the file: the app has a fleet file of its own',
    );
}

/** Throws InputError with the path. */
function make(path: string, making: () => void): void {
  try {
    making();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const message = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
    throw new InputError([{ where: path, message, fix: 'name another place' }]);
  }
}

/** Only what is not there yet. */
const write = (path: string, text: string): void => make(path, () => writeFileSync(path, text, { flag: 'wx' }));

/** The text, once the loader takes it: what a next command would refuse is a defect of ours, not to be left behind. */
function textOf(draft: Draft, isDeployed: boolean): string {
  const text = `${draftLines(draft).join('\n')}\n`;
  const bytes = Buffer.from(text);
  const files = {
    statSync: () => ({ isDirectory: () => false, size: bytes.length }),
    readdirSync: () => [],
    readFileSync: () => bytes,
  };
  loadFleet({ path: 'fleet.yaml', home: homedir(), files, isDeployed });
  return text;
}

/** What nobody could know but the person who reads it. */
function toFillIn({ zones, ...draft }: Draft, cdk: string | undefined): readonly string[] {
  const lacking = zones.by === 'nobody' ? zones.domains : zones.outside;
  const doubtful = zones.by === 'profile' ? zones.zones.filter(({ alike }) => alike > 1) : [];
  const profiles = new Set(draft.clusters.flatMap(({ profile }) => profile ?? []));
  const without = withoutIssuer(draft);
  const byFile = draft.clusters.filter(({ access }) => access.by === 'kubeconfig').map(({ name }) => name);
  return [
    ...(lacking.length > 0 ? [`spec.zones: the hosted zone of ${lacking.join(', ')}`] : []),
    ...doubtful.map(({ name }) => `spec.zones: which of the public zones ${name} it is`),
    ...(without.length > 0 ? [`the issuer at the end: your address, for ${without.join(', ')}`] : []),
    ...(profiles.size > 0 ? [`AWS_PROFILE when it runs: contexts ask as ${[...profiles].join(', ')}`] : []),
    ...(cdk !== undefined && byFile.length > 0
      ? [`secrets in Secrets Manager, by the commands in ${join(cdk, 'fleet.yaml')}: ${byFile.join(', ')}`]
      : []),
  ];
}

interface Written {
  readonly draft: Draft;
  readonly text: string;
}

function writeAll({ draft, text }: Written, { out, cdk }: InitOptions): void {
  const next = 'Made by nolapse init; behind each guess stands where it came from. What would be made: npx cdk diff';
  const app =
    cdk === undefined ? {} : cdkApp(textOf({ ...draft, next, clusters: draft.clusters.map(withoutFiles) }, true));
  if (out !== STDOUT) write(out, text);
  if (cdk === undefined) return;
  make(cdk, () => void mkdirSync(cdk, { recursive: true }));
  for (const [name, content] of Object.entries(app)) write(join(cdk, name), content);
}

const commandsIn = ({ out, cdk }: InitOptions): readonly string[] => [
  ...(out === STDOUT ? [] : [`nolapse plan --fleet ${shellWord(out)}`]),
  ...(cdk === undefined
    ? []
    : [
        `in Nolapse's sources: npm pack --pack-destination <path of ${cdk}>`,
        `cd ${shellWord(cdk)} && npm install && npx cdk deploy`,
      ]),
];

function answer({ draft, text }: Written, options: InitOptions): Pick<Answer, 'document' | 'lines'> {
  const { out, cdk } = options;
  const fillIn = toFillIn(draft, cdk);
  const names = draft.clusters.map(({ name }) => name);
  return {
    document: { file: out, app: cdk ?? null, clusters: names, leftOut: draft.leftOut, fillIn },
    lines: ({ width }) =>
      out === STDOUT
        ? text.trimEnd().split('\n')
        : [
            ...hanging('', `${out}: ${counted(names.length, 'cluster')} in audit: ${names.join(', ')}.`, width),
            ...(cdk === undefined
              ? []
              : hanging('', `${cdk}: an app that deploys the service, with a fleet file of its own.`, width)),
            ...leftOutLines(draft.leftOut, width),
            ...fillIn.flatMap((one) => hanging('  to fill in  ', one, width)),
            ...commandsIn(options).flatMap((one) => hanging('  next        ', one, width)),
          ],
  };
}

const leftOutLines = (leftOut: Draft['leftOut'], width: number): readonly string[] =>
  leftOut.flatMap(({ context, problem }) => hanging('  left out    ', `${context}: ${problem}`, width));

const nothing = (leftOut: Draft['leftOut']): Answer => ({
  document: { file: null, app: null, clusters: [], leftOut, fillIn: [] },
  lines: ({ width }) => ['Nothing was written: no cluster could be read.', ...leftOutLines(leftOut, width)],
  failed: true,
});

/** Throws InputError where something is in the way, before anything is asked of anybody. Failed, with nothing written, when no cluster could be read. */
export function init(options: InitOptions): Command {
  refuseWritten(options);
  const { zonesFromProfile, out } = options;
  return async (session) => {
    if (out === STDOUT && session.settings.output !== 'table')
      throw new InputError([{ where: '--out', message: '- writes the file itself', fix: 'leave out -o json' }]);
    const found = await drafted(session, zonesFromProfile);
    if (found.clusters.length === 0) return nothing(found.leftOut);
    const next = `nolapse plan --fleet ${shellWord(out === STDOUT ? 'fleet.yaml' : out)}`;
    const draft: Draft = {
      ...found,
      next: `Made by nolapse init; behind each guess stands where it came from. Next: ${next}`,
    };
    const written = { draft, text: textOf(draft, false) };
    writeAll(written, options);
    // what is wrong with certificates is the inventory's to tell
    const findings = (await session.local.findings()).filter(({ code }) => code === 'source-down');
    return { ...answer(written, options), findings };
  };
}
