import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { progressSchema } from '../../contract/progress.ts';
import { createReporter } from './reporter.ts';

const log = pino({ level: 'silent' });

test('reports in the protocol of the progress server with the mounted token, the last one on close', async () => {
  const received: { token: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ token: request.headers.authorization, body: JSON.parse(body) });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const token = join(mkdtempSync(join(tmpdir(), 'token-')), 'token');
  writeFileSync(token, 'abc\n');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apis/progress`;
  const reporter = createReporter(log, { KUBEFLOW_TRAINER_SERVER_URL: url, KUBEFLOW_TRAINER_SERVER_TOKEN: token });
  reporter.report({ share: 0.5, metrics: { chunks_done: 1 } });
  reporter.report({ share: 0.999, remainingSeconds: 3.4, metrics: { chunks_done: 2 } });
  await reporter.close();
  server.close();
  expect(received).toHaveLength(1);
  expect(received[0]!.token).toBe('Bearer abc');
  expect(progressSchema.parse(received[0]!.body).trainerStatus).toMatchObject({
    progressPercentage: 99,
    estimatedRemainingSeconds: 3,
    metrics: [{ name: 'chunks_done', value: 2 }],
  });
});

test('a dead server is no failure', async () => {
  const reporter = createReporter(log, { KUBEFLOW_TRAINER_SERVER_URL: 'http://127.0.0.1:1/' });
  reporter.report({ share: 0.5 });
  await expect(reporter.close()).resolves.toBeUndefined();
});
