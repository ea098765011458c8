import type { z } from 'zod';
import type { BaseModel } from '../../api/v1alpha1/index.ts';
import { environment } from '../../contract/environment.ts';
import type { baseModelSchema } from '../../contract/inputs.ts';
import { secretFile } from './mounted.ts';
import { modelHub, type Reach } from './reach.ts';
import type { Mount } from './worker-run.ts';

/** apart from the models that are inside the image */
export const claimPath = `${environment.models.path}/claim`;

/** The base model as the worker is told of it. */
export function baseModelInput({ builtIn, huggingFace }: BaseModel, at = claimPath): z.output<typeof baseModelSchema> {
  if (builtIn !== undefined) return { builtIn };
  if (huggingFace === undefined) return { path: at };
  const { repo, revision, secretRef } = huggingFace;
  const token = secretRef === undefined ? {} : { tokenFile: secretFile(secretRef.name, secretRef.key) };
  return { huggingFace: { repo, revision, ...token } };
}

/** What must be reached to load it. */
export const baseModelReach = ({ huggingFace }: BaseModel): Reach => (huggingFace === undefined ? [] : [modelHub]);

export function baseModelMounts({ huggingFace, claimRef }: BaseModel, at = claimPath): Mount[] {
  if (claimRef !== undefined) return [{ claim: claimRef.name, path: claimRef.path, at }];
  const secret = huggingFace?.secretRef;
  return secret === undefined ? [] : [{ secret: secret.name, keys: [secret.key] }];
}

/** What the pod mounts for the base model, with the fields that name it. */
export function baseModelHints({ huggingFace, claimRef }: BaseModel, field: string): string[] {
  if (claimRef !== undefined) return [`claim "${claimRef.name}" (${field}.claimRef)`];
  const secret = huggingFace?.secretRef;
  if (secret === undefined) return [];
  return [`secret "${secret.name}" with the key "${secret.key}" (${field}.huggingFace.secretRef)`];
}

/** The part of a base model that decides the result: not with which token it is fetched. */
export function baseModelIdentity({ builtIn, huggingFace, claimRef }: BaseModel): unknown {
  return { builtIn, huggingFace: huggingFace && { repo: huggingFace.repo, revision: huggingFace.revision }, claimRef };
}

/** The base model in one word. */
export const baseModelName = ({ builtIn, huggingFace, claimRef }: BaseModel): string =>
  builtIn ?? huggingFace?.repo ?? `claim/${claimRef?.name ?? ''}`;
