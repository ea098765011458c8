import { expect, test } from 'vitest';
import type { Prose } from '../parse/prose.ts';
import { leadAnswer } from './answer.ts';

const proseOf = (text: string): Prose => ({
  text,
  spans: text.split('').map((_, index) => ({ start: index, end: index + 1 })),
  linked: 0,
});

test.each([
  ['For basic examples, see', 'LEADS_TO_LIST'],
  ['每个人都会有不同的需求，比如', 'LEADS_TO_LIST'],
  ['可以通过以下途径来获取帮助', 'POINTS_ELSEWHERE'],
  ['如果有任何安装相关的问题，请首先查看文档。', 'POINTS_ELSEWHERE'],
  ['Consult the docs for the class.', 'POINTS_ELSEWHERE'],
  ['Newcomers should first read our guide.', 'POINTS_ELSEWHERE'],
  ['The validation documentation outlines all options.', 'POINTS_ELSEWHERE'],
  ['对应源码请访问这里进行查看。', 'POINTS_ELSEWHERE'],
  ['This is where I have to reiterate the cost.', 'CHATTY'],
  ['Each context in the previous example has a parent.', 'POINTS_ELSEWHERE'],
  ['Are you an `async/await` user? We have you covered!', 'CHATTY'],
  ['Say you want to contribute to a repository.', 'CHATTY'],
  ['The following examples aim at other uses.', 'POINTS_ELSEWHERE'],
  ['In this example, the path is patched.', 'NOT_SELF_CONTAINED'],
  ['我们假设您已经成功安装。', 'CHATTY'],
  ['They are represented by an enum.', 'NOT_SELF_CONTAINED'],
  ['Consider a scenario with two users.', 'CHATTY'],
  ['This plugin guide is for plugins.', 'CHATTY'],
  ['上一节讲的是如何订阅事件源。', 'CHATTY'],
  ['To Be Continued', 'PLACEHOLDER'],
  ['last release: Oct 2020, status: 5 - Stable, requires: none', 'METADATA'],
])('"%s" is no answer: %s', (text, reason) => {
  expect(leadAnswer(proseOf(text))).toEqual({ reason });
});
