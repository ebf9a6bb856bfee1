/** Of fifty thousand Secrets nobody needs all that can be said of them at once. */

/** The values of a generator function, made while they are read; whoever reads twice has them made twice. */
export const oneByOne = <T>(made: () => Iterator<T>): Iterable<T> => ({ [Symbol.iterator]: made });
