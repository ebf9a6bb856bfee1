/** What the fleet file will take one day and this version does not honour: refused by name, with what to do instead. */

const NOT_YET: readonly { readonly path: RegExp; readonly fix: string }[] = [
  { path: /^spec\.destinations\[\d+\]\.acm$/, fix: 'use secretsManager, and import from there' },
];

/** The fix for a key that this version knows by name but does not honour; undefined for every other key. */
export const notYet = (path: string): string | undefined => NOT_YET.find((entry) => entry.path.test(path))?.fix;

/** The mode that this version knows by name but does not honour. */
export const NOT_YET_MODE = 'backstop';
