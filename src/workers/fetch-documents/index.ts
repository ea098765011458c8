import { runWorker } from '../shell/run.ts';
import { fetchDocuments } from './fetch.ts';

await runWorker('fetch-documents', fetchDocuments);
