/**
 * Do work on each item, up to `size` of them at a time, and give the results in the order of the items. Items are taken only as
 * fast as results are.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  size: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<{ value: R } | { error: unknown }>[] = [];
  for await (const item of items) {
    // a rejection is met when its turn comes
    running.push(
      work(item).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    );
    if (running.length >= size) yield await settle(running.shift());
  }
  while (running.length > 0) yield await settle(running.shift());
}

async function settle<R>(promise: Promise<{ value: R } | { error: unknown }> | undefined): Promise<R> {
  const result = await promise;
  if (result === undefined) throw new Error('nothing is running');
  if ('error' in result) throw result.error;
  return result.value;
}
