import { WorkerFailure } from '../../shell/failure.ts';
import { GitError } from './command.ts';

/** How a repository is spoken to, for messages that say what to correct. */
export type Access = 'anonymous' | 'password' | 'key';

export function accessOf(url: URL, credentials: string | undefined): Access {
  if (url.protocol === 'ssh:') return 'key';
  return credentials === undefined ? 'anonymous' : 'password';
}

interface Case {
  pattern: RegExp;
  failure: (access: Access, detail: string) => WorkerFailure;
}

const unreachable = (detail: string): WorkerFailure =>
  new WorkerFailure('unavailable', 'SourceUnreachable', `cannot reach spec.git.url: ${detail}`);

const refused: Record<Access, string> = {
  anonymous:
    'the repository asks for credentials: name a Secret with the keys username and password in spec.git.secretRef',
  password: 'the repository refuses the username and password of spec.git.secretRef: correct the Secret',
  key: 'the repository refuses the key "identity" of spec.git.secretRef: correct the Secret, or add its public key to the repository',
};

/** What git and ssh write in the C locale, first match wins. */
const cases: Case[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    failure: () =>
      new WorkerFailure(
        'credentials',
        'HostKeyMismatch',
        'the host of spec.git.url shows another key than "known_hosts" of spec.git.secretRef tells: if the host has a new key, correct the Secret; if not, somebody stands in between',
      ),
  },
  {
    pattern: /Host key verification failed/,
    failure: () =>
      new WorkerFailure(
        'credentials',
        'HostKeyUnknown',
        'the host of spec.git.url is not in "known_hosts" of spec.git.secretRef: add its line, as ssh-keyscan prints it',
      ),
  },
  {
    pattern:
      /could not read (Username|Password)|Authentication failed|returned error: 40[13]|HTTP 40[13]|Permission denied \(/i,
    failure: (access) => new WorkerFailure('credentials', 'AuthenticationFailed', refused[access]),
  },
  {
    pattern:
      /returned error: 404|repository '.*' not found|repository not found|does not appear to be a git repository|does not exist/i,
    failure: (access) =>
      new WorkerFailure(
        'source',
        'RepositoryNotFound',
        `there is no repository at spec.git.url: correct it${access === 'anonymous' ? ', or name a Secret in spec.git.secretRef if it is private' : ''}`,
      ),
  },
  {
    pattern: /returned error: 30\d|unable to update url base from redirection/i,
    failure: () =>
      new WorkerFailure(
        'config',
        'RepositoryMoved',
        'spec.git.url redirects to where no repository is, perhaps to a login: correct it, or name a Secret in spec.git.secretRef',
      ),
  },
  {
    pattern: /transport '.*' not allowed/i,
    failure: () =>
      new WorkerFailure('config', 'UrlNotSupported', 'spec.git.url leads to another kind of transport: correct it'),
  },
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    failure: () =>
      new WorkerFailure(
        'source',
        'SourceTooLarge',
        'the repository does not fit the scratch space: narrow spec.git.include, or use a server that allows partial fetches',
      ),
  },
];

/** Sort a failure of git that talked to a remote: what is not known is worth another try. */
export function asSourceFailure(error: unknown, access: Access): unknown {
  if (!(error instanceof GitError)) return error;
  const known = cases.find(({ pattern }) => pattern.test(error.stderr));
  return known?.failure(access, error.message) ?? unreachable(error.message);
}
