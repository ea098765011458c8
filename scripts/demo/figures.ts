import { systemNamespace } from '../local/install.ts';
import { portForward } from '../local/port-forward.ts';
import { docker } from '../../tests/cluster/machine/docker.ts';
import { run } from '../../tests/cluster/machine/command.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

export async function imageSize(reference: string): Promise<string> {
  const { env } = await docker();
  return megabytes(Number(await run('docker', ['image', 'inspect', '--format', '{{.Size}}', reference], { env })));
}

/** Resident memory of the operator, from its own metrics. */
export async function operatorMemory(): Promise<string> {
  await using forward = await portForward(systemNamespace, 'deployment/doctune', 8080);
  const text = await (await fetch(`http://127.0.0.1:${forward.port}/metrics`)).text();
  const bytes = /^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1];
  return bytes === undefined ? 'unknown' : megabytes(Number(bytes));
}
