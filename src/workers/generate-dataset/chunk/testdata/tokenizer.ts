import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Printable ASCII: all that the texts of these tests are made of; Ġ stands for a blank, Ċ for a line end. */
const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
const merges = ['h e', 'l l', 'he ll', 'hell o', 'Ġ hello', 'Ċ Ċ'];
const specials = ['<|turn|>', '<|end|>'];

/** A byte-level BPE tokenizer in the form of real ones, with a chat template beside it, in a new folder. */
export async function writeTokenizer(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  const tokens = [...specials, ...letters, 'Ġ', 'Ċ', ...merges.map((merge) => merge.replace(' ', ''))];
  const added = specials.map((content, id) => ({ id, content, special: true, normalized: false }));
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const model = { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges };
  const tokenizer = { added_tokens: added, normalizer: null, pre_tokenizer: bytes, decoder: bytes, model };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...tokenizer, post_processor: null }));
  const template =
    "{% for message in messages %}{% if message['role'] == 'tool' %}{{ raise_exception('no tools') }}{% endif %}" +
    "<|turn|>{{ message['role'] }}\n{{ message['content'] }}<|end|>{% endfor %}";
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: template }));
  return folder;
}
