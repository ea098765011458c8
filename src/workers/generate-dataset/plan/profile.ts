import { createHash } from 'node:crypto';
import type { Corpus } from '../corpus.ts';
import { featuresOf, type Features } from './features.ts';
import type { Chosen } from './quota.ts';

/** A chosen chunk with what its text is good for. */
export interface Profile extends Chosen, Features {
  /** of the text alone: a chunk keeps it when its document changes elsewhere */
  digest: string;
  /** of the prose of the document: its code is in Latin letters in any case */
  language: 'zh' | 'en';
}

/** Look into the text of each chosen chunk; every document is read once. */
export async function profileChunks(corpus: Corpus, chosen: readonly Chosen[]): Promise<Profile[]> {
  const byDocument = Map.groupBy(chosen.entries(), ([, { chunk }]) => chunk.document);
  const profiles: Profile[] = [];
  for (const [document, entries] of byDocument) {
    const text = await corpus.text(document);
    const language = proseLanguage(text);
    const format = corpus.documents[document]?.format;
    for (const [at, entry] of entries) {
      const own = text.slice(entry.chunk.start, entry.chunk.end);
      const digest = createHash('sha256').update(own).digest('hex').slice(0, 32);
      profiles[at] = { ...entry, ...featuresOf(own, format), digest, language };
    }
  }
  return profiles;
}

const code = /```[^]*?(?:```|$(?![^]))|`[^`\n]*`|^(?: {3,}|\t).*$|^\.\. .*$|\bhttps?:\/\/\S+|<[^>\n]+>/gm;

/** A Chinese text has English names in it, but an English one hardly a Chinese character. */
export function proseLanguage(text: string): 'zh' | 'en' {
  const prose = text.replace(code, ' ');
  const chinese = prose.match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  const latin = prose.match(/[A-Za-z]/g)?.length ?? 0;
  return chinese * 4 > latin ? 'zh' : 'en';
}
