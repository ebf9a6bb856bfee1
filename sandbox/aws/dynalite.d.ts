/** What is used of dynalite 4.0, which comes without types. */

declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Times in milliseconds. */
  interface DynaliteOptions {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  const dynalite: (options?: DynaliteOptions) => Server;
  // biome-ignore lint/style/noDefaultExport: the package has no other
  export default dynalite;
}
