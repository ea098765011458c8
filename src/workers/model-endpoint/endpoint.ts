import { APIError } from 'openai';
import type { EndpointInput } from '../../contract/inputs.ts';
import type { Question } from './question.ts';
import { renderRequest } from './render.ts';
import { readReply, type ReadReply } from './reply.ts';
import { createSender, type Flight } from './sender.ts';
import { createSpokenDialect } from './spoken-dialect.ts';
import { openTransport } from './transport.ts';

export interface Endpoint {
  /** One answer or what the client library throws. A request that the endpoint does not understand is put in other words. */
  ask(question: Question, maxTokens: number, signal: AbortSignal, flight: Flight): Promise<ReadReply>;
  close(): Promise<void>;
}

/** A client for any endpoint that speaks the chat completions protocol. */
export async function openEndpoint(input: EndpointInput, field: string, probeMs: number): Promise<Endpoint> {
  const transport = await openTransport(input, field);
  const send = createSender(input, field, transport.fetch);
  const spoken = createSpokenDialect(probeMs);

  const askInDialects: Endpoint['ask'] = async (question, maxTokens, signal, flight) => {
    for (;;) {
      const tried = spoken.current();
      try {
        const completion = await send(renderRequest(input.model, question, maxTokens, tried), signal, flight);
        const reply = readReply(completion);
        if (reply === undefined) throw new APIError(502, undefined, 'an answer in no known form', undefined);
        spoken.noteReply(tried, question, reply);
        return reply;
      } catch (error) {
        if (!spoken.noteRefusal(tried, error)) throw error;
      }
    }
  };

  return {
    ask: (...asked) =>
      spoken.isSettled() || asked[0].form === undefined
        ? askInDialects(...asked)
        : spoken.probe(() => askInDialects(...asked)),
    close: transport.close,
  };
}
