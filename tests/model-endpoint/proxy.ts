import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** A proxy for tests that tunnels (CONNECT) wherever it is asked to, and lists the addresses; with `refuse` it refuses all. */
export async function startProxy({ refuse = false } = {}): Promise<{
  url: string;
  tunnels: string[];
  close: () => void;
}> {
  const tunnels: string[] = [];
  const server = createServer();
  server.on('connect', (request, client, head) => {
    const address = request.url ?? '';
    tunnels.push(address);
    if (refuse) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const { hostname, port } = new URL(`http://${address}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client])
      socket.on('error', () => [upstream, client].forEach((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url, tunnels, close };
}
