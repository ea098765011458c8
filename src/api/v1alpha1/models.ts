import { Model } from '@kubernetes-models/base';
import type { z } from 'zod';
import { dataset } from './dataset.ts';
import { docSource } from './doc-source.ts';
import { evaluation } from './evaluation.ts';
import { fineTuneJob } from './fine-tune-job.ts';
import { apiVersion } from './kind.ts';
import type { Kind, Metadata } from './kind.ts';

/** An object as a user writes it: what has a default may be left out. */
export interface Manifest<K extends Kind> {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec: z.input<K['spec']>;
}

/** Problems of a spec, each as `spec.field: what is wrong`; none for a good one. */
export function problems(kind: Kind, spec: unknown): string[] {
  const { success, error } = kind.spec.safeParse(spec);
  if (success) return [];
  return error.issues.map(({ path, message }) => `${['spec', ...path].map(String).join('.')}: ${message}`);
}

abstract class DoctuneModel<K extends Kind> extends Model<Manifest<K>> implements Manifest<K> {
  readonly apiVersion = apiVersion;
  readonly kind: string;
  declare metadata: Metadata;
  declare spec: z.input<K['spec']>;
  readonly #kind: K;

  constructor(kind: K, data: Pick<Manifest<K>, 'metadata' | 'spec'>) {
    super();
    this.#kind = kind;
    this.kind = kind.kind;
    this.metadata = data.metadata;
    this.spec = data.spec;
  }

  /** Throws an Error that names every wrong field. */
  override validate(): void {
    const found = problems(this.#kind, this.spec);
    if (found.length > 0) throw new Error(`${this.kind} "${this.metadata.name}" is invalid: ${found.join('; ')}`);
  }
}

export class DocSourceModel extends DoctuneModel<typeof docSource> {
  constructor(data: Pick<Manifest<typeof docSource>, 'metadata' | 'spec'>) {
    super(docSource, data);
  }
}

export class DatasetModel extends DoctuneModel<typeof dataset> {
  constructor(data: Pick<Manifest<typeof dataset>, 'metadata' | 'spec'>) {
    super(dataset, data);
  }
}

export class FineTuneJobModel extends DoctuneModel<typeof fineTuneJob> {
  constructor(data: Pick<Manifest<typeof fineTuneJob>, 'metadata' | 'spec'>) {
    super(fineTuneJob, data);
  }
}

export class EvaluationModel extends DoctuneModel<typeof evaluation> {
  constructor(data: Pick<Manifest<typeof evaluation>, 'metadata' | 'spec'>) {
    super(evaluation, data);
  }
}
