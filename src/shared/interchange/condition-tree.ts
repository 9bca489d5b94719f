/** Conditions on clients as a tree over whatever is compared: what is read has comparisons as leaves, what is written has atoms. */
export type ConditionTree<Leaf> =
  | Leaf
  | { readonly is: 'not'; readonly of: ConditionTree<Leaf> }
  | { readonly is: 'all'; readonly of: readonly ConditionTree<Leaf>[] }
  | { readonly is: 'any'; readonly of: readonly ConditionTree<Leaf>[] }
