/** Direction of imports: main -> reconcilers -> controller -> api; contract is shared with the workers; kinds are islands. */
const rule = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

export default {
  forbidden: [
    rule('no-cycles', 'two files that need each other are one topic, or lack a third', {}, { circular: true }),
    rule(
      'api-is-pure',
      'src/api imports zod and nothing else: move the logic to a reconciler',
      { path: '^src/api/', pathNot: '\\.test\\.ts$' },
      { pathNot: '^(src/api/|node_modules/(zod|@kubernetes-models)/)' },
    ),
    rule(
      'contract-is-pure',
      'src/contract is the promise to workers: it may import zod and node:crypto only',
      { path: '^src/contract/', pathNot: '\\.test\\.ts$' },
      { pathNot: '^(src/contract/|node_modules/zod/|crypto$)' },
    ),
    rule(
      'controller-knows-no-kind',
      'src/controller knows Kubernetes and no kind: pass what you need as a Reconciler',
      { path: '^src/controller/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(reconcilers|workers|progress|main)' },
    ),
    rule(
      'kinds-are-islands',
      'a kind must not import another kind: share by src/reconcilers/shared or by status',
      { path: '^src/reconcilers/(doc-source|dataset|fine-tune-job|evaluation)/' },
      { path: '^src/reconcilers/(doc-source|dataset|fine-tune-job|evaluation)/', pathNot: '^src/reconcilers/$1/' },
    ),
    rule(
      'plans-are-pure',
      'plan.ts and render.ts do no I/O: read it in observe.ts',
      { path: '(plan|render)\\.ts$' },
      { dependencyTypes: ['core'], pathNot: '^crypto$' },
    ),
    rule(
      'workers-are-apart',
      'workers share only src/contract with the operator',
      { path: '^src/workers/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(api|controller|reconcilers|progress)/' },
    ),
    rule(
      'operator-runs-no-worker',
      'the operator starts workers as Jobs, never by import',
      { path: '^src/(api|controller|reconcilers|progress|main)' },
      { path: '^src/workers/' },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
