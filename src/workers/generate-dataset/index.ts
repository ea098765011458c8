import { runWorker } from '../shell/run.ts';
import { generateDataset } from './generate.ts';

await runWorker('generate-dataset', generateDataset);
