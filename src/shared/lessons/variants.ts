/** Variants of a lesson are numbered from 1 to this. */
export const mostVariant = 9999
