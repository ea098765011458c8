import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WorkerFailure } from '../../shell/failure.ts';

/**
 * Nothing of the user's or the system's configuration, no agent, no question, one key, and only hosts that the Secret knows.
 * git appends the port, the host and the command.
 */
const script = `#!/bin/sh
exec ssh -F /dev/null \\
  -o BatchMode=yes -o StrictHostKeyChecking=yes -o UpdateHostKeys=no \\
  -o UserKnownHostsFile="$DOCTUNE_KNOWN_HOSTS" -o GlobalKnownHostsFile=/dev/null \\
  -o IdentityFile="$DOCTUNE_IDENTITY" -o IdentitiesOnly=yes -o IdentityAgent=none \\
  -o PreferredAuthentications=publickey -o ClearAllForwardings=yes -o PermitLocalCommand=no \\
  -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 "$@"
`;

const keys = '"identity" (a private key) and "known_hosts"';

/**
 * The environment in which git uses ssh with the key of a mounted Secret. The files are copied to `home`: ssh refuses a
 * key that others may read, as mounted ones are. Throws a `credentials` failure when a file is missing.
 */
export async function prepareSsh(credentials: string | undefined, home: string): Promise<NodeJS.ProcessEnv> {
  if (credentials === undefined) {
    const message = `the repository is read over ssh: name a Secret with the keys ${keys} in spec.git.secretRef`;
    throw new WorkerFailure('credentials', 'AuthenticationFailed', message);
  }
  const copy = async (name: string): Promise<string> => {
    const text = await readFile(join(credentials, name), 'utf8').catch((error: unknown) => {
      const message = `the Secret of spec.git.secretRef lacks "${name}": over ssh it needs the keys ${keys}`;
      throw new WorkerFailure('credentials', name === 'identity' ? 'AuthenticationFailed' : 'HostKeyUnknown', message, {
        cause: error,
      });
    });
    const path = join(home, name);
    // a key without its last line break, or with those of Windows, is not read
    await writeFile(path, `${text.replaceAll('\r\n', '\n').trimEnd()}\n`, { mode: 0o600 });
    return path;
  };
  const [identity, knownHosts] = [await copy('identity'), await copy('known_hosts')];
  await checkIdentity(identity);
  const command = join(home, 'ssh');
  await writeFile(command, script, { mode: 0o700 });
  return {
    GIT_SSH: command,
    GIT_SSH_VARIANT: 'ssh',
    DOCTUNE_IDENTITY: identity,
    DOCTUNE_KNOWN_HOSTS: knownHosts,
  };
}

/** ssh passes over a key that needs a passphrase without a word, which would look like a key that is refused. */
async function checkIdentity(path: string): Promise<void> {
  await promisify(execFile)('ssh-keygen', ['-y', '-P', '', '-f', path]).catch((error: unknown) => {
    const message =
      '"identity" of spec.git.secretRef is no private key that ssh can read: give one without a passphrase, in the form of OpenSSH';
    throw new WorkerFailure('credentials', 'IdentityUnreadable', message, { cause: error });
  });
}
