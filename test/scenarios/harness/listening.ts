/** Ports of loopback: listened on, and held while nobody listens. */
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net';

/** The port; 0 asks the kernel for one. */
export async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Gives the port back. */
export type GiveBack = () => Promise<void>;

/** While nobody listens on the port it refuses connections, and the kernel gives it to nobody who asks for any: it is the near end of a connection. */
export async function heldPort(port: number): Promise<GiveBack> {
  // it is reset, which is no error
  const far = createServer((socket) => socket.on('error', () => undefined));
  const near = createConnection({
    ...{ host: '127.0.0.1', port: await listenOn(far, 0) },
    ...{ localAddress: '127.0.0.1', localPort: port },
  });
  await once(near, 'connect');
  return async () => {
    const closed = [once(near, 'close'), once(far.close(), 'close')];
    // a reset leaves no end that waits: the port is free at once
    near.resetAndDestroy();
    await Promise.all(closed);
  };
}
