/** The versions of one secret and the stages that name them. Pure values. */

export interface SecretContent {
  readonly text?: string;
  /** base64, as sent. */
  readonly binary?: string;
}

export interface SecretVersion extends SecretContent {
  readonly id: string;
  readonly createdAt: Date;
  readonly stages: readonly string[];
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** A version with those stages, which leave all others. What was current is previous then. */
export function withVersion(versions: readonly SecretVersion[], added: SecretVersion): readonly SecretVersion[] {
  const isCurrent = added.stages.includes(CURRENT);
  const moved = versions.map((version) => {
    const wasCurrent = isCurrent && version.stages.includes(CURRENT);
    const taken = wasCurrent || !isCurrent ? added.stages : [...added.stages, PREVIOUS];
    const left = version.stages.filter((stage) => !taken.includes(stage));
    return { ...version, stages: wasCurrent ? [...left.filter((stage) => stage !== PREVIOUS), PREVIOUS] : left };
  });
  return [...moved, added];
}

export const sameContent = (a: SecretContent, b: SecretContent): boolean => a.text === b.text && a.binary === b.binary;

/** Those that have a stage; the others are deprecated and no longer told. */
export const stagesOf = (versions: readonly SecretVersion[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]));

/** The versions with `AWSCURRENT` on that one, which exists; the one that had it is previous. */
export const withCurrent = (versions: readonly SecretVersion[], current: SecretVersion): readonly SecretVersion[] =>
  withVersion(
    versions.filter((version) => version !== current),
    { ...current, stages: [CURRENT] },
  );
