import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kubeconfigPath, kubectlBinary } from '../../tests/cluster/index.ts';

export interface PortForward extends AsyncDisposable {
  /** on 127.0.0.1 */
  port: number;
}

/** Forward a free local port to a Service or Pod, such as `svc/git-server`, until it is disposed of. */
export async function portForward(namespace: string, target: string, port: number): Promise<PortForward> {
  const child = spawn(
    await kubectlBinary(),
    ['--kubeconfig', kubeconfigPath(), '-n', namespace, 'port-forward', target, `:${port}`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const local = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line);
      if (match) resolve(Number(match[1]));
    });
    void ended.then(() =>
      reject(new Error(`no port of ${target} in "${namespace}" could be forwarded: ${errors.trim()}`)),
    );
  });
  return {
    port: local,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
