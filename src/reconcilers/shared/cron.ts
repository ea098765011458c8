import { Cron } from 'croner';

/** The first moment of a schedule after a time; undefined if it never comes. Throws if schedule or time zone are wrong. */
export function nextTick(schedule: string, timeZone: string, after: Date): Date | undefined {
  // five fields, as in a CronJob: a field for seconds would train every second
  const cron = new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
  return cron.nextRun(after) ?? undefined;
}
