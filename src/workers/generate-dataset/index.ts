import { setFlagsFromString } from 'node:v8';
import { runWorker } from '../shell/run.ts';
import { generateDataset } from './generate.ts';

// the heap otherwise doubles before it is looked through: with 100,000 chunks that took 940 MB instead of about 620
setFlagsFromString('--heap-growing-percent=20');

await runWorker('generate-dataset', generateDataset);
