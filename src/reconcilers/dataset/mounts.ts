import type { DatasetSpec } from '../../api/v1alpha1/index.ts';
import { environment } from '../../contract/environment.ts';
import { configReference, endpointReferences, fileReference } from '../shared/references.ts';
import { hintsOfReferences, mountsOfReferences } from '../shared/references.ts';
import type { Reference } from '../shared/references.ts';
import type { Mount } from '../shared/worker-run.ts';

/** Where the parts of a spec that lie in other objects are mounted. */
const places = {
  import: `${environment.files.path}/import`,
  general: `${environment.files.path}/general`,
  tokenizer: `${environment.models.path}/tokenizer`,
};

/** Every model that the spec names, with its field. */
export const endpointsOf = ({ generator, judge, knowledgeGap }: DatasetSpec) =>
  [
    { field: 'spec.generator.openai', endpoint: generator?.openai },
    { field: 'spec.judge.openai', endpoint: judge?.openai },
    { field: 'spec.knowledgeGap.openai', endpoint: knowledgeGap?.openai },
  ].flatMap(({ field, endpoint }) => (endpoint === undefined ? [] : [{ field, endpoint }]));

export function referencesOf(spec: DatasetSpec): Reference[] {
  const { importFrom, mixture, chunking, promptsRef, judge, consistency, review } = spec;
  return [
    ...fileReference('spec.importFrom', importFrom, places.import),
    ...fileReference('spec.mixture.general', mixture?.general, places.general),
    ...fileReference('spec.chunking.tokenizer', { claimRef: chunking.tokenizer?.claimRef }, places.tokenizer),
    ...configReference('spec.promptsRef', promptsRef),
    ...configReference('spec.judge.calibrationRef', judge?.calibrationRef),
    ...configReference('spec.consistency.glossaryRef', consistency.glossaryRef),
    ...configReference('spec.review.verdictsRef', review?.verdictsRef),
    ...endpointsOf(spec).flatMap(({ field, endpoint }) => endpointReferences(field, endpoint)),
  ];
}

/** Folder or file of a field, null where the spec does not have it. */
export const pathOf = (spec: DatasetSpec, field: string): string | null =>
  referencesOf(spec).find((reference) => reference.field.startsWith(field))?.path ?? null;

export const mountsOf = (spec: DatasetSpec): Mount[] => mountsOfReferences(referencesOf(spec));

/** What the pod mounts, with the fields that name it. */
export const mountHints = (spec: DatasetSpec): string[] => hintsOfReferences(referencesOf(spec));
