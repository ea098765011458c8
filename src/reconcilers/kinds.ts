import { dataset, docSource, evaluation, fineTuneJob, group, version } from '../api/v1alpha1/index.ts';
import type { Dataset, DocSource, Evaluation, FineTuneJob, Kind } from '../api/v1alpha1/index.ts';
import { resource } from '../controller/kinds.ts';

const names = ({ kind, plural }: Kind) => ({ group, version, kind, plural });

export const docSources = resource<DocSource>(names(docSource));
export const datasets = resource<Dataset>(names(dataset));
export const fineTuneJobs = resource<FineTuneJob>(names(fineTuneJob));
export const evaluations = resource<Evaluation>(names(evaluation));
