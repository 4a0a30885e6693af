/**
 * Limits the work of one evaluation: every visit of a node, and every text, is charged. The embedding language decides
 * how many steps it has (`MAX_STEPS` in `lib/expression/evaluation.ts`), and what happens when they are used up.
 */
export interface Budget {
  /** @throws when the budget is exhausted */
  charge (steps: number): void
}
