import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Manifest, Row } from '../../../contract/rows.ts';
import { createAugmenter, type Augmenter } from '../augment/index.ts';
import { openFormats } from '../output/formats/index.ts';
import { openRowFiles, type RowFiles } from '../output/write.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import type { AskedQuestions } from '../rows/questions.ts';

/** Where rows go: files of each split, their other forms, and whoever counts them. */
export interface RowSink {
  /** Write a row, and its changed copies if it is trained. `worse`: an answer to it that was turned down. */
  write(row: Row, worse?: string): Promise<void>;
  files: Pick<RowFiles, 'counts' | 'tasks'>;
  augmentation: () => Record<string, number> | null;
  close(): Promise<Manifest['files']>;
}

export interface SinkOptions {
  input: GenerateInput;
  folder: string;
  asked: AskedQuestions;
  tokenizer: Tokenizer;
  observers: readonly ((row: Row) => void)[];
}

export async function openRowSink({ input, folder, asked, tokenizer, observers }: SinkOptions): Promise<RowSink> {
  const files = await openRowFiles(folder);
  const { renderChat } = tokenizer;
  const naming = { name: input.run.name, ...(renderChat === undefined ? {} : { renderChat }) };
  const formats = openFormats(folder, input.formats, naming);
  const augmenter = openAugmenter(input, asked, tokenizer.count);
  const put = async (row: Row, worse: string | undefined): Promise<void> => {
    for (const observe of observers) observe(row);
    await files.write(row);
    await formats.write(row, worse === undefined ? {} : { worse });
  };
  return {
    files,
    augmentation: () => (augmenter === undefined ? null : { ...augmenter.counts() }),
    async write(row, worse) {
      await put(row, worse);
      // a long context asks about the text in the question itself
      if (row.task === 'longContext') return;
      for (const copy of augmenter?.augment(row) ?? []) await put(copy, undefined);
    },
    close: async () => [...(await files.close()), ...(await formats.close())],
  };
}

const openAugmenter = (
  { augmentation, split }: GenerateInput,
  questions: AskedQuestions,
  countTokens: (text: string) => number,
): Augmenter | undefined =>
  augmentation === null
    ? undefined
    : createAugmenter({ settings: augmentation, seed: split.seed, questions, countTokens });
