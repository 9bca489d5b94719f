import { t } from '#messages/text.ts'
import { Fragment, type ReactElement, type ReactNode } from 'react'
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'

interface Pane {
  readonly id: string
  readonly content: ReactNode
  /** Share in percent, until a border is moved. */
  readonly share: number
}

interface PaneGroupProps {
  /** Under which the sizes are remembered, for each set of panes that is there. */
  readonly id: string
  readonly orientation: 'horizontal' | 'vertical'
  readonly panes: readonly Pane[]
}

/** Panes side by side or one below the other, with borders that can be moved, by keyboard too; panes may come and go. */
export function PaneGroup({ id, orientation, panes }: PaneGroupProps): ReactElement {
  const layout = useDefaultLayout({ id, storage: localStorage, panelIds: panes.map((pane) => pane.id) })
  return (
    <Group orientation={orientation} {...layout} className="panes">
      {panes.map((pane, index) => (
        <Fragment key={pane.id}>
          {index > 0 && <Separator className="splitter" aria-label={t('parts.move-border')} />}
          <Panel id={pane.id} minSize="12%" defaultSize={`${pane.share}%`} className="pane">
            {pane.content}
          </Panel>
        </Fragment>
      ))}
    </Group>
  )
}

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
    <Group orientation={orientation} {...layout} className="panes">
      <Panel id="first" minSize="20%" defaultSize={`${share}%`} className="pane">
        {first}
      </Panel>
      <Separator className="splitter" aria-label={t('parts.move-border')} />
      <Panel id="second" minSize="20%" className="pane-scrolls">
        {second}
      </Panel>
    </Group>
  )
}
