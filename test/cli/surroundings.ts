/** What a command is started with in a test: nothing of this process's environment but what every start needs. */

/** `home` is the home folder; sources are compiled once for all starts. */
export const surroundings = (home: string): Readonly<Record<string, string>> => {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return { PATH, NODE_COMPILE_CACHE, HOME: home };
};
