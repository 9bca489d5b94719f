/** Where the window was, on the screens that are there now. */
import type { WindowPlace } from '#shared/contract/shell.ts'

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Size {
  readonly width: number
  readonly height: number
}

const usual: Size = { width: 1440, height: 900 }
/** Below this the lists of the pages no longer fit. */
export const smallest: Size = { width: 1024, height: 640 }

const overlap = (a: Area, b: Area): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y))

const within = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most))

/**
 * Bounds for a new window, in the coordinates of the screens' work areas (the first is the primary one): wholly on the
 * screen that holds most of the place it had, never larger than that screen; centred on the primary one the first time,
 * and where the screen it was on is gone.
 */
export function placeWindow(kept: WindowPlace | null, screens: readonly Area[]): Area & { isMaximized: boolean } {
  const [primary = { x: 0, y: 0, ...usual }] = screens
  const home = kept
    ? screens.reduce<{ screen: Area; shared: number } | undefined>((best, screen) => {
        const shared = overlap(kept, screen)
        return shared > (best?.shared ?? 0) ? { screen, shared } : best
      }, undefined)?.screen
    : undefined
  const screen = home ?? primary
  const wanted = kept ?? usual
  const width = Math.min(Math.max(wanted.width, smallest.width), screen.width)
  const height = Math.min(Math.max(wanted.height, smallest.height), screen.height)
  const centred = {
    x: Math.round(screen.x + (screen.width - width) / 2),
    y: Math.round(screen.y + (screen.height - height) / 2),
  }
  return {
    x: kept && home ? within(kept.x, screen.x, screen.x + screen.width - width) : centred.x,
    y: kept && home ? within(kept.y, screen.y, screen.y + screen.height - height) : centred.y,
    width,
    height,
    isMaximized: kept?.isMaximized ?? false,
  }
}
