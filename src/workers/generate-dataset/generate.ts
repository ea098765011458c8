import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerateInput } from '../../contract/inputs.ts';
import type { Outcome, WorkerContext } from '../shell/run.ts';
import { collectAll } from './pipeline/collected.ts';
import { checkGates, type Figures } from './pipeline/gates.ts';
import { readParent } from './pipeline/parent.ts';
import { withScratch } from './pipeline/scratch.ts';
import { figuresOf, rowsOf, summaryOf } from './pipeline/summary.ts';
import { openWork, type Work } from './pipeline/work.ts';
import { openSources } from './pipeline/sources.ts';
import { selectAll } from './pipeline/selected.ts';
import { writeAll } from './pipeline/written.ts';

/** A run that failed at a gate is asked again by a person: cut and refused answers are no help then. */
async function checkedGates({ gates }: GenerateInput, figures: Figures, work: Work): Promise<void> {
  try {
    checkGates(gates, figures);
  } catch (error) {
    await work.forgetFailures();
    throw error;
  }
}

/** Turn the documents of all sources into one dataset and publish it. */
export const generateDataset = (input: GenerateInput, context: WorkerContext): Promise<Outcome<'generate-dataset'>> =>
  withScratch(async (scratch) => {
    const sources = openSources(input);
    const { parent, warning } = await readParent(input, context);
    const work = await openWork({ input, context, scratch, parent, observe: sources.observe });
    try {
      const collected = await collectAll(input, work, context, scratch);
      const selected = await selectAll(input, work, collected, parent);
      const folder = join(scratch, 'artifact');
      await mkdir(folder);
      const written = await writeAll({ input, work, collected, selected, parent, sources, folder });
      const figures = figuresOf(work, collected, written);
      // a sample is there to be looked at, whatever it is like
      if (input.preview === null) await checkedGates(input, figures, work);
      const artifact = await context.store.put(folder, 'datasets');
      const { total } = collected.rejected.counts;
      const rows = rowsOf(written);
      return {
        reason: 'Generated',
        message: `generated ${rows} rows from ${work.corpus.documents.length} documents, rejected ${total}`,
        artifact,
        summary: await summaryOf({ work, collected, written, figures, warning }),
      };
    } catch (error) {
      // what was paid for is in the store: the next attempt goes on from there
      throw context.signal.aborted && work.stopped !== undefined ? work.stopped() : error;
    } finally {
      await work.close();
    }
  });
