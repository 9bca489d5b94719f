/** Which part of a drawing is shown: all of it, until somebody zooms or drags it. */
import { useEffect, useState, type PointerEvent, type RefObject } from 'react'

export interface ViewBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const step = 1.25
const mostZoom = 5
const leastZoom = 0.4

/** The part that is `factor` times as close, with the point at shares `x` and `y` of it staying where it is. */
export function zoomed(view: ViewBox, whole: ViewBox, factor: number, x = 0.5, y = 0.5): ViewBox {
  const width = Math.min(whole.width / leastZoom, Math.max(whole.width / mostZoom, view.width / factor))
  const height = (width / view.width) * view.height
  return { x: view.x + (view.width - width) * x, y: view.y + (view.height - height) * y, width, height }
}

/** How the picture of a view lies in its box (`xMidYMid meet`): its scale and the empty room at its left and top. */
function placedIn(
  box: DOMRect,
  view: ViewBox,
): { readonly scale: number; readonly left: number; readonly top: number } {
  const scale = Math.min(box.width / view.width, box.height / view.height)
  return { scale, left: (box.width - view.width * scale) / 2, top: (box.height - view.height * scale) / 2 }
}

interface DrawingView {
  readonly view: ViewBox
  readonly isWhole: boolean
  zoom(isCloser: boolean): void
  fit(): void
  /** Drags the drawing while the pointer is held on its ground. */
  readonly ground: {
    readonly onPointerDown: (event: PointerEvent<SVGSVGElement>) => void
    readonly onPointerMove: (event: PointerEvent<SVGSVGElement>) => void
    readonly onPointerUp: () => void
    readonly onPointerCancel: () => void
  }
}

/** Zoom by wheel and button, pan by dragging the ground. */
export function useDrawingView(svg: RefObject<SVGSVGElement | null>, width: number, height: number): DrawingView {
  const whole: ViewBox = { x: 0, y: 0, width, height }
  const [own, setOwn] = useState<ViewBox>()
  const [held, setHeld] = useState<{ readonly x: number; readonly y: number; readonly view: ViewBox }>()
  const view = own ?? whole
  useEffect(() => {
    const element = svg.current
    if (!element) return
    const all: ViewBox = { x: 0, y: 0, width, height }
    const turn = (event: WheelEvent): void => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      setOwn((before) => {
        const seen = before ?? all
        const { scale, left, top } = placedIn(box, seen)
        return zoomed(
          seen,
          all,
          event.deltaY < 0 ? step : 1 / step,
          (event.clientX - box.x - left) / (seen.width * scale),
          (event.clientY - box.y - top) / (seen.height * scale),
        )
      })
    }
    // React listens passively, and the page would scroll along.
    element.addEventListener('wheel', turn, { passive: false })
    return () => element.removeEventListener('wheel', turn)
  }, [svg, width, height])
  const release = (): void => setHeld(undefined)
  return {
    view,
    isWhole: own === undefined,
    zoom: (isCloser) => setOwn(zoomed(view, whole, isCloser ? step : 1 / step)),
    fit: () => setOwn(undefined),
    ground: {
      onPointerDown: (event) => {
        if (event.target !== event.currentTarget || event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setHeld({ x: event.clientX, y: event.clientY, view })
      },
      onPointerMove: (event) => {
        if (!held) return
        const { scale } = placedIn(event.currentTarget.getBoundingClientRect(), held.view)
        setOwn({
          ...held.view,
          x: held.view.x - (event.clientX - held.x) / scale,
          y: held.view.y - (event.clientY - held.y) / scale,
        })
      },
      onPointerUp: release,
      onPointerCancel: release,
    },
  }
}
