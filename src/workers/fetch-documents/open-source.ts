import type { FetchInput } from '../../contract/inputs.ts';
import { readFolder } from './folder.ts';
import { readRepository } from './git/repository.ts';
import { createGuard } from './network/guard.ts';
import { readBucket } from './s3/index.ts';
import { createSelection } from './select.ts';
import type { ReadContext, Source } from './source.ts';
import { readSite } from './web/index.ts';

/** Open what the input names. `scratch` is a folder of this run. */
export async function openSource(
  { source }: Pick<FetchInput, 'source'>,
  scratch: string,
  context: ReadContext,
): Promise<Source> {
  const maxDocumentBytes = context.limits.maxDocumentBytes;
  if ('git' in source) {
    const selection = createSelection(source.git.include, source.git.exclude);
    const guard = createGuard(context.allowedNetworks);
    return readRepository(source.git, selection, { scratch, signal: context.signal, maxDocumentBytes, guard });
  }
  if ('web' in source) return readSite(source.web, createSelection(source.web.include, source.web.exclude), context);
  if ('s3' in source) return readBucket(source.s3, createSelection(source.s3.include, source.s3.exclude), context);
  const { path, include, exclude } = source.files;
  return readFolder(path, createSelection(include, exclude), maxDocumentBytes);
}

/** The field that chooses the documents of a source. */
export function sourceField({ source }: Pick<FetchInput, 'source'>): string {
  if ('git' in source) return 'spec.git';
  return 'web' in source ? 'spec.web' : 'spec.files';
}
