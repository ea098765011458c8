import type { Chain } from '../local/objects.ts';
import { conditionOf } from '../local/objects.ts';

const barWidth = 20;

export function progressBar(percent: number): string {
  const filled = Math.round((Math.min(Math.max(percent, 0), 100) / 100) * barWidth);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.round(percent)).padStart(3)} %`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** What each stage has to tell beyond its phase. */
const details: { [Stage in keyof Chain]: (object: NonNullable<Chain[Stage]>) => string[] } = {
  source: ({ status }) => [
    status?.documents ? `${status.documents.total} documents` : '',
    status?.artifact ? status.artifact.revision.slice(0, 18) : '',
  ],
  dataset: ({ status }) => [status?.rows ? `${status.rows.total} rows, ${status.rows.train} of them to train` : ''],
  job: ({ status }) => [
    status?.training?.step === undefined ? '' : `step ${status.training.step} of ${status.training.totalSteps ?? '?'}`,
    status?.training?.loss === undefined ? '' : `loss ${Number(status.training.loss).toFixed(3)}`,
    status?.memory?.usedBytes === undefined
      ? ''
      : `${megabytes(status.memory.usedBytes)} of ${status.memory.device} memory`,
  ],
  evaluation: ({ status }) => [
    status?.progress?.itemsDone === undefined
      ? ''
      : `${status.progress.itemsDone} of ${status.progress.itemsTotal ?? '?'} answers`,
    status?.headline?.gate === undefined ? '' : `gate: ${status.headline.gate}`,
  ],
};

const titles = { source: 'DocSource', dataset: 'Dataset', job: 'FineTuneJob', evaluation: 'Evaluation' } as const;

function line<Stage extends keyof Chain>(stage: Stage, object: Chain[Stage]): string {
  const title = titles[stage].padEnd(12);
  if (!object) return `${title} ${'-'.padEnd(12)}`;
  const ready = conditionOf(object, 'Ready');
  const isDone = ready?.status === 'True';
  const percent = isDone ? 100 : (object.status?.progress?.percent ?? 0);
  const facts = details[stage](object).filter((fact) => fact !== '');
  const waiting = !isDone && facts.length === 0 ? (ready?.message ?? '') : '';
  return `${title} ${(object.status?.phase ?? 'Pending').padEnd(12)} ${progressBar(percent)}  ${facts.join(', ')}${waiting}`;
}

/** One line for each object of the chain. */
export function renderChain(chain: Chain): string[] {
  return [
    line('source', chain.source),
    line('dataset', chain.dataset),
    line('job', chain.job),
    line('evaluation', chain.evaluation),
  ];
}

/** Shows lines in place on a terminal; elsewhere prints those that changed, so that a log stays readable. */
export class LiveView {
  private shown: string[] = [];

  show(lines: string[]): void {
    if (process.stdout.isTTY) {
      if (this.shown.length > 0) process.stdout.write(`\x1b[${this.shown.length}A`);
      const width = process.stdout.columns;
      for (const text of lines) process.stdout.write(`\x1b[2K${text.slice(0, width - 1)}\n`);
    } else {
      for (const [index, text] of lines.entries()) if (text !== this.shown[index]) console.log(text);
    }
    this.shown = lines;
  }
}
