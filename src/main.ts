import process from 'node:process';
import { messageOf } from './controller/errors.ts';
import { createLog } from './controller/log.ts';
import type { Log } from './controller/log.ts';
import { operatorKinds } from './operator-kinds.ts';
import { startOperator } from './operator.ts';
import type { Operator } from './operator.ts';
import { SettingsError, parseCommandLine, readSettings, renderHelp } from './settings.ts';
import type { Settings } from './settings.ts';

/** wrong settings, as a shell has it for wrong usage */
const usageExit = 2;

async function stopAndExit(operator: Operator, log: Log, code: number): Promise<void> {
  try {
    await operator.stop();
    log.info({}, 'stopped');
  } catch (error) {
    log.error({ error: messageOf(error) }, 'stopping failed');
  }
  process.exit(code);
}

async function run(settings: Settings): Promise<void> {
  const log = createLog(settings.logLevel);
  process.on('unhandledRejection', (error) => {
    log.error(
      { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined },
      'unhandled rejection',
    );
    process.exit(1);
  });
  const operator = await startOperator({
    settings,
    log,
    createKinds: operatorKinds(settings),
    // a fresh process is the one state that is known to be right
    onLost: () => void stopAndExit(operator, log, 1),
  });
  log.info({ metricsPort: operator.metricsPort, healthPort: operator.healthPort }, 'started');
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      void stopAndExit(operator, log, 0);
    });
}

async function main(): Promise<void> {
  const { values, isHelpWanted, isPrintWanted } = parseCommandLine(process.argv.slice(2));
  if (isHelpWanted) {
    process.stdout.write(renderHelp());
    return;
  }
  const settings = readSettings(values, process.env);
  if (isPrintWanted) process.stdout.write(`${JSON.stringify(settings, undefined, 2)}\n`);
  else await run(settings);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof SettingsError ? usageExit : 1;
}
