/**
 * Versions of Configuration Manager and their builds (Microsoft, "Updates and servicing for Configuration Manager", Version
 * details). A site file may name either: `2403`, or the 5.00.9128.1000 that a console or a client shows.
 */

/** The third number of the build that each version came with, the oldest first. */
const builds: readonly (readonly [version: string, build: number])[] = [
  ['2012', 7711], ['2012 SP1', 7804], ['2012 R2', 7958], ['2012 SP2', 8239], ['2012 R2 SP1', 8239],
  ['1511', 8325], ['1602', 8355], ['1606', 8412], ['1610', 8458], ['1702', 8498], ['1706', 8540], ['1710', 8577],
  ['1802', 8634], ['1806', 8692], ['1810', 8740], ['1902', 8790], ['1906', 8853], ['1910', 8913], ['2002', 8968],
  ['2006', 9012], ['2010', 9040], ['2103', 9049], ['2107', 9058], ['2111', 9068], ['2203', 9078], ['2207', 9088],
  ['2211', 9096], ['2303', 9106], ['2309', 9122], ['2403', 9128], ['2409', 9132], ['2503', 9135], ['2509', 9141],
  ['2603', 9146],
] // prettier-ignore
const buildsOf = new Map(builds)
const currentBranch = builds.filter(([version]) => !version.startsWith('2012'))

const buildPattern = /^5\.(?:0{1,2}\.)?(\d{4})(?:\.\d+)*$/
/** `2403` (year and month), 2007, `2012 R2 SP1`, or a build: 5.00.9128.1000, 5.0.9128, 5.7730. */
export const versionPattern = /^((1[5-9]|[2-9]\d)(0[1-9]|1[0-2])|2012( R2)?( SP\d)?|5\.(0{1,2}\.)?\d{4}(\.\d+){0,2})$/

/** Builds before current branch are a fraction, so that each is older than every version since 1511. */
const fraction = (build: number): number => build / 10_000

/**
 * Where a version stands among all: 2403 for version 2403 and its builds, a number below one for what came before current
 * branch. Configuration Manager 2007 came before all of them; a build between two versions stands between them.
 */
export function orderOf(version: string): number {
  // The console shows its release where the others have their build: 5.2303.1082.1700.
  const shown = buildPattern.exec(version)?.[1]
  const name = shown !== undefined && buildsOf.has(shown) ? shown : shown === undefined ? version : undefined
  if (name === '2007') return 0
  if (name !== undefined) return name.startsWith('2012') ? fraction(buildsOf.get(name) ?? 7711) : Number(name)
  const build = Number(shown)
  const base = currentBranch.findLast(([, first]) => first <= build)
  return base ? Number(base[0]) + fraction(build - base[1]) : fraction(build)
}

/** Before current branch: Configuration Manager 2012 and 2007. */
export const isOld = (version: string): boolean => orderOf(version) < 1

/** A build before current branch, such as 5.7730, in the order of versions. */
export const orderOfBuild = fraction

/** The build in the version of an ADK, of Windows PE or of Windows: 22621 of `10.1.22621.1`. */
export const buildOf = (version: string | undefined): number | undefined => {
  const build = /^\d+\.\d+\.(\d+)/.exec(version ?? '')?.[1]
  return build === undefined ? undefined : Number(build)
}
