import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeWindow, type Area } from '../../src/main/electron/window-state.ts'

const laptop: Area = { x: 0, y: 25, width: 1920, height: 1055 }
const left: Area = { x: -2560, y: 0, width: 2560, height: 1440 }
const kept = (place: Partial<Area>, isMaximized = false) => ({
  x: 100,
  y: 100,
  width: 1200,
  height: 800,
  ...place,
  isMaximized,
})

test('the first time it is centred on the primary screen', () => {
  expect(placeWindow(null, [laptop, left])).toEqual({ x: 240, y: 103, width: 1440, height: 900, isMaximized: false })
})

test('it comes back where it was, on either screen, maximised if it was', () => {
  expect(placeWindow(kept({}, true), [laptop])).toEqual({ ...kept({}), isMaximized: true })
  expect(placeWindow(kept({ x: -2000 }), [laptop, left])).toMatchObject({ x: -2000, y: 100 })
})

test('where its screen is gone it is centred on the primary one, with the size it had', () => {
  expect(placeWindow(kept({ x: -2000 }), [laptop])).toEqual({ ...kept({}), x: 360, y: 153 })
})

test('a window half off the screen is pulled in; one larger than the screen becomes as large as it', () => {
  expect(placeWindow(kept({ x: 1500, y: 900 }), [laptop])).toMatchObject({ x: 720, y: 280 })
  expect(placeWindow(kept({ width: 5000, height: 3000 }), [laptop])).toMatchObject({ ...laptop })
})

test('a screen smaller than the smallest window still holds it', () => {
  const small: Area = { x: 0, y: 0, width: 800, height: 560 }
  expect(placeWindow(null, [small])).toMatchObject(small)
})

test('whatever was kept, the window lies wholly on one screen', () => {
  const number = fc.integer({ min: -10_000, max: 10_000 })
  const size = fc.integer({ min: 1, max: 10_000 })
  const area = fc.record({ x: number, y: number, width: fc.integer({ min: 640, max: 8000 }), height: fc.integer({ min: 480, max: 8000 }) }) // prettier-ignore
  const place = fc.record({ x: number, y: number, width: size, height: size, isMaximized: fc.boolean() })
  fc.assert(
    fc.property(fc.option(place), fc.array(area, { minLength: 1, maxLength: 4 }), (saved, screens) => {
      const { x, y, width, height } = placeWindow(saved, screens)
      return screens.some(
        (screen) =>
          x >= screen.x &&
          y >= screen.y &&
          x + width <= screen.x + screen.width &&
          y + height <= screen.y + screen.height,
      )
    }),
  )
})
