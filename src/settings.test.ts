import { describe, expect, test } from 'vitest';
import { SettingsError, parseCommandLine, readSettings, renderHelp } from './settings.ts';

const images = { 'operator-image': 'o', 'trainer-image': 't' };

describe('settings', () => {
  test('have defaults for everything but the images', () => {
    expect(readSettings(images, {})).toMatchObject({ leaderElection: true, metricsPort: 8080, watchNamespaces: [] });
    expect(() => readSettings({}, {})).toThrow(/--operator-image: .*\n--trainer-image: /);
  });

  test('come from flags before the environment, and an empty variable counts as not set', () => {
    const env = { DOCTUNE_LOG_LEVEL: 'debug', DOCTUNE_LEASE_NAME: 'mine', DOCTUNE_STORAGE_CLASS: '' };
    const settings = readSettings({ ...images, 'log-level': 'warn' }, env);
    expect(settings).toMatchObject({ logLevel: 'warn', leaseName: 'mine' });
    expect(settings.storageClass).toBeUndefined();
  });

  test('are split at commas', () => {
    expect(readSettings({ ...images, 'watch-namespaces': 'a, b,' }, {}).watchNamespaces).toEqual(['a', 'b']);
  });

  test.each([
    ['metrics-port', '70000'],
    ['progress-url', 'http://insecure'],
    ['watch-namespaces', 'Not_A_Name'],
    ['leader-election', 'yes'],
    ['log-level', 'loud'],
  ])('--%s does not take "%s"', (flag, value) =>
    expect(() => readSettings({ ...images, [flag]: value }, {})).toThrow(new RegExp(`^--${flag}: `)),
  );

  test('are told by name in the help, and unknown flags are refused', () => {
    expect(renderHelp()).toContain('--progress-url');
    expect(parseCommandLine(['--help']).isHelpWanted).toBe(true);
    expect(() => parseCommandLine(['--nonsense'])).toThrow(SettingsError);
  });
});
