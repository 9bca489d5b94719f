/** The known name that looks most like a wrong one, for "did you mean"; undefined where none is near. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, at) => at)
    for (let i = 1; i <= a.length; i++) {
      const next = [i]
      for (let j = 1; j <= b.length; j++)
        next.push(
          Math.min(
            row[j]! + 1,
            next[j - 1]! + 1,
            row[j - 1]! + (a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase() ? 0 : 1),
          ),
        )
      row = next
    }
    return row[b.length]!
  }
  const best = known.map((key) => ({ key, far: distance(wrong, key) })).sort((a, b) => a.far - b.far)[0]
  return best && best.far <= Math.max(2, wrong.length / 3) ? best.key : undefined
}
