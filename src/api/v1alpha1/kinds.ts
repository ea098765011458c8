import { dataset } from './dataset.ts';
import { docSource } from './doc-source.ts';
import { evaluation } from './evaluation.ts';
import { fineTuneJob } from './fine-tune-job.ts';
import type { Kind } from './kind.ts';

/** All kinds in the order of the chain; CRDs, role rules, watches and reference pages follow this list. */
export const kinds: readonly Kind[] = [docSource, dataset, fineTuneJob, evaluation];
