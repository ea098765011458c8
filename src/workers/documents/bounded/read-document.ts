import { packSections } from '../../generate-dataset/parse/packed.ts';
import { convertDocument } from '../convert/index.ts';
import { asDocumentFailure } from '../convert/failure.ts';
import type { Answer, Numbered, Reply, Request } from './messages.ts';

/** Program of the child processes that read documents: each message is a document, and so is each answer. */
async function read(request: Request): Promise<Answer> {
  try {
    if (request.kind === 'convert') return { text: await convertDocument(request.format, request.content) };
    const { parseDocument } = await import('../../generate-dataset/parse/index.ts');
    return { sections: packSections(await parseDocument(request, request.text)) };
  } catch (error) {
    return { failure: asDocumentFailure(error) };
  }
}

const send = (reply: Reply): void => void process.send?.(reply);
let current = 0;
process.on('message', ({ number, request }: Numbered) => {
  current = number;
  void read(request).then((answer) => send({ number, answer }));
});
// a library that throws in a callback of its own loses this document, not the process
process.on('uncaughtException', (error) => send({ number: current, answer: { failure: asDocumentFailure(error) } }));
process.on('disconnect', () => process.exit(0));
send({ ready: true });
