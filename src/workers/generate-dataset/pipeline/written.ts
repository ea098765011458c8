import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderCard } from '../output/card.ts';
import type { Row } from '../../../contract/rows.ts';
import { writeSheet } from '../review/sheet.ts';
import { mixGeneral } from './mix.ts';
import { openRowSink } from './row-sink.ts';
import { createReport, type ReportAbout } from '../report/index.ts';
import { createChangeCounter } from './consistent.ts';
import { createDelta } from './delta.ts';
import { emitRows } from './emit.ts';
import { openLines } from './lines.ts';
import { manifestOf } from './manifest.ts';
import { askedFile, type AskedLine } from './parent.ts';
import { warnings } from './summary.ts';
import { writeText } from './text.ts';
import type { Writing, Written } from './writing.ts';

/** Write all files of the artifact; the manifest and the card come last. */
export async function writeAll(writing: Writing): Promise<Written> {
  const { input, work, collected, folder } = writing;
  const reporter = createReport({ seed: input.split.seed, chatTokens: work.tokenizer.chatTokens });
  const delta = createDelta(writing.parent);
  const tally = createRowTally();
  const observers = [(row: Row) => reporter.observe(row), delta.add, tally.add];
  const sink = await openRowSink({ input, folder, asked: collected.asked, tokenizer: work.tokenizer, observers });
  const changes = createChangeCounter();
  for await (const { row, record, isFirst } of emitRows(emitting(writing))) {
    if (isFirst) changes.add(record.changes);
    await sink.write(row, record.fact.worse);
  }
  const mixed = await mixGeneral(writing, sink, tally.trainedTokens(), acceptsGeneral(writing));
  const entries = await sink.close();
  // rows that were made elsewhere have no documents
  if (input.importFrom === null) entries.push(await writeText(writing));
  entries.push({ path: 'rejected.jsonl', ...(await collected.rejected.close()) });
  await copyFile(collected.rejectedFile, join(folder, 'rejected.jsonl'));
  if (work.asked !== undefined)
    entries.push({ path: askedFile, ...(await writeAsked(join(folder, askedFile), work.asked)) });
  if (input.review !== null)
    entries.push(await writeSheet(folder, { sample: input.review.sample, seed: input.split.seed }));
  const told = warnings(
    { ...sink.files.counts, own: tally.own() },
    tally.groups(),
    input.split,
    writing.selected.grouping,
  );
  const report = reporter.finish({
    ...aboutOf(writing),
    consistency: changes.counts(),
    ...{ augmentation: sink.augmentation(), mixture: mixed.report, warnings: [...told, ...mixed.warnings] },
    delta: input.growth && delta.counts(),
  });
  const manifest = manifestOf(writing, sink.files, entries);
  await writeJson(join(folder, 'manifest.json'), manifest);
  await writeJson(join(folder, 'report.json'), report);
  await writeFile(join(folder, 'README.md'), renderCard(manifest, report));
  return { files: sink.files, own: tally.own(), report, delta: delta.counts() };
}

async function writeAsked(path: string, keys: readonly string[]): Promise<{ rows: number; sha256: string }> {
  const file = await openLines(path);
  for (const key of keys) await file.write({ key } satisfies AskedLine);
  return file.close();
}

/** Groups and number of rows about the documents, and the tokens of the trained ones. */
function createRowTally() {
  const groups = new Set<string>();
  let [trained, own] = [0, 0];
  return {
    add: ({ domain, split, group, tokens, parents = [] }: Row): void => {
      if (domain === 'general') return;
      groups.add(group);
      if (parents.length === 0) own += 1;
      if (split === 'train') trained += (tokens?.prompt ?? 0) + (tokens?.answer ?? 0);
    },
    groups: () => groups.size,
    own: () => own,
    trainedTokens: () => trained,
  };
}

const acceptsGeneral =
  ({ selected: { decontamination } }: Writing) =>
  ({ messages }: Row): boolean => {
    const isHeld = messages.some(({ content }) => decontamination?.check(content) !== undefined);
    if (isHeld && decontamination !== null) decontamination.counts.CONTAMINATED_GENERAL += 1;
    return !isHeld;
  };

const writeJson = (path: string, content: object): Promise<void> =>
  writeFile(path, `${JSON.stringify(content, null, 2)}\n`);

const emitting = ({ input, work, collected, selected }: Writing): Parameters<typeof emitRows>[0] => ({
  ...{ facts: collected.facts, heads: collected.heads, rejected: collected.rejected, places: selected.places },
  repeatsHeld: selected.repeatsHeld,
  ...{ corpus: work.corpus, sources: input.sources, generator: work.generator.about },
  countTokens: (text) => work.tokenizer.count(text),
});

function aboutOf({
  work,
  collected,
  selected,
  sources,
}: Writing): Omit<ReportAbout, 'augmentation' | 'consistency' | 'mixture' | 'warnings' | 'delta'> {
  return {
    tokenizer: work.tokenizer.name,
    corpus: work.corpus,
    covered: new Set([...selected.places.keys()].map(({ chunk }) => chunk)),
    cleanliness: sources.cleanliness(),
    duplicates: selected.duplicates,
    contamination: selected.decontamination?.counts ?? null,
    review: collected.review,
    rejected: collected.rejected.counts,
  };
}
