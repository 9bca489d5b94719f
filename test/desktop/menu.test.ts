import type { MenuItemConstructorOptions } from 'electron'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { speakBest } from '#messages/speak.ts'
import { pageLinks } from '#shared/contract/pages.ts'
import { menuTemplate, type MenuActions, type MenuState } from '../../src/main/electron/menu.ts'
import { labelOf, withFile, withoutFile } from '../../src/main/electron/recent.ts'

const state: MenuState = {
  platform: 'win32',
  isPackaged: true,
  hasLab: true,
  canStart: true,
  canStop: false,
  recent: [],
}
const actions = (): MenuActions =>
  Object.fromEntries(
    [
      'newLab', 'openLab', 'openCapture', 'openRecent', 'clearRecent', 'saveLabAs', 'start', 'stop', 'go', 'show',
      'openDocumentation', 'openLogFolder',
    ].map((name) => [name, vi.fn()]),
  ) as unknown as MenuActions // prettier-ignore

const flat = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])])
const all = (changed: Partial<MenuState>, act = actions()): MenuItemConstructorOptions[] =>
  flat(menuTemplate({ ...state, ...changed }, act))
const item = (id: string, changed: Partial<MenuState> = {}, act = actions()): MenuItemConstructorOptions => {
  const found = all(changed, act).find((one) => one.id === id)
  if (!found) throw new Error(`The menu has no ${id}.`)
  return found
}
const press = (one: MenuItemConstructorOptions): void => (one.click as unknown as (() => void) | undefined)?.()

describe('the menu', () => {
  test('enables what the state allows', () => {
    expect([item('save-lab-as').enabled, item('save-lab-as', { hasLab: false }).enabled]).toEqual([true, false])
    expect([item('start').enabled, item('stop').enabled]).toEqual([true, false])
    const running = { canStart: false, canStop: true }
    expect([item('start', running).enabled, item('stop', running).enabled]).toEqual([false, true])
    expect([item('open-recent').enabled, item('clear-recent').enabled]).toEqual([false, false])
  })

  test('has developer tools in a checkout only', () => {
    const has = (isPackaged: boolean): boolean => all({ isPackaged }).some((one) => one.role === 'toggleDevTools')
    expect([has(true), has(false)]).toEqual([false, true])
  })

  test('lists every page with a key, and goes there', () => {
    const act = actions()
    for (const [index, { page }] of pageLinks.entries()) {
      const entry = item(`page-${page}`, {}, act)
      expect(entry.accelerator).toBe(`CmdOrCtrl+${index + 1}`)
      press(entry)
      expect(act.go).toHaveBeenLastCalledWith(page)
    }
  })

  test.each(['win32', 'darwin', 'linux'] as const)('gives no accelerator twice on %s', (platform) => {
    const keys = all({ platform, isPackaged: false }).flatMap(({ accelerator }) => accelerator ?? [])
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
    expect(keys.length).toBeGreaterThan(12)
  })

  test('has Quit and About in the application menu on macOS, and in File and Help elsewhere', () => {
    const place = (
      platform: NodeJS.Platform,
      test: (one: MenuItemConstructorOptions) => boolean,
    ): (string | undefined)[] =>
      menuTemplate({ ...state, platform }, actions())
        .filter((menu) => flat((menu.submenu as MenuItemConstructorOptions[] | undefined) ?? []).some(test))
        .map((menu) => menu.label)
    expect(place('darwin', (one) => one.role === 'quit')).toEqual(['PXE Lab'])
    expect(place('darwin', (one) => one.id === 'about')).toEqual(['PXE Lab'])
    expect(place('win32', (one) => one.role === 'quit')).toEqual(['&File'])
    expect(place('win32', (one) => one.id === 'about')).toEqual(['&Help'])
  })

  test('opens a recent file, and tells two of the same name apart', () => {
    const act = actions()
    const recent = [
      { kind: 'lab', path: '/bench/lab.yaml' },
      { kind: 'lab', path: '/class/lab.yaml' },
      { kind: 'capture', path: '/bench/a & b.pcap' },
    ] as const
    const labels = all({ recent, platform: 'linux' }).map(({ label }) => label)
    expect(labels).toEqual(expect.arrayContaining(['lab.yaml (/bench)', 'lab.yaml (/class)', 'a && b.pcap']))
    press(all({ recent }, act).find(({ label }) => label === 'a && b.pcap')!)
    expect(act.openRecent).toHaveBeenCalledWith(recent[2])
  })
})

describe('the menu in another language', () => {
  afterEach(() => speakBest(['en']))

  test.each([
    ['de', '&Datei', 'Datei', 'Rückgängig'],
    ['fr', '&Fichier', 'Fichier', 'Annuler'],
    ['ja', 'ファイル(&F)', 'ファイル', '元に戻す'],
    ['zh-Hans', '文件(&F)', '文件', '撤消'],
  ])(
    '%s: a letter is underlined but on macOS, and what Electron would name has a name',
    async (tag, file, onMac, undo) => {
      await speakBest([], tag)
      const headings = (platform: NodeJS.Platform) =>
        menuTemplate({ ...state, platform }, actions()).map(({ label }) => label)
      expect(headings('win32')[0]).toBe(file)
      // One letter opens one menu.
      const letters = headings('win32').map((label) => /&(.)/.exec(label!)![1]!.toLowerCase())
      expect(new Set(letters).size).toBe(letters.length)
      expect(headings('darwin')[1]).toBe(onMac)
      expect(headings('darwin').filter((label) => label?.includes('&'))).toEqual([])
      expect(all({}).find(({ role }) => role === 'undo')!.label).toBe(undo)
      for (const platform of ['win32', 'darwin'] as const)
        expect(
          all({ platform, isPackaged: false }).filter(({ type, label }) => type !== 'separator' && !label),
        ).toEqual([])
    },
  )
})

describe('recent files', () => {
  const file = (path: string) => ({ kind: 'lab', path }) as const

  test('the newest is first, each is there once, ten are kept', () => {
    let list = [file('/0')]
    for (let number = 1; number < 15; number++) list = withFile(list, file(`/${number}`), 'linux') as typeof list
    list = withFile(list, file('/9'), 'linux') as typeof list
    expect(list.map(({ path }) => path)).toEqual(['/9', '/14', '/13', '/12', '/11', '/10', '/8', '/7', '/6', '/5'])
    expect(withoutFile(list, '/14', 'linux')).toHaveLength(9)
  })

  test('on Windows the case of a path does not make another file', () => {
    expect(withFile([file('C:\\Lab.yaml')], file('c:\\lab.yaml'), 'win32')).toHaveLength(1)
    expect(withFile([file('/Lab.yaml')], file('/lab.yaml'), 'linux')).toHaveLength(2)
  })

  test('a name alone has no folder', () => {
    expect(labelOf(file('/a/lab.yaml'), [file('/a/lab.yaml')])).toBe('lab.yaml')
  })
})
