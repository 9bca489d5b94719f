import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Text, UnstyledButton } from '@mantine/core'
import type { ReactElement } from 'react'
import {
  countReaches,
  heatColumns,
  heatRows,
  reachOf,
  type Chosen,
  type HeatCell,
  type HeatRow,
  type Reach,
} from '#shared/diagnosis/co-hosting-heat.ts'
import {
  describeRow,
  dimensionNames,
  dimensions,
  matrixClientNames,
  valueNames,
  type Dimension,
  type MatrixClient,
  type MatrixEntry,
} from '#shared/diagnosis/co-hosting.ts'
import { Rich } from '../parts/rich.tsx'

/** Whom a set-up boots, told by its shape as by its colour. */
export const Mark = ({ reach }: { readonly reach: Reach }): ReactElement => (
  <span className="heat-mark" data-reach={reach} aria-hidden />
)

const valuesOf = (names: readonly Dimension[], chosen: Chosen): string =>
  names.map((name) => `${textOf(dimensionNames[name])} ${textOf(valueNames[chosen[name]!]!)}`).join(', ')

/** How many of these set-ups boot whom. */
export function describeCounts(entries: readonly MatrixEntry[], client: MatrixClient | undefined): string {
  const { everybody, some, nobody } = countReaches(entries, client)
  return client === undefined
    ? t('simulator.boot-every-machine-some-none', { everybody, some, nobody })
    : t('simulator.boot-do-not', { everybody, client: matrixClientNames[client], nobody })
}

const describeCell = ({ chosen, entries }: HeatCell, client: MatrixClient | undefined): string =>
  `${valuesOf([...heatRows, ...heatColumns], chosen)}: ${describeCounts(entries, client)}`

/** The heads of one level: each value over the columns that have it. */
function Head({ name, first }: { readonly name: (typeof heatColumns)[number]; readonly first: HeatRow }): ReactElement {
  const spans: { value: string; columns: number }[] = []
  let before: string | undefined
  for (const { chosen } of first.cells) {
    // A value begins anew wherever one above it changes.
    const above = heatColumns
      .slice(0, heatColumns.indexOf(name) + 1)
      .map((one) => chosen[one])
      .join('.')
    if (above === before) spans.at(-1)!.columns++
    else spans.push({ value: chosen[name]!, columns: 1 })
    before = above
  }
  return (
    <tr>
      <th colSpan={heatRows.length} scope="row" className="heat-dimension">
        {textOf(dimensionNames[name])}
      </th>
      {spans.map(({ value, columns }, at) => (
        <th key={at} colSpan={columns} scope="colgroup">
          {textOf(valueNames[value])}
        </th>
      ))}
    </tr>
  )
}

export function MatrixHeat({
  grid,
  client,
  selected,
  onSelect,
}: {
  readonly grid: readonly HeatRow[]
  readonly client: MatrixClient | undefined
  readonly selected: HeatCell | undefined
  readonly onSelect: (cell: HeatCell) => void
}): ReactElement {
  const [first] = grid
  if (!first) return <Text p="md">{t('simulator.no-set-up-left')}</Text>
  return (
    <table className="heat">
      <caption>
        <Rich
          message={say('simulator.heat-legend')}
          tags={{
            everybody: () => <Mark reach="everybody" />,
            some: () => <Mark reach="some" />,
            nobody: () => <Mark reach="nobody" />,
          }}
        />
      </caption>
      <thead>
        {heatColumns.map((name) => (
          <Head key={name} name={name} first={first} />
        ))}
      </thead>
      <tbody>
        {grid.map(({ chosen, cells }, at) => {
          const isFirst = grid[at - 1]?.chosen.dhcp !== chosen.dhcp
          return (
            <tr key={at} data-first={isFirst || undefined}>
              {isFirst && (
                <th scope="rowgroup" rowSpan={grid.filter((one) => one.chosen.dhcp === chosen.dhcp).length}>
                  {chosen.dhcp === 'none'
                    ? t('simulator.no-dhcp')
                    : t('simulator.dhcp', { where: valueNames[chosen.dhcp!] })}
                </th>
              )}
              <th scope="row">
                {chosen.pxe === 'none' ? t('simulator.no-pxe-service') : textOf(valueNames[chosen.pxe!])}
              </th>
              {cells.map((cell, column) => (
                <td key={column}>
                  <UnstyledButton
                    className="heat-cell"
                    aria-label={describeCell(cell, client)}
                    aria-pressed={cell === selected}
                    onClick={() => onSelect(cell)}
                  >
                    {dimensions.service.map((service) => (
                      <span key={service} className="heat-line">
                        {cell.entries
                          .filter(({ row }) => row.service === service)
                          .map((entry) => (
                            <span key={entry.key} title={textOf(describeRow(entry.row))}>
                              <Mark reach={reachOf(entry, client)} />
                            </span>
                          ))}
                      </span>
                    ))}
                  </UnstyledButton>
                </td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
