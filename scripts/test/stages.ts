import { join } from 'node:path';

/** One step of `npm test`. `report` is where its test runner leaves counts; without one the step itself counts as one. */
export interface Stage {
  name: string;
  /** seconds on two cores with warm caches, and with cold ones where they differ much */
  usual: string;
  command: [string, ...string[]];
  report?: { file: string; format: 'vitest' | 'junit' };
  /** names of stages without which this one cannot run */
  needs?: string[];
}

const vitest = (project: string, directory: string): Pick<Stage, 'command' | 'report'> => {
  const file = join(directory, `${project}.json`);
  return {
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    report: { file, format: 'vitest' },
  };
};

export function stages(directory: string): Stage[] {
  const pytest = join(directory, 'trainer.xml');
  return [
    { name: 'format', usual: '5 s', command: ['npm', 'run', '--silent', 'check:format'] },
    { name: 'types', usual: '10 s', command: ['npm', 'run', '--silent', 'check:types'] },
    { name: 'lint', usual: '30 s', command: ['npm', 'run', '--silent', 'check:lint'] },
    { name: 'dependencies', usual: '5 s', command: ['npm', 'run', '--silent', 'check:dependencies'] },
    { name: 'generated', usual: '3 s', command: ['npm', 'run', '--silent', 'check:generated'] },
    { name: 'unit', usual: '5 min', ...vitest('unit', directory) },
    {
      name: 'integration',
      usual: '3 min; 8 min when the API server must be built',
      ...vitest('integration', directory),
    },
    {
      name: 'cluster',
      usual: '30 s; 20 min when Kubernetes and the node image must be built',
      command: ['npm', 'run', '--silent', 'cluster:up'],
    },
    {
      name: 'images',
      usual: '5 s; 10 min when they must be built',
      command: ['npm', 'run', '--silent', 'images'],
      needs: ['cluster'],
    },
    {
      name: 'trainer',
      usual: '20 min',
      command: ['npm', 'run', '--silent', 'test:trainer', '--', `--junitxml=${pytest}`],
      report: { file: pytest, format: 'junit' },
      needs: ['images'],
    },
    { name: 'e2e', usual: '16 min', ...vitest('e2e', directory), needs: ['images'] },
  ];
}
