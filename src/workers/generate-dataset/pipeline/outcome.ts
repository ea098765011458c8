import type { Success } from '../../../contract/result.ts';

export type GenerateSummary = Success<'generate-dataset'>['summary'];
