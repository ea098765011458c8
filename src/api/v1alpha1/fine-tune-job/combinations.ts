import type { z } from 'zod';
import type { Rule } from '../rules.ts';
import type { initAdapterFrom, resumeFrom } from './going-on.ts';
import type { freeze, method } from './method.ts';
import type { stages } from './stages.ts';
import type { training } from './training.ts';

/** What the rules look at. */
interface Combined {
  resumeFrom?: z.output<typeof resumeFrom> | undefined;
  initAdapterFrom?: z.output<typeof initAdapterFrom> | undefined;
  method?: z.output<typeof method> | undefined;
  freeze?: z.output<typeof freeze> | undefined;
  training?: z.output<typeof training> | undefined;
  stages?: z.output<typeof stages> | undefined;
}

/** Fields that cannot go together whatever the model is; the trainer has the others in `trainer/combinations.py`. */
export const combinations: readonly Rule<Combined>[] = [
  {
    cel: '!has(self.resumeFrom) || !has(self.initAdapterFrom)',
    message: 'spec takes "resumeFrom" for the same data or "initAdapterFrom" for new data, not both',
    holds: ({ resumeFrom, initAdapterFrom }) => resumeFrom === undefined || initAdapterFrom === undefined,
  },
  {
    cel: `!has(self.initAdapterFrom) || !has(self.method) || !(self.method in ['Full', 'Freeze'])`,
    message:
      'initAdapterFrom needs a method with an adapter: set another spec.method, or name the model as spec.baseModel',
    holds: ({ initAdapterFrom, method }) => initAdapterFrom === undefined || (method !== 'Full' && method !== 'Freeze'),
  },
  {
    cel: '!has(self.stages) || self.stages.size() == 0 || !has(self.training) || !has(self.training.maxSteps)',
    message: 'training.maxSteps is for a run without stages: give maxSteps in each of spec.stages',
    holds: ({ stages = [], training }) => stages.length === 0 || training?.maxSteps === undefined,
  },
  {
    cel: `!has(self.stages) || !self.stages.exists(stage, has(stage.unfreeze)) || (has(self.method) && self.method == 'Freeze')`,
    message: 'stages.unfreeze is for method "Freeze": set spec.method, or leave it out',
    holds: ({ stages = [], method }) => method === 'Freeze' || stages.every(({ unfreeze }) => unfreeze === undefined),
  },
  {
    cel: '!has(self.stages) || !self.stages.exists(stage, has(stage.unfreeze)) || !has(self.freeze) || !has(self.freeze.unfreezeEverySteps)',
    message: 'stages.unfreeze and freeze.unfreezeEverySteps are two ways to the same: leave one out',
    holds: ({ stages = [], freeze }) =>
      freeze?.unfreezeEverySteps === undefined || stages.every(({ unfreeze }) => unfreeze === undefined),
  },
];
