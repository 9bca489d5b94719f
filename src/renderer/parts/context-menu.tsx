/** The menu of a row, where the pointer or the keyboard asked for it. */
import { Menu } from '@mantine/core'
import { useCallback, useState, type KeyboardEvent, type MouseEvent, type ReactElement, type ReactNode } from 'react'

export interface MenuPlace<T> {
  readonly x: number
  readonly y: number
  readonly item: T
}

/** Which item's menu is open where, and what opens it. */
export function useContextMenu<T>(): {
  readonly place: MenuPlace<T> | undefined
  readonly close: () => void
  readonly openAt: (event: MouseEvent, item: T) => void
  /** By the menu key or Shift+F10, which the browser tells of as a context menu at the focused element. */
  readonly openByKey: (event: KeyboardEvent, item: T, element: Element) => void
} {
  const [place, setPlace] = useState<MenuPlace<T>>()
  const openAt = useCallback((event: MouseEvent, item: T) => {
    event.preventDefault()
    setPlace({ x: event.clientX, y: event.clientY, item })
  }, [])
  const openByKey = useCallback((event: KeyboardEvent, item: T, element: Element) => {
    event.preventDefault()
    const { left, bottom } = element.getBoundingClientRect()
    setPlace({ x: left + 24, y: bottom, item })
  }, [])
  return { place, close: useCallback(() => setPlace(undefined), []), openAt, openByKey }
}

/** Whether a key asks for the menu of what is selected. */
export const isMenuKey = (event: KeyboardEvent): boolean =>
  event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')

interface ContextMenuProps<T> {
  readonly label: string
  readonly place: MenuPlace<T> | undefined
  readonly onClose: () => void
  readonly children: (item: T) => ReactNode
}

export function ContextMenu<T>({ label, place, onClose, children }: ContextMenuProps<T>): ReactElement | null {
  if (!place) return null
  return (
    <Menu
      opened
      onClose={onClose}
      position="bottom-start"
      shadow="sm"
      offset={0}
      withInitialFocusPlaceholder={false}
      // The key that opens it comes to the document afterwards, and would close it as a key beside it.
      clickOutsideEvents={['mousedown', 'touchstart']}
      trapFocus
      returnFocus
    >
      <Menu.Target>
        {/* Where the pointer is known only when it is clicked: no class can say it. */}
        <button
          type="button"
          className="menu-place"
          tabIndex={-1}
          aria-label={label}
          style={{ left: place.x, top: place.y }}
        />
      </Menu.Target>
      <Menu.Dropdown>{children(place.item)}</Menu.Dropdown>
    </Menu>
  )
}
