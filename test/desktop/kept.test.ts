import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { afterCrash, chooseGraphics } from '../../src/main/electron/graphics.ts'
import { KeptState } from '../../src/main/electron/kept-state.ts'
import { labTextFor } from '../../src/main/workspace/lab-copy.ts'
import { traySign } from '../../src/main/electron/tray-sign.ts'
import { RotatingLog } from '../../src/main/workspace/rotating-log.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-desktop-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('what is kept between two runs', () => {
  const path = (): string => join(folder, 'below', 'desktop.json')
  const open = (): KeptState =>
    new KeptState(path(), (message) => {
      throw new Error(message)
    })

  test('comes back', () => {
    const kept = open()
    expect(kept.value).toMatchObject({ window: null, recent: [], preferences: { notifiesFailures: true } })
    const window = { x: 1, y: 2, width: 1200, height: 800, isMaximized: true }
    kept.change({
      window,
      preferences: {
        notifiesFailures: false,
        notifiesApprovals: true,
        hardwareAcceleration: true,
        looksForUpdates: false,
      },
    })
    expect(open().value).toMatchObject({ window, preferences: { notifiesFailures: false } })
    expect(readdirSync(join(folder, 'below'))).toEqual(['desktop.json'])
  })

  test('a damaged part falls back alone, a damaged file as a whole', () => {
    open().change({ recent: [{ kind: 'lab', path: '/lab.yaml' }] })
    writeFileSync(path(), JSON.stringify({ ...JSON.parse(readFileSync(path(), 'utf8')), window: { x: 'left' } }))
    expect(open().value).toMatchObject({ window: null, recent: [{ kind: 'lab', path: '/lab.yaml' }] })
    writeFileSync(path(), '{ "window": ')
    expect(open().value).toMatchObject({ window: null, recent: [] })
  })

  test('what cannot be written holds for this run, and is told', () => {
    writeFileSync(join(folder, 'file'), '')
    const told: string[] = []
    const kept = new KeptState(join(folder, 'file', 'desktop.json'), (message) => told.push(message))
    kept.change({ graphicsCrashes: 1 })
    expect(kept.value.graphicsCrashes).toBe(1)
    expect(told).toEqual([expect.stringContaining('cannot be written')])
  })
})

describe('graphics', () => {
  const kept = (): KeptState => new KeptState(join(folder, 'desktop.json'), () => {})

  test('the switch and the setting turn acceleration off, and say so', () => {
    const { value } = kept()
    expect(chooseGraphics(value, false)).toEqual({ isAccelerated: true, reason: '' })
    expect(chooseGraphics(value, true)).toMatchObject({
      isAccelerated: false,
      reason: expect.stringContaining('switch'),
    })
    const off = { preferences: { ...value.preferences, hardwareAcceleration: false } }
    expect(chooseGraphics(off, false)).toMatchObject({
      isAccelerated: false,
      reason: expect.stringContaining('Settings'),
    })
  })

  test('one crash changes nothing, the second in a row turns it off', () => {
    const once = afterCrash(kept().value)
    expect([once.preferences.hardwareAcceleration, once.graphicsCrashes]).toEqual([true, 1])
    const twice = afterCrash(once)
    expect([twice.preferences.hardwareAcceleration, twice.graphicsCrashes]).toEqual([false, 0])
  })
})

describe('a log', () => {
  test('stays within its files and their size, and keeps the newest', () => {
    const log = new RotatingLog({ folder, name: 'shell', maxBytes: 1000, keep: 2 })
    for (let number = 0; number < 200; number++) log.write([`line ${number}`])
    expect(readdirSync(folder).sort()).toEqual(['shell.1.log', 'shell.2.log', 'shell.log'])
    const text = (name: string): string => readFileSync(join(folder, name), 'utf8')
    for (const name of readdirSync(folder)) expect(text(name).length).toBeLessThanOrEqual(1000)
    expect(text('shell.log')).toMatch(/line 199\n$/)
    const lines = [text('shell.2.log'), text('shell.1.log'), text('shell.log')].join('').match(/line \d+/g)!
    expect(lines.length).toBeGreaterThan(40)
    expect(lines).toEqual(Array.from({ length: 200 }, (_, number) => `line ${number}`).slice(-lines.length))
  })

  test('goes on where an earlier run ended, and indents what an entry has beyond its first line', () => {
    new RotatingLog({ folder, name: 'shell' }).write(['first'], new Date(0))
    new RotatingLog({ folder, name: 'shell' }).write(['Error: no\n  at here\n'], new Date(1000))
    expect(readFileSync(join(folder, 'shell.log'), 'utf8')).toBe(
      '1970-01-01T00:00:00.000Z first\n1970-01-01T00:00:01.000Z Error: no\n      at here\n',
    )
  })

  test('whose full file is held by somebody grows on and loses no line', () => {
    mkdirSync(join(folder, 'shell.1.log', 'held'), { recursive: true })
    const log = new RotatingLog({ folder, name: 'shell', maxBytes: 100, keep: 1 })
    for (let number = 0; number < 20; number++) log.write([`line ${number}`])
    const lines = readFileSync(join(folder, 'shell.log'), 'utf8').match(/line \d+/g)
    expect(lines).toEqual(Array.from({ length: 20 }, (_, number) => `line ${number}`))
  })

  test('that cannot be written is told once and stops nothing', () => {
    mkdirSync(join(folder, 'shell.log'))
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const log = new RotatingLog({ folder, name: 'shell' })
    log.write(['a'])
    log.write(['b'])
    expect(told).toHaveBeenCalledTimes(1)
    told.mockRestore()
  })
})

describe('a lab saved elsewhere', () => {
  const text = '# my bench\ninterface: eth1\nmode: proxy-dhcp\nboot: { files: ./boot, programs: [] }\n'
  const lab = labSchema.parse({ interface: 'eth1', mode: 'proxy-dhcp', boot: { files: './boot', programs: [] } })

  test('keeps serving the same folder', () => {
    const copy = labTextFor(text, lab, join(folder, 'a', 'lab.yaml'), join(folder, 'b', 'c', 'copy.yaml'))
    expect(copy).toContain('files: ../../a/boot')
    expect(copy).toContain('# my bench')
  })

  test('is the same text in the same folder, with an absolute folder, and with problems', () => {
    expect(labTextFor(text, lab, '/a/lab.yaml', '/a/copy.yaml')).toBe(text)
    const absolute = { ...lab, boot: { ...lab.boot, files: join(folder, 'boot') } }
    expect(labTextFor(text, absolute, '/a/lab.yaml', '/b/lab.yaml')).toBe(text)
    expect(labTextFor('interface: [', null, '/a/lab.yaml', '/b/lab.yaml')).toBe('interface: [')
  })
})

test('the tray speaks only while something is listened to', () => {
  const status = { mode: null, interfaces: ['eth1'], listening: [], startedAt: null, stopsAt: null, warnings: [], keepsAllPackets: false, pools: [], detail: '', complaint: null } // prettier-ignore
  expect(traySign({ ...status, state: 'responding' }, 'lab.yaml')).toBe('PXE Lab: lab.yaml is responding on eth1')
  expect(traySign({ ...status, state: 'listening' }, 'lab.yaml')).toContain('listening')
  expect((['stopped', 'starting', 'problem'] as const).map((state) => traySign({ ...status, state }, 'x'))).toEqual([undefined, undefined, undefined]) // prettier-ignore
})
