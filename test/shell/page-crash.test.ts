import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  answerMessageBoxes,
  backEndPid,
  describeShell,
  messageBoxes,
  startShell,
  type Shell,
} from '../helpers/shell.ts'

describeShell('a page that crashes', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await startShell()
    await (await shell.page()).getByRole('heading', { name: 'Boot machines' }).waitFor()
  })
  afterAll(() => shell.close())

  const text = (): Promise<string> => shell.inPage<string>('document.body.innerText').catch(() => '')
  /** No page answers while there is none, and the old one has a mark. */
  const isOld = (): Promise<boolean> => shell.inPage<boolean>('globalThis.isTheOld === true').catch(() => true)
  const isNew = async (): Promise<void> => {
    await expect.poll(isOld, { timeout: 60_000 }).toBe(false)
  }
  /** To the page that comes instead: the text of the old one is there until it has ended. */
  const crash = async (): Promise<void> => {
    await shell.inPage('globalThis.isTheOld = true')
    await shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer())
    await isNew()
  }

  test('is loaded again, is connected again, and says so', async () => {
    const pid = await backEndPid(shell)
    await crash()
    await expect.poll(text, { timeout: 60_000 }).toContain('The page crashed and was loaded again')
    await expect.poll(text, { timeout: 60_000 }).toContain('Set up a lab')
    expect(await backEndPid(shell)).toBe(pid)
  })

  test('can be loaded again where it does not answer, or waited for', async () => {
    await answerMessageBoxes(shell, 'Wait')
    await shell.evaluate(({ BrowserWindow }) => void BrowserWindow.getAllWindows()[0]!.emit('unresponsive'))
    await expect.poll(() => messageBoxes(shell)).toEqual([expect.stringContaining('does not answer')])
    await shell.inPage('globalThis.isTheOld = true')
    await answerMessageBoxes(shell, 'Load again')
    await shell.evaluate(({ BrowserWindow }) => void BrowserWindow.getAllWindows()[0]!.emit('unresponsive'))
    await isNew()
    await expect.poll(text, { timeout: 60_000 }).toContain('Set up a lab')
  })

  test('that goes on crashing is not loaded without asking', async () => {
    await answerMessageBoxes(shell, 'Load again')
    for (let count = 0; count < 2; count++) {
      await crash()
      await expect.poll(text, { timeout: 60_000 }).toContain('Set up a lab')
    }
    await expect.poll(() => messageBoxes(shell)).toContainEqual(expect.stringContaining('crashed repeatedly'))
  })
})
