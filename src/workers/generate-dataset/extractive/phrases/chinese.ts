import type { Topic } from '../topic.ts';
import type { Phrases } from './phrases.ts';

const place = ({ where }: Topic): string => (where === '' ? '' : `（${where}）`);
const under = ({ where }: Topic): string => (where === '' ? '' : `“${where}”中的`);

export const chinese: Phrases = {
  api: (t) => [
    `${t.project} 中的 ${t.name}${place(t)}有什么作用？`,
    `请解释 ${t.project} ${under(t)} ${t.name}。`,
    `在 ${t.project} 里，${t.name}${place(t)}是用来做什么的？`,
    `${t.project} 文档如何描述 ${t.name}${place(t)}？`,
  ],
  entry: (t) => [
    `${t.project} 中的 ${t.name}${place(t)}是什么？`,
    `请解释 ${t.project} ${under(t)} ${t.name}。`,
    `我在 ${t.project} 文档里看到 ${t.name}${place(t)}，它是什么意思？`,
    `${t.project} 文档如何描述 ${t.name}${place(t)}？`,
  ],
  defaultValue: (t) => [
    `${t.project} 中 ${t.name}${place(t)}的默认值是什么？`,
    `如果不设置 ${t.project} ${under(t)} ${t.name}，会使用什么值？`,
    `请告诉我 ${t.project} 里 ${t.name}${place(t)}的默认值。`,
  ],
  definition: (t) => [
    `在 ${t.project} 中，什么是 ${t.name}${place(t)}？`,
    `请给出 ${t.project} ${under(t)} ${t.name} 的定义。`,
    `${t.project} 文档如何定义 ${t.name}${place(t)}？`,
  ],
  lead: (t) => [
    `${t.project} 文档关于“${t.name}”${place(t)}说了什么？`,
    `请解释 ${t.project} ${under(t)}“${t.name}”。`,
    `我想了解 ${t.project} 的“${t.name}”${place(t)}，首先应该知道什么？`,
    `${t.project} 如何介绍“${t.name}”${place(t)}？`,
  ],
  code: (t, language) => [
    `请给出 ${t.project} 中“${t.name}”${place(t)}的代码示例。`,
    `${t.project} 里“${t.name}”${place(t)}的 ${language} 代码怎么写？`,
    `我需要 ${t.project} ${under(t)}“${t.name}”的示例代码。`,
  ],
  cell: (t, column) => [
    `在 ${t.project}${place(t)}中，${t.name} 的“${column}”是什么？`,
    `${t.project} 文档给出的 ${t.name}${place(t)}的“${column}”是什么？`,
    `请查 ${t.project} ${under(t)} ${t.name} 的“${column}”。`,
  ],
};
