import { existsSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { loopbackLab, type LoopbackLab } from '../helpers/shell-lab.ts'
import { answerMessageBoxes, describeShell, messageBoxes, labPage, startShell, type Shell } from '../helpers/shell.ts'

describeShell('the end of the application', () => {
  let shell: Shell
  let lab: LoopbackLab
  afterEach(async () => {
    await shell.close()
    lab.folder.remove()
  })

  async function startResponding(): Promise<void> {
    lab = await loopbackLab()
    shell = await startShell({ args: [lab.folder.file] })
    const page = await labPage(shell)
    await page.getByRole('main').getByRole('button', { name: 'Start' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).waitFor()
  }
  const closeWindow = (): Promise<void> =>
    shell.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close())

  test('where a responder runs it asks, stays when that is wanted, and otherwise ends in order', async () => {
    await startResponding()
    await answerMessageBoxes(shell, 'Cancel')
    await closeWindow()
    await expect
      .poll(() => messageBoxes(shell))
      .toEqual([expect.stringMatching(/quit PXE Lab\? The responder answers/)])
    await shell.evaluate(({ app }) => app.quit())
    await expect.poll(() => messageBoxes(shell)).toHaveLength(2)
    expect(await lab.answers()).toBe(true)
    await answerMessageBoxes(shell, 'Stop and quit')
    await closeWindow().catch(() => {})
    expect(await shell.ended).toBe(0)
    expect(await lab.answers()).toBe(false)
    expect(existsSync(lab.folder.file)).toBe(true)
  })

  test('where nothing runs it ends at once and asks nobody', async () => {
    lab = await loopbackLab()
    shell = await startShell({ args: [lab.folder.file] })
    await (await labPage(shell)).getByRole('main').getByRole('button', { name: 'Start' }).waitFor()
    const began = Date.now()
    await closeWindow().catch(() => {})
    expect(await shell.ended).toBe(0)
    expect(Date.now() - began).toBeLessThan(60_000)
  })

  test('a signal ends it without a question, and in order', async () => {
    await startResponding()
    shell.process.kill('SIGTERM')
    expect(await shell.ended).toBe(0)
    expect(await lab.answers()).toBe(false)
  })

  test('a signal that comes while the question is open decides it', async () => {
    await startResponding()
    // A question that is answered, with Cancel, only once the signal has been heard.
    await shell.evaluate(({ app, dialog }) => {
      const asked = globalThis as { answer?: () => void }
      dialog.showMessageBox = (() =>
        new Promise((resolve) => {
          asked.answer = () => resolve({ response: 1, checkboxChecked: false })
        })) as unknown as typeof dialog.showMessageBox
      app.quit()
    })
    shell.process.kill('SIGTERM')
    await shell.evaluate(() => (globalThis as { answer?: () => void }).answer?.()).catch(() => {})
    expect(await shell.ended).toBe(0)
    expect(await lab.answers()).toBe(false)
  })

  test('a back end that does not end is ended after a limit', async () => {
    await startResponding()
    const { backEndPid } = await import('../helpers/shell.ts')
    const pid = (await backEndPid(shell))!
    process.kill(pid, 'SIGSTOP')
    await answerMessageBoxes(shell, 'Stop and quit')
    const began = Date.now()
    await shell.evaluate(({ app }) => app.quit())
    expect(await shell.ended).toBe(0)
    expect(Date.now() - began).toBeGreaterThan(9000)
    expect(Date.now() - began).toBeLessThan(60_000)
    expect(() => process.kill(pid, 0)).toThrow()
  })
})
