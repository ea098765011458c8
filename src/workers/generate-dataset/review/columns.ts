/** Columns of the sheet. Reviewers fill in the last four; verdicts are read from a file with the same names. */
export const sheetColumns = [
  'id',
  'fact',
  'task',
  'question',
  'answer',
  'evidence',
  'url',
  'verdict',
  'edited answer',
  'reviewer',
  'comment',
] as const;

/** without them a verdict belongs to nothing */
export const neededColumns = ['id', 'fact', 'verdict'] as const;
