export interface GeneratedFile {
  /** relative to the repository */
  path: string;
  content: string;
}
