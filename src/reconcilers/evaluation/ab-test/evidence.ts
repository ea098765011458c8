/** Requests of a backend, and how many of them went well. */
export interface Counts {
  requests: number;
  successes: number;
}

/** Logarithms of the evidence so far. */
export interface Evidence {
  better: number;
  worse: number;
}

const log = (successes: number, failures: number, chance: number): number =>
  (successes === 0 ? 0 : successes * Math.log(chance)) + (failures === 0 ? 0 : failures * Math.log(1 - chance));

// half a success and half a failure beforehand: a chance is never 0 or 1
const estimate = ({ requests, successes }: Counts): number => (successes + 0.5) / (requests + 1);

/**
 * Logarithm of the e-value of one block: how much more likely it is with these two chances than with one for both. The common
 * chance is weighed by the sizes of the block; then the mean of the e-value is at most 1 whenever the second backend is in
 * truth no better, whatever the chances are and even if they drift from block to block (Turner, Ly and Gruenwald 2024).
 */
function blockEvidence(stable: Counts, candidate: Counts, ofStable: number, ofCandidate: number): number {
  const total = stable.requests + candidate.requests;
  const common = (stable.requests * ofStable + candidate.requests * ofCandidate) / total;
  const likelihood = (chance: (one: Counts) => number): number =>
    log(stable.successes, stable.requests - stable.successes, chance(stable)) +
    log(candidate.successes, candidate.requests - candidate.successes, chance(candidate));
  return likelihood((one) => (one === stable ? ofStable : ofCandidate)) - likelihood(() => common);
}

/**
 * Evidence with one more block of requests. The chances come from the blocks before, so the product of the blocks is a test
 * martingale: by Ville's inequality it ever reaches 1/alpha with a probability of at most alpha, however often one looks.
 */
export function withBlock(before: Evidence, past: { stable: Counts; candidate: Counts }, block: typeof past): Evidence {
  const { stable, candidate } = block;
  if (stable.requests === 0 || candidate.requests === 0) return before;
  const ofStable = estimate(past.stable);
  const ofCandidate = estimate(past.candidate);
  // a side bets only when it leads: a bet on the other one would prove that
  const gain = blockEvidence(stable, candidate, ofStable, ofCandidate);
  if (ofCandidate > ofStable) return { ...before, better: before.better + gain };
  return { ...before, worse: before.worse + gain };
}
