const fileName =
  /(?:(?:^|[/_.-])(?:change-?_?logs?|release-?_?notes?|what-?s-?_?new)|(?:^|\/)(?:changes|history|news|releases))(?:[-_.]?v?\d[\w.-]*)?(?:\.[a-z]+)?$/i;
const folder = /(?:^|\/)(?:changelogs?|release-?_?notes?|releases|whats-?_?new|news)\//i;
const title =
  /^(?:full |the )?(?:change ?log|release notes|release history|version history|changes in (?:version )?v?\d[\w.]*|what['’]s new(?: in .+)?|更新日志|变更日志|变更记录|修改记录|发布说明|版本历史|更新历史)s?$/i;

/** Whether a chunk tells what changed in which version, by the name of its file or of a heading above it. */
export const isChangelog = (path: string, heading: readonly string[]): boolean =>
  fileName.test(path) || folder.test(path) || heading.some((entry) => title.test(entry.replace(/[`*:：]/g, '').trim()));
