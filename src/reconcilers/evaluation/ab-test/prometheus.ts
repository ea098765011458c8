import { request } from 'undici';

const timeoutMs = 10_000;
const maxAnswerBytes = 65_536;

interface Answer {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

function valueOf({ status, error, data }: Answer): number | undefined {
  if (status !== 'success') throw new Error(error ?? 'it answered without "success"');
  const { resultType, result } = data ?? {};
  if (resultType === 'scalar') return Number((result as [number, string])[1]);
  if (resultType !== 'vector') throw new Error(`the query gives a ${resultType ?? 'nothing'}, not one number`);
  const series = result as { value: [number, string] }[];
  if (series.length > 1) throw new Error(`the query gives ${series.length} series, not one: sum them`);
  const value = Number(series[0]?.value[1]);
  return Number.isFinite(value) ? value : undefined;
}

/** Ask a Prometheus for one number at a time. */
export async function queryPrometheus(url: string, expression: string, at: Date): Promise<number | undefined> {
  const address = new URL('api/v1/query', url.endsWith('/') ? url : `${url}/`);
  address.searchParams.set('query', expression);
  address.searchParams.set('time', String(at.getTime() / 1000));
  const { body, statusCode } = await request(address, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const text = await body.text();
  if (text.length > maxAnswerBytes) throw new Error(`its answer has more than ${maxAnswerBytes} bytes`);
  let answer: Answer;
  try {
    answer = JSON.parse(text) as Answer;
  } catch {
    throw new Error(`it answered with status ${statusCode} and no JSON`);
  }
  return valueOf(answer);
}
