import type { ReactElement, ReactNode } from 'react'
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'

interface PanesProps {
  /** Under which the sizes are remembered. */
  readonly id: string
  readonly orientation?: 'horizontal' | 'vertical'
  readonly first: ReactNode
  readonly second: ReactNode
  /** Share of the first pane in percent, until it is moved. */
  readonly share: number
}

/** Two panes with a border that can be moved, by keyboard too. */
export function Panes({ id, orientation = 'horizontal', first, second, share }: PanesProps): ReactElement {
  const layout = useDefaultLayout({ id, storage: localStorage, panelIds: ['first', 'second'] })
  return (
    <Group orientation={orientation} {...layout} style={{ flex: 1, minHeight: 0 }}>
      <Panel
        id="first"
        minSize="20%"
        defaultSize={`${share}%`}
        style={{ overflow: 'hidden', display: 'flex', flexDirection: 'column' }}
      >
        {first}
      </Panel>
      <Separator className="splitter" aria-label="Move the border" />
      <Panel id="second" minSize="20%" style={{ overflow: 'auto' }}>
        {second}
      </Panel>
    </Group>
  )
}
