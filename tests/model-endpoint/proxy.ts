import { createServer, request as send } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** A proxy for tests that tunnels (CONNECT) or forwards wherever it is asked to, and lists the hosts; with `refuse` it refuses all. */
export async function startProxy({ refuse = false } = {}): Promise<{
  url: string;
  hosts: string[];
  close: () => void;
}> {
  const hosts: string[] = [];
  const server = createServer();
  server.on('connect', (request, client, head) => {
    const address = request.url ?? '';
    hosts.push(address);
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
  server.on('request', (request, response) => {
    const { url: address = '', method, headers } = request;
    hosts.push(new URL(address).host);
    if (refuse) return void response.writeHead(407).end();
    const forwarded = send(address, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url, hosts, close };
}
