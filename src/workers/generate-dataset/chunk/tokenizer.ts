import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Template } from '@huggingface/jinja';
import { Tokenizer as LoadedTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import { countMessages, estimator, type Message, type Tokenizer } from './tokens.ts';

/** The tokenizer that a Dataset names; an estimate if it names none. */
export async function openTokenizer(setting: GenerateInput['chunking']['tokenizer']): Promise<Tokenizer> {
  if (setting === null) return estimator;
  if ('path' in setting) return loadTokenizer(setting.path, setting.path);
  return loadTokenizer(setting.builtIn, join(builtInFolder(), setting.builtIn));
}

/** They lie beside the bundles of the workers. */
const builtInFolder = (): string =>
  process.env['DOCTUNE_TOKENIZERS'] ?? fileURLToPath(new URL('../tokenizers', import.meta.url));

async function loadTokenizer(name: string, folder: string): Promise<Tokenizer> {
  const settings = settingsSchema.parse(await readJson(join(folder, 'tokenizer_config.json')).catch(() => ({})));
  const tokenizer = await openFile(folder, settings);
  const count = (text: string): number => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  const render = await chatTemplate(folder, settings);
  const chatTokens: Tokenizer['chatTokens'] = (messages) => countChat(messages, count, render);
  return { name, count, chatTokens, ...(render === undefined ? {} : { renderChat: render }) };
}

async function openFile(folder: string, settings: object): Promise<LoadedTokenizer> {
  const file = join(folder, 'tokenizer.json');
  try {
    const content = await readJson(file);
    if (typeof content !== 'object' || content === null) throw new Error('it holds no object');
    return new LoadedTokenizer(content, settings);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const remedy = 'name the folder of a model that has one, or leave the tokenizer out for an estimate';
    const message = `chunking.tokenizer: "${file}" cannot be used: ${text.slice(0, 200)}: ${remedy}`;
    throw new WorkerFailure('data', 'TokenizerUnusable', message);
  }
}

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8')) as unknown;

const specialToken = z.union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)]);
const settingsSchema = z.looseObject({
  bos_token: specialToken.nullish(),
  eos_token: specialToken.nullish(),
  chat_template: z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]).nullish(),
});
type Settings = z.infer<typeof settingsSchema>;
type Render = (messages: readonly Message[]) => string;

/** Newer models have the template in a file of its own. */
async function chatTemplate(folder: string, settings: Settings): Promise<Render | undefined> {
  const own = await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  const { chat_template: named, bos_token, eos_token } = settings;
  const listed = Array.isArray(named) ? named.find(({ name }) => name === 'default')?.template : named;
  const source = own ?? listed;
  if (source === undefined || source === null) return undefined;
  const template = new Template(source);
  const tokens = { bos_token: bos_token ?? '', eos_token: eos_token ?? '' };
  return (messages) => template.render({ messages, add_generation_prompt: false, ...tokens });
}

function countChat(messages: readonly Message[], count: Tokenizer['count'], render: Render | undefined): number {
  try {
    if (render !== undefined) return count(render(messages));
  } catch {
    // templates refuse what they do not know, such as a system message
  }
  return countMessages(messages, count);
}
