/** DynamoDB by dynalite, as it is: a server behind the one endpoint. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface DynamoDb {
  readonly url: string;
  close(): Promise<void>;
}

/** Tables are there as soon as they were asked for. dynalite is loaded here and nowhere else: it is no part of what is shipped. */
export async function startDynamoDb(): Promise<DynamoDb> {
  const { default: dynalite } = await import('dynalite');
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
