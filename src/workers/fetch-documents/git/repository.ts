import type { FetchInput } from '../../../contract/inputs.ts';
import { licencesAbove } from '../../documents/licence/licences.ts';
import { formatOf } from '../classify.ts';
import type { Guard } from '../network/guard.ts';
import { createReach, type Selection } from '../select.ts';
import type { Candidate, Source } from '../source.ts';
import { readBlobs } from './blobs.ts';
import { fetchCommit } from './commit.ts';
import { accessOf, asSourceFailure } from './errors.ts';
import { settle } from './moved.ts';
import { gather, type Gathered } from './parts.ts';
import { openSession } from './session.ts';
import { parseUrl } from './url.ts';

type GitSource = Extract<FetchInput['source'], { git: unknown }>['git'];
interface Options {
  scratch: string;
  signal: AbortSignal;
  maxDocumentBytes: number;
  guard: Guard;
}

/**
 * The selected files of one commit. Nothing is checked out: blobs are read from the object database, so no hook,
 * filter, attribute or link of the repository can act here.
 */
export async function readRepository(source: GitSource, isSelected: Selection, options: Options): Promise<Source> {
  const { credentials, submodules: withSubmodules } = source;
  const { scratch, signal, maxDocumentBytes, guard } = options;
  const url = await settle(parseUrl(source.url), signal);
  const access = accessOf(url, credentials);
  try {
    const session = await openSession(url, { credentials, scratch, signal });
    const { commit, name } = await fetchCommit(session, source.ref);
    const reaches = createReach(source.include, source.exclude);
    const settings = { isSelected, reaches, withSubmodules, credentials, guard, scratch, signal };
    const gathered = await gather({ session, url, commit, prefix: '' }, settings);
    const licences = await readLicences(gathered, maxDocumentBytes);
    const algorithm = commit.length === 40 ? 'sha1' : 'sha256';
    return {
      revision: `${name === undefined ? '' : `${name}@`}${algorithm}:${commit}`,
      total:
        gathered.skipped.length +
        gathered.parts.reduce((sum, { tree }) => sum + tree.files.length + tree.links.length, 0),
      licences,
      candidates: asFailing(readAll(gathered, maxDocumentBytes), access),
    };
  } catch (error) {
    throw asSourceFailure(error, access);
  }
}

async function* asFailing(
  candidates: AsyncIterable<Candidate>,
  access: ReturnType<typeof accessOf>,
): AsyncGenerator<Candidate> {
  try {
    yield* candidates;
  } catch (error) {
    throw asSourceFailure(error, access);
  }
}

async function* readAll({ parts, skipped }: Gathered, maxBytes: number): AsyncGenerator<Candidate> {
  yield* skipped;
  for (const { session, commit, tree } of parts) {
    for (const { path } of tree.links) yield { path, skip: 'Symlink' };
    // what no parser reads is not even asked for
    const isKnown = ({ path }: { path: string }): boolean => formatOf(path) !== undefined;
    for (const { path } of tree.files) if (!isKnown({ path })) yield { path, skip: 'UnknownFormat' };
    yield* readBlobs(session, commit, tree.files.filter(isKnown), maxBytes);
  }
}

async function readLicences({ parts }: Gathered, maxBytes: number): Promise<NonNullable<Source['licences']>> {
  const selected = parts.flatMap(({ tree }) => tree.files.map(({ path }) => path));
  const licences: { path: string; content: Buffer }[] = [];
  for (const { session, commit, tree } of parts) {
    for await (const candidate of readBlobs(session, commit, licencesAbove(tree.licences, selected), maxBytes)) {
      if ('content' in candidate) licences.push(candidate);
    }
  }
  return licences;
}
