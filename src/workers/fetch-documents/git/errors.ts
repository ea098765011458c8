import { WorkerFailure } from '../../shell/failure.ts';
import { GitError } from './command.ts';

interface Case {
  pattern: RegExp;
  failure: (detail: string, hasCredentials: boolean) => WorkerFailure;
}

const unreachable = (detail: string): WorkerFailure =>
  new WorkerFailure('unavailable', 'SourceUnreachable', `cannot reach spec.git.url: ${detail}`);

/** What git writes in the C locale, first match wins. */
const cases: Case[] = [
  {
    pattern: /could not read (Username|Password)|Authentication failed|returned error: 40[13]|HTTP 40[13]/i,
    failure: (_, hasCredentials) =>
      new WorkerFailure(
        'credentials',
        'AuthenticationFailed',
        hasCredentials
          ? 'the repository refuses the username and password of spec.git.secretRef: correct the Secret'
          : 'the repository asks for credentials: name a Secret with the keys username and password in spec.git.secretRef',
      ),
  },
  {
    pattern: /returned error: 404|repository '.*' not found|does not appear to be a git repository|does not exist/i,
    failure: (_, hasCredentials) =>
      new WorkerFailure(
        'source',
        'RepositoryNotFound',
        `there is no repository at spec.git.url: correct it${hasCredentials ? '' : ', or name a Secret in spec.git.secretRef if it is private'}`,
      ),
  },
  {
    pattern: /transport '.*' not allowed/i,
    failure: () =>
      new WorkerFailure(
        'config',
        'UrlNotSupported',
        'spec.git.url leads to a transport other than http, https and file',
      ),
  },
];

/** Sort a failure of git that talked to a remote: what is not known is worth another try. */
export function asSourceFailure(error: unknown, hasCredentials: boolean): unknown {
  if (!(error instanceof GitError)) return error;
  const known = cases.find(({ pattern }) => pattern.test(error.stderr));
  return known?.failure(error.message, hasCredentials) ?? unreachable(error.message);
}
