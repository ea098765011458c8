import type { Block } from '../block.ts';
import { joinProse, mapWhole, type Prose } from '../prose.ts';
import { proseOf } from './inline.ts';
import { countIndented, countWhile, dedent, spanOfLines, textOf, trimBlank, type Line } from '../lines.ts';
import { listTable } from './list-table.ts';
import type { Place } from './place.ts';

interface Directive {
  name: string;
  /** what stands on its own line */
  argument: Line;
  /** without the options */
  body: Line[];
  lines: readonly Line[];
}

const code =
  /^(?:code-block|code|sourcecode|parsed-literal|prompt|testcode|doctest|ipython|console|productionlist|highlight-block)$/;
/** what such an example is written in, where nothing tells */
const languages = new Map([
  ['prompt', 'bash'],
  ['console', 'console'],
  ['testcode', 'python'],
  ['doctest', 'python'],
  ['ipython', 'python'],
]);
const notes = /^(?:note|tip|hint|important|warning|caution|danger|attention|error|admonition)$/;
/** those that hold a part of the document */
const containers =
  /^(?:table|glossary|container|compound|only|topic|tabs?|tab-set|tab-item|group-tab|code-tab|dropdown|details|collapse|grid|grid-item|grid-item-card|card|epigraph|hlist|centered|class|rst-class)$/;
const entries =
  /^(?:(?:py|c|cpp|js|rst|std):)?(?:function|class|method|classmethod|staticmethod|attribute|property|data|exception|decorator|decoratormethod|module|type|struct|union|enum|enumerator|member|var|macro|option|cmdoption|envvar|confval|setting|program-option|directive|role|describe|object|opcode|coroutinefunction|coroutinemethod|function-entry|http:\w+)$/;

/** What begins with two dots: a directive with its content, or a comment, a target or a footnote, which say nothing. */
export function readDirective(
  lines: readonly Line[],
  at: number,
  place: Place,
  previous: Block | undefined,
): [number, ...Block[]] {
  const directive = parseDirective(lines, at);
  return [directive.lines.length, ...blocksOf(directive, place, previous)];
}

function parseDirective(lines: readonly Line[], at: number): Directive {
  const count = 1 + countIndented(lines, at + 1);
  const part = lines.slice(at, at + count);
  const first = part[0] ?? { text: '', start: 0, indent: 0, isBlank: true };
  const [marker = '', name = ''] = /^\.\. (?:\|[^|]*\| )?([\w:+.-]+?)::(?:\s+|$)/.exec(first.text) ?? [];
  const rest = part.slice(1);
  // options stand right below; names of further entries may stand between
  const head = countWhile(rest, 0, (line) => !line.isBlank);
  const options = rest.slice(0, head).findIndex((line) => /^\s+:[\w-]+:/.test(line.text));
  const body = options === -1 ? rest : [...rest.slice(0, options), ...rest.slice(head)];
  return {
    name,
    argument: { ...first, text: first.text.slice(marker.length), start: first.start + marker.length },
    body,
    lines: part,
  };
}

function blocksOf(directive: Directive, place: Place, previous: Block | undefined): Block[] {
  const { name, argument, lines } = directive;
  const body = trimBlank(dedent(directive.body));
  const span = spanOfLines(lines);
  const other: Block = { kind: 'other', ...span };
  const nested = { ...place, isNested: true };
  if (code.test(name)) {
    const language = languages.get(name) ?? argument.text.trim().split(/\s/)[0] ?? '';
    return [{ kind: 'code', language, code: textOf(body), ...span }];
  }
  if (entries.test(name)) return entry(directive, nested);
  if (name === 'list-table' || name === 'csv-table') return [listTable(name, body, span) ?? other];
  if (name === 'rubric') return [{ kind: 'paragraph', prose: proseOf([argument]), ...span }];
  // a note right below a title does not tell what the section is about
  const isAside = notes.test(name) && previous?.kind === 'heading';
  if (isAside || !(notes.test(name) || containers.test(name))) return [other];
  const hasText = notes.test(name) && name !== 'admonition' && argument.text.trim() !== '';
  const blocks = place.read(hasText ? [argument, ...dedent(directive.body)] : body, nested);
  return blocks.length === 0 ? [other] : blocks;
}

/** An entry of an API: its signatures are a heading, whose section ends with the directive. */
function entry({ name, argument, body, lines }: Directive, place: Place): Block[] {
  const { start, end } = spanOfLines(lines);
  const signature = argument.text.trim().replace(/\\/g, '');
  if (signature === '' || /(?:^|:)module$/.test(name))
    return [{ kind: 'other', start, end }, ...place.read(trimBlank(dedent(body)), place)];
  const depth = place.depth + 1;
  const title: Prose = mapWhole(`\`${signature}\``, {
    start: argument.start,
    end: argument.start + argument.text.trimEnd().length,
  });
  const head = lines[0] ?? argument;
  const heading: Block = {
    kind: 'heading',
    depth,
    prose: joinProse([title]),
    until: end,
    start,
    end: head.start + head.text.trimEnd().length,
  };
  // further signatures stand in the lines below
  const more = countWhile(body, 0, (line) => !line.isBlank);
  const isSignature = body[0]?.isBlank === false && body[more]?.isBlank !== false && signatureLike.test(body[0].text);
  return [heading, ...place.read(trimBlank(dedent(isSignature ? body.slice(more) : body)), { ...place, depth })];
}

const signatureLike = /^\s+(?:[\w.]+\(|-{1,2}\w)/;
