import { afterEach } from 'vitest';
import { kubectl } from '../cluster/index.ts';

const kinds = ['docsources', 'datasets', 'finetunejobs', 'evaluations'].map((kind) => `${kind}.doctune.dev`);

/** What a test leaves behind is removed by the next ones, so that what it met is told at once. */
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const resources of [`${kinds.join(',')},jobs,pods`, 'events']) {
    const told = await kubectl(['get', resources, '--all-namespaces', '--output', 'wide']).catch(String);
    console.error(told.split('\n').slice(-80).join('\n'));
  }
  const statuses = '{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}: {.status}{"\\n"}{end}';
  console.error(
    await kubectl(['get', kinds.join(','), '--all-namespaces', '--output', `jsonpath=${statuses}`]).catch(String),
  );
});
