/** Values that others wrote, before anything walks through them by calling itself: schemas and JSON do, and the stack ends. */

/** Far more than any document of ours has, and far less than a stack holds. */
const mostLevels = 200

const isNest = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)

/** Whether a value has more levels of lists and objects than anything of ours; one that contains itself has. */
export function isNestedTooDeeply(value: unknown): boolean {
  let level = new Set([value].filter(isNest))
  for (let depth = 0; level.size > 0; depth++) {
    if (depth > mostLevels) return true
    level = new Set([...level].flatMap((one) => (Object.values(one) as unknown[]).filter(isNest)))
  }
  return false
}
