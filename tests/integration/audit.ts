import { readFile } from 'node:fs/promises';

interface AuditEvent {
  verb: string;
  requestURI: string;
  responseStatus?: { code?: number };
  user: { username: string };
  objectRef?: { resource?: string; namespace?: string; name?: string; subresource?: string };
}

/** What the operator has written into a namespace, as the API server tells it: "patch jobs/x", "patch docsources/x/status". */
export async function writesOf(auditLog: string, namespace: string): Promise<string[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n');
  return lines
    .filter((line) => line.includes(`"namespace":"${namespace}"`))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user, objectRef }) => user.username === 'operator' && objectRef?.namespace === namespace)
    .map(({ verb, objectRef }) => {
      const { resource = '', name = '', subresource } = objectRef ?? {};
      return `${verb} ${resource}/${name}${subresource === undefined ? '' : `/${subresource}`}`;
    });
}
