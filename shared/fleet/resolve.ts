/** From checked documents to the resolved fleet: defaults, references, and everything that is wrong, at once. */
import type { Fleet } from '../contract/fleet.ts';
import type { InputProblem } from '../contract/problem.ts';
import type { Checked } from './check.ts';
import { checkTogether } from './cross-checks.ts';
import { deployableProblems } from './deployable.ts';
import { resolveCertificates } from './resolve-certificates.ts';
import { resolveIssuers } from './resolve-issuers.ts';
import { resolveSettings, type Say, type Settings } from './resolve-settings.ts';

export interface Resolved {
  /** Absent where there are problems. */
  readonly fleet?: Fleet;
  readonly problems: readonly InputProblem[];
  readonly notices: readonly string[];
}

interface From {
  readonly path: string;
  /** Stands for `~` in paths of kubeconfigs. */
  readonly home: string;
  /** Whether every document could be read: only then does something not found not exist. */
  readonly isWhole: boolean;
  /** Whether it must be one that the deployed service can serve. */
  readonly isDeployed?: boolean;
}

type FleetChecked = Extract<Checked, { readonly kind: 'Fleet' }>;

/** The settings of the one Fleet document; undefined where there is none that can be read. */
function settingsOf(documents: readonly Checked[], from: From & { readonly say: Say }): Settings | undefined {
  const fleets = documents.filter((checked): checked is FleetChecked => checked.kind === 'Fleet');
  const [first, ...others] = fleets;
  for (const { document } of others)
    from.say({
      where: document.where(['kind']),
      message: `kind: a second Fleet; the first is at ${first?.document.where(['kind'])}`,
      fix: 'one fleet file describes one fleet',
    });
  if (!first && from.isWhole)
    from.say({
      where: from.path,
      message: 'there is no document of kind Fleet',
      fix: 'add one: apiVersion: nolapse.dev/v1, kind: Fleet, metadata.name and spec.clusters',
    });
  if (!first?.read) return undefined;
  const { document, read } = first;
  const settings = resolveSettings(read, { document, home: from.home, say: from.say });
  if (from.isDeployed) deployableProblems(document, settings).forEach(from.say);
  return settings;
}

const isIssuer = ({ kind }: Checked): boolean => kind === 'Issuer' || kind === 'ClusterIssuer';

/** Resolves the documents of one fleet file or folder at `path`. */
export function resolveFleet(documents: readonly Checked[], from: From): Resolved {
  const problems: InputProblem[] = documents.flatMap((checked) => checked.problems);
  const notices: string[] = [];
  const say: Say = (problem) => problems.push(problem);
  const settings = settingsOf(documents, { ...from, say });
  const before = problems.length;
  const issuers = resolveIssuers(documents, settings, say).map(({ issuer }) => issuer);
  const areAllIssuersRead =
    from.isWhole && problems.length === before && documents.every((c) => !isIssuer(c) || c.problems.length === 0);
  const asked = resolveCertificates(documents, { settings, say, note: (notice) => notices.push(notice) });
  if (!settings) return { problems, notices };
  checkTogether(asked, { issuers, areAllIssuersRead, zones: settings.zones }, say);
  if (problems.length > 0) return { problems, notices };
  return {
    fleet: { ...settings, issuers, certificates: asked.map(({ certificate }) => certificate) },
    problems,
    notices,
  };
}
