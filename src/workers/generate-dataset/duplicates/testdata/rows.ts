import { pick, randomOf } from './random.ts';

export interface PlainRow {
  question: string;
  answer: string;
  language: 'en' | 'zh';
}

/** Rows of an imaginary server's handbook. Many differ in one word only and ask for different things all the same. */
export function plainRows(count: number, seed = 1): PlainRow[] {
  const random = randomOf(seed);
  const rows = new Map<string, PlainRow>();
  while (rows.size < count) {
    const row = rows.size % 2 === 0 ? english(random) : chinese(random);
    if (!rows.has(row.question)) rows.set(row.question, row);
  }
  return [...rows.values()];
}

const things = [
  'request timeout',
  'connection timeout',
  'body limit',
  'keep-alive period',
  'log level',
  'trust proxy list',
  'session store',
  'cookie secret',
  'route prefix',
  'error handler',
  'schema compiler',
  'plugin timeout',
  'maximum header size',
  'TLS certificate',
  'query string parser',
  'content type parser',
  'rate limit',
  'retry policy',
  'connection pool',
  'worker count',
  'cache directory',
  'health check path',
  'shutdown grace period',
  'upload folder',
  'response compression',
  'access log format',
  'metrics endpoint',
  'database address',
  'migration table',
  'job queue',
  'mail sender',
  'template folder',
  'static file root',
  'allowed origins',
  'password hash cost',
  'token lifetime',
  'webhook signature',
  'event buffer',
  'search index',
  'backup schedule',
] as const;
const places = [
  'server',
  'router',
  'command line client',
  'admin console',
  'background worker',
  'test harness',
  'plugin loader',
  'container image',
  'load balancer',
  'scheduler',
] as const;
const reasons = [
  'It is read once when the process starts, so a change needs a restart.',
  'A value of zero switches the check off, which is only wise behind a proxy.',
  'Larger values cost memory for each open connection.',
  'The value is inherited by every nested scope unless that scope sets its own.',
  'An invalid value stops the start with a message that names the field.',
  'Environment variables win over the file, and flags win over both.',
  'It applies to new connections only; open ones keep what they had.',
  'The unit is milliseconds, and numbers below ten are refused.',
  'When it is missing, the value of the parent directory is taken.',
  'Secrets belong into a file that only the service account may read.',
] as const;

function english(random: () => number): PlainRow {
  const [thing, place, reason] = [pick(things, random), pick(places, random), pick(reasons, random)];
  const key = thing.toLowerCase().replace(/[^a-z]+(.)/g, (_, letter: string) => letter.toUpperCase());
  const size = 1 + Math.floor(random() * 90);
  const forms: [string, string][] = [
    [
      `How do I change the ${thing} of the ${place}?`,
      `Set \`${key}\` in the section of the ${place} to the value you need, for example ${size}. ${reason}`,
    ],
    [
      `What is the default ${thing} in the ${place}?`,
      `The ${place} starts with a ${thing} of ${size} unless \`${key}\` says otherwise. ${reason}`,
    ],
    [
      `Why does the ${place} ignore my ${thing}?`,
      `Most often \`${key}\` stands in the wrong section: the ${place} only looks below its own name. ${reason}`,
    ],
    [
      `Where does the ${place} store the ${thing}?`,
      `It lies in \`${place.replaceAll(' ', '-')}.yaml\` under \`${key}\`, next to ${size} other fields. ${reason}`,
    ],
    [
      `Can the ${thing} be different for each tenant of the ${place}?`,
      `Yes: give every tenant its own \`${key}\`; up to ${size} tenants were tried. ${reason}`,
    ],
  ];
  forms.push([
    `Who may see the ${thing} of the ${place}?`,
    `Only the owner of the ${place} may; everybody else is shown that a ${thing} exists. ${reason}`,
  ]);
  const [question, answer] = pick(forms, random);
  return { question, answer, language: 'en' };
}

const chineseThings = [
  '请求超时时间',
  '连接超时时间',
  '请求体大小上限',
  '日志级别',
  '会话存储方式',
  '路由前缀',
  '错误处理函数',
  '插件加载顺序',
  '请求头长度',
  '证书路径',
  '查询字符串解析器',
  '限流策略',
  '重试次数',
  '连接池大小',
  '工作线程数量',
  '缓存目录',
  '健康检查路径',
  '优雅退出时间',
  '上传文件夹',
  '响应压缩等级',
  '访问日志格式',
  '监控指标地址',
  '数据库地址',
  '迁移记录表',
  '任务队列长度',
  '发件人邮箱',
  '模板目录',
  '静态资源根目录',
  '跨域白名单',
  '令牌有效期',
] as const;
const chinesePlaces = [
  '网关',
  '服务端',
  '命令行工具',
  '管理后台',
  '后台任务进程',
  '测试框架',
  '插件系统',
  '容器镜像',
  '负载均衡器',
  '调度器',
] as const;
const chineseReasons = [
  '该值只在进程启动时读取一次，修改之后需要重启。',
  '数值为零表示关闭检查，只有放在代理后面时才这样做。',
  '数值越大，每个连接占用的内存也越多。',
  '子作用域会继承这个值，除非它自己另外设置。',
  '填写非法的值会让启动失败，报错信息里有字段名。',
  '环境变量优先于配置文件，命令行参数又优先于环境变量。',
  '只对新建立的连接生效，已有连接保持原来的设置。',
  '单位是毫秒，小于十的数字会被拒绝。',
  '如果没有填写，就使用上级目录里的值。',
  '机密内容应当放在只有服务账号能读的文件里。',
] as const;

function chinese(random: () => number): PlainRow {
  const [thing, place, reason] = [
    pick(chineseThings, random),
    pick(chinesePlaces, random),
    pick(chineseReasons, random),
  ];
  const size = 1 + Math.floor(random() * 90);
  const forms: [string, string][] = [
    [`在${place}中如何设置${thing}？`, `在${place}的配置段里填写${thing}即可，例如${size}。${reason}`],
    [`${place}默认的${thing}是多少？`, `没有另外说明的话，${place}的${thing}是${size}。${reason}`],
    [
      `为什么${place}没有使用我设置的${thing}？`,
      `多半是${thing}写错了位置，${place}只读取自己名字下面的第${size}段。${reason}`,
    ],
    [`${place}把${thing}保存在哪个文件里？`, `保存在${place}目录下的主配置文件中，大约在第${size}行。${reason}`],
    [
      `不同的租户可以在${place}里使用不同的${thing}吗？`,
      `可以，为每个租户单独填写${thing}，我们试过${size}个租户。${reason}`,
    ],
  ];
  forms.push([
    `谁可以查看${place}的${thing}？`,
    `只有${place}的负责人可以查看${thing}，其他人只能看到它已经存在。${reason}`,
  ]);
  const [question, answer] = pick(forms, random);
  return { question, answer, language: 'zh' };
}
