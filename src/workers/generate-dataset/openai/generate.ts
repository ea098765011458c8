import pLimit from 'p-limit';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { generateMetrics } from '../../../contract/progress.ts';
import { createAsker, type Asker } from '../../model-endpoint/asker.ts';
import type { EndpointInput } from '../../model-endpoint/endpoint.ts';
import { WorkerFailure, WorkerStopped } from '../../shell/failure.ts';
import type { WorkerContext } from '../../shell/run.ts';
import { placeFindings, reject, type ChunkedDocument, type Generated, type Usage } from '../candidate.ts';
import { estimateTokens, languageOf } from '../chunk/tokens.ts';
import { projectName } from '../extractive/project.ts';
import { askAboutChunk, type ChunkAnswer } from './ask.ts';
import { checkFacts } from './check.ts';
import { planChunks, type PlannedChunk } from './plan.ts';
import { promptDigest, renderMessages } from './prompt.ts';

/** an endpoint that never answered in JSON after this many chunks is asked no more */
const hopelessAfter = 8;

/** Ask a model about every planned chunk. The answers of a killed worker are found again in the store. */
export async function generateWithModel(
  input: GenerateInput,
  endpoint: EndpointInput,
  documents: ChunkedDocument[],
  context: WorkerContext,
): Promise<Generated> {
  const planned = planChunks(documents, input);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const asker = await createAsker({
    input: endpoint,
    cacheFolder: await context.store.cache('model-responses'),
    run: input.run.id,
    maxTokens: input.budget.maxTokens,
    estimateTokens,
    signal,
    log: context.log,
  });
  const tally = createTally(planned.length, asker, context);
  const projects = namesOf(documents);
  const limit = pLimit(endpoint.concurrency);
  try {
    const answers = await limit.map(planned, async (item) => {
      signal.throwIfAborted();
      const answer = await askAboutChunk(asker, messagesFor(item, input, projects));
      tally.add(answer);
      return answer;
    });
    tally.checkJson(true);
    return collect(planned, answers, asker, endpoint.model);
  } catch (error) {
    stop.abort();
    limit.clearQueue();
    if (context.signal.aborted) throw new WorkerStopped(asker.usage().requests > 0);
    throw error;
  }
}

function namesOf(documents: readonly ChunkedDocument[]): Map<string, string> {
  const bySource = Map.groupBy(documents, ({ source }) => source);
  return new Map([...bySource].map(([source, own]) => [source, projectName(source, own)]));
}

function messagesFor(
  { document, chunk, facts }: PlannedChunk,
  { rows }: GenerateInput,
  projects: ReadonlyMap<string, string>,
) {
  const text = document.text.slice(chunk.start, chunk.end);
  return renderMessages({
    project: projects.get(document.source) ?? document.source,
    path: document.path,
    text,
    chunk,
    language: languageOf(text),
    facts,
    wordings: rows.wordings,
  });
}

function createTally(total: number, asker: Asker, { progress }: WorkerContext) {
  let [good, bad] = [0, 0];
  return {
    add(answer: ChunkAnswer): void {
      if ('facts' in answer) good += 1;
      else if (answer.reason === 'BAD_JSON') bad += 1;
      const usage = toUsage(asker);
      const metrics = {
        [generateMetrics.chunksDone]: good + bad,
        [generateMetrics.chunksTotal]: total,
        [generateMetrics.requests]: usage.requests,
        [generateMetrics.inputTokens]: usage.inputTokens,
        [generateMetrics.cachedInputTokens]: usage.cachedInputTokens,
        [generateMetrics.outputTokens]: usage.outputTokens,
      };
      progress.report({ share: (good + bad) / total, metrics });
      this.checkJson(false);
    },
    checkJson(isEnd: boolean): void {
      if (good > 0 || bad === 0 || (!isEnd && bad < hopelessAfter)) return;
      const message =
        `none of ${bad} answers was JSON of the asked form: choose another spec.generator.openai.model, ` +
        'or raise spec.generator.openai.maxTokens if answers are cut';
      throw new WorkerFailure('data', 'NotJson', message);
    },
  };
}

function collect(
  planned: readonly PlannedChunk[],
  answers: readonly ChunkAnswer[],
  asker: Asker,
  model: string,
): Generated {
  const generator = { name: 'openai', model, prompt: promptDigest };
  const asked = planned.map(({ chunk }) => chunk.id);
  const generated: Generated = { candidates: [], rejected: [], usage: toUsage(asker), asked, generator };
  for (const [index, { document, chunk, facts }] of planned.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if ('reason' in answer) {
      generated.rejected.push(reject(answer.reason, answer.detail, document, chunk, null));
      continue;
    }
    if (answer.facts.length === 0)
      generated.rejected.push(reject('NO_FACTS', 'the model found nothing to ask', document, chunk, null));
    const { candidates, rejected } = placeFindings(checkFacts(answer, document, chunk, facts), document);
    generated.candidates.push(...candidates);
    generated.rejected.push(...rejected);
  }
  return generated;
}

function toUsage(asker: Asker): Usage {
  const { requests, input, cachedInput, output } = asker.usage();
  return { requests, inputTokens: input, cachedInputTokens: cachedInput, outputTokens: output };
}
