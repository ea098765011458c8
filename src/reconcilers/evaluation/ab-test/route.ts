import type { JsonPatchOperation } from '../../../controller/plan.ts';
import type { HttpRoute } from '../../shared/http-route.ts';

interface Shares {
  stable: string;
  candidate: string;
  /** percent */
  weight: number;
}

/** Rules of a route that have both backends; only these share traffic between them. */
function sharing({ spec }: HttpRoute, { stable, candidate }: Shares) {
  return (spec?.rules ?? []).flatMap(({ backendRefs = [] }, rule) => {
    const at = (name: string): number => backendRefs.findIndex((backend) => backend.name === name);
    const [ofStable, ofCandidate] = [at(stable), at(candidate)];
    return ofStable < 0 || ofCandidate < 0 ? [] : [{ rule, backendRefs, ofStable, ofCandidate }];
  });
}

export const hasBackends = (route: HttpRoute, shares: Shares): boolean => sharing(route, shares).length > 0;

/**
 * What changes the weights of two backends and nothing else. Each step tests the name first, so that a route that was
 * edited meanwhile is refused instead of spoilt. None if the weights are right.
 */
export function weightPatch(route: HttpRoute, shares: Shares): JsonPatchOperation[] {
  return sharing(route, shares).flatMap(({ rule, backendRefs, ofStable, ofCandidate }) =>
    [
      { index: ofStable, name: shares.stable, weight: 100 - shares.weight },
      { index: ofCandidate, name: shares.candidate, weight: shares.weight },
    ].flatMap(({ index, name, weight }): JsonPatchOperation[] => {
      if (backendRefs[index]?.weight === weight) return [];
      const path = `/spec/rules/${rule}/backendRefs/${index}`;
      return [
        { op: 'test', path: `${path}/name`, value: name },
        { op: 'add', path: `${path}/weight`, value: weight },
      ];
    }),
  );
}
