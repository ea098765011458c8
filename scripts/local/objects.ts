import type { Dataset, DocSource, Evaluation, FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { kubectl } from '../../tests/cluster/index.ts';

export interface Chain {
  source: DocSource | undefined;
  dataset: Dataset | undefined;
  job: FineTuneJob | undefined;
  evaluation: Evaluation | undefined;
}

type AnyObject = { kind: string; metadata: { name: string } };

/** The four objects of one name, as they are now. */
export async function readChain(namespace: string, name: string): Promise<Chain> {
  const { items } = JSON.parse(await kubectl(['-n', namespace, 'get', 'finetune', '-o', 'json'])) as {
    items: AnyObject[];
  };
  const one = (kind: string): unknown => items.find((item) => item.kind === kind && item.metadata.name === name);
  return {
    source: one('DocSource') as DocSource | undefined,
    dataset: one('Dataset') as Dataset | undefined,
    job: one('FineTuneJob') as FineTuneJob | undefined,
    evaluation: one('Evaluation') as Evaluation | undefined,
  };
}

interface WithConditions {
  status?:
    | { conditions?: readonly { type: string; status: string; reason: string; message: string }[] | undefined }
    | undefined;
}

export const conditionOf = (object: WithConditions | undefined, type: string) =>
  object?.status?.conditions?.find((condition) => condition.type === type);

export const isReady = (object: WithConditions | undefined): boolean => conditionOf(object, 'Ready')?.status === 'True';

export const isStalled = (object: WithConditions | undefined): boolean =>
  conditionOf(object, 'Stalled')?.status === 'True';
