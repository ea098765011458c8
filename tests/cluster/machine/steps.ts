/** Seconds between two signs of life of a long step. */
const heartbeatSeconds = 30;

/**
 * Do a piece of work and tell on standard error what it is, how long it usually takes and how long it took.
 * `usual` is a measured time on two cores, in words ("2 min").
 */
export async function step<T>(title: string, usual: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const elapsed = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  console.error(`· ${title} (usually ${usual})`);
  const heartbeat = setInterval(
    () => console.error(`  ${title}: still at it after ${elapsed()}`),
    heartbeatSeconds * 1000,
  );
  try {
    const result = await work();
    console.error(`  ${title}: done in ${elapsed()}`);
    return result;
  } catch (error) {
    console.error(`  ${title}: failed after ${elapsed()}`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Ask again every `every` milliseconds until the answer is not undefined. Throws after `limit` milliseconds. */
export async function until<T>(
  what: string,
  limit: number,
  ask: () => Promise<T | undefined>,
  every = 200,
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what} after ${limit / 1000} s`);
    await new Promise((wake) => setTimeout(wake, every));
  }
}
