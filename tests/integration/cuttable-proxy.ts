import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CuttableProxy {
  port: number;
  connections(): number;
  /** reset all connections */
  cut(): void;
  /** refuse new connections, or take them again */
  setRefusing(isRefusing: boolean): void;
  /** keep connections open but carry nothing */
  setFrozen(isFrozen: boolean): void;
  close(): Promise<void>;
}

/** A TCP proxy on the loopback that a test can break in the ways in which networks break. */
export async function startProxy(targetPort: number): Promise<CuttableProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isRefusing = false;
  const server = createServer((client) => {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target);
    target.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const [client, target] of pairs) {
      client.resetAndDestroy();
      target.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.size,
    cut,
    setRefusing: (value) => {
      isRefusing = value;
    },
    setFrozen: (isFrozen) => {
      for (const [client, target] of pairs) {
        if (isFrozen) {
          client.unpipe(target);
          target.unpipe(client);
        } else {
          client.pipe(target);
          target.pipe(client);
        }
      }
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
