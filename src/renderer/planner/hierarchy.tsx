import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import { orderOf } from '#shared/planner/versions.ts'
import type { SiteState } from '#shared/planner/plan.ts'
import type { Site } from '#shared/planner/site.ts'
import { depthOf } from '#shared/planner/timeline.ts'

const boxWidth = 118
const gapX = 18
const gapY = 34

type One = NonNullable<Site['sites']>[number]

/** The sites below each other; one whose parent is not stated or goes in a circle stands at the top. */
function levelsOf(sites: readonly One[]): One[][] {
  const levels: One[][] = []
  for (const one of sites) (levels[depthOf(sites, one)] ??= []).push(one)
  return levels.filter((one) => one !== undefined)
}

interface HierarchyProps {
  readonly site: Site
  /** What each site has that is not as it should be; without it the versions alone are drawn. */
  readonly states?: readonly SiteState[]
}

/** The hierarchy drawn, each site with its version, and whether it is the newest. */
export function Hierarchy({ site, states }: HierarchyProps): ReactElement | null {
  const sites = site.sites ?? []
  const boxHeight = states ? 62 : 46
  if (sites.length < 2) return null
  const newest = Math.max(...sites.map((one) => (one.version === undefined ? -1 : orderOf(one.version))))
  const levels = levelsOf(sites)
  const width = Math.max(...levels.map((one) => one.length)) * (boxWidth + gapX)
  const place = new Map(
    levels.flatMap((level, y) =>
      level.map((one, index) => [
        one.code,
        { x: (width / (level.length + 1)) * (index + 1), y: y * (boxHeight + gapY) },
      ]),
    ),
  )
  const colourOf = ({ version }: One): string =>
    version === undefined ? 'var(--lab-quiet)' : orderOf(version) === newest ? 'var(--lab-good)' : 'var(--lab-wait)'
  const wordOf = ({ version }: One): string =>
    version === undefined
      ? t('planner-page.version-stated')
      : orderOf(version) === newest
        ? t('planner-page.newest')
        : t('planner-page.older')
  const stateOf = (code: string): string => {
    const own = states?.find((one) => one.code === code)
    return !own
      ? ''
      : own.violated > 0
        ? t('planner-page.count-violated', { count: own.violated })
        : own.unknown > 0
          ? t('planner-page.count-unknown', { count: own.unknown })
          : own.met > 0
            ? t('planner-page.should')
            : t('planner-page.nothing-stated')
  }
  return (
    <div className="planner-scroll spaced-below">
      <svg
        role="img"
        aria-label={t('planner-page.hierarchy', {
          sites: sites
            .map((one) => `${one.code} ${one.version ?? ''} ${wordOf(one)}${states ? `, ${stateOf(one.code)}` : ''}`)
            .join(', '),
        })}
        viewBox={`0 0 ${width} ${levels.length * (boxHeight + gapY) - gapY + 4}`}
        width={width}
        className="block"
      >
        {sites.map((one) => {
          const to = place.get(one.code)!
          const from = one.parent === undefined ? undefined : place.get(one.parent)
          return (
            <g key={one.code}>
              {from && (
                <line x1={from.x} y1={from.y + boxHeight} x2={to.x} y2={to.y} stroke="currentColor" strokeWidth={1} />
              )}
              <rect
                x={to.x - boxWidth / 2}
                y={to.y + 1}
                width={boxWidth}
                height={boxHeight}
                rx={4}
                fill="none"
                stroke={colourOf(one)}
                strokeWidth={1.5}
                {...(wordOf(one) === 'older' ? { strokeDasharray: '5 3' } : {})}
              />
              <text x={to.x} y={to.y + 20} fontSize={13} fontWeight={600} textAnchor="middle" fill="currentColor">
                {one.code} {one.version}
              </text>
              <text x={to.x} y={to.y + 37} fontSize={11} textAnchor="middle" fill="currentColor">
                {one.role ?? t('planner-page.role-stated')}, {wordOf(one)}
              </text>
              <text
                x={to.x}
                y={to.y + 53}
                fontSize={11}
                textAnchor="middle"
                fill={stateOf(one.code).endsWith('violated') ? 'var(--lab-bad)' : 'var(--lab-quiet)'}
              >
                {stateOf(one.code)}
              </text>
            </g>
          )
        })}
      </svg>
    </div>
  )
}
