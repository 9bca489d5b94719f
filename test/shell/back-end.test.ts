import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { LabFolder } from '../helpers/lab.ts'
import { loopbackLab } from '../helpers/shell-lab.ts'
import { backEndPid, describeShell, labPage, responderPid, startShell, type Shell } from '../helpers/shell.ts'

const wait = { timeout: 60_000, interval: 100 }

describeShell('the process behind the window', () => {
  let shell: Shell
  let folder: LabFolder
  afterEach(async () => {
    await shell.close()
    folder.remove()
  })

  test('a back end that is killed comes back, machines are answered all the time, and the person is told', async () => {
    const lab = await loopbackLab()
    folder = lab.folder
    shell = await startShell({ args: [folder.file] })
    const page = await labPage(shell)
    await page.getByRole('main').getByRole('button', { name: 'Start' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).waitFor()
    await expect.poll(() => lab.answers(), wait).toBe(true)
    // What the responder runs with is no longer what stands in the file: it goes on with it.
    appendFileSync(folder.file, 'tftp: { enabled: false }\n')
    await page.getByText('The lab file has changed').waitFor()
    process.kill((await backEndPid(shell))!, 'SIGKILL')
    expect(await lab.answers()).toBe(true)
    await page.getByText(/The back end ended unexpectedly .* the responder went on answering meanwhile/).waitFor()
    expect(await lab.answers()).toBe(true)
    await page.getByText('The lab file has changed').waitFor()
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    expect(await page.getByText('The back end ended unexpectedly').count()).toBe(0)
  })

  test('a responder that is killed comes back with what it did, and the person is told', async () => {
    const lab = await loopbackLab()
    folder = lab.folder
    shell = await startShell({ args: [folder.file] })
    const page = await labPage(shell)
    await page.getByRole('main').getByRole('button', { name: 'Start' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).waitFor()
    const pid = await responderPid(shell)
    expect(pid).not.toBe(await backEndPid(shell))
    process.kill(pid!, 'SIGKILL')
    await expect.poll(() => lab.answers(), wait).toBe(true)
    expect(await responderPid(shell)).not.toBe(pid)
    await page
      .getByText(/the responder had ended unexpectedly .* it goes on where it was/)
      .first()
      .waitFor()
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Start' }).waitFor()
    expect(await lab.answers()).toBe(false)
  })

  test('a back end that is held up is told so, and is never shown as responding', async () => {
    const lab = await loopbackLab()
    folder = lab.folder
    shell = await startShell({ args: [folder.file] })
    const page = await labPage(shell)
    await page.getByRole('main').getByRole('button', { name: 'Start' }).click()
    const light = page.getByTestId('state').first()
    await expect.poll(() => light.textContent(), wait).toBe('Responding')
    const pid = (await backEndPid(shell))!
    process.kill(pid, 'SIGSTOP')
    await expect.poll(() => light.textContent(), wait).toBe('Not connected')
    await page.getByText(/The back end has not answered for .* The responder goes on answering\./).waitFor()
    expect(await lab.answers()).toBe(true)
    process.kill(pid, 'SIGCONT')
    await expect.poll(() => light.textContent(), wait).toBe('Responding')
    await page.getByText(/The back end answers again after/).waitFor()
    expect(await backEndPid(shell)).toBe(pid)
    // The responder is the shell's to end, and the back end's to tell of.
    const responder = (await responderPid(shell))!
    process.kill(responder, 'SIGSTOP')
    await expect.poll(() => light.textContent(), wait).toBe('Not answering')
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Start' }).waitFor()
    await page.getByRole('main').getByRole('button', { name: 'Start' }).click()
    await expect.poll(() => lab.answers(), wait).toBe(true)
    expect(await responderPid(shell)).not.toBe(responder)
  })

  test('one that keeps ending is given up, and a person can try again', async () => {
    folder = new LabFolder().write({ interface: '127.0.0.1', mode: 'listen' })
    shell = await startShell({ args: [folder.file] })
    const page = await labPage(shell)
    await page.getByRole('main').getByRole('button', { name: 'Start' }).waitFor()
    const seen = new Set<number>()
    const began = Date.now()
    for (;;) {
      const pid = await backEndPid(shell)
      if (pid !== undefined && !seen.has(pid)) {
        seen.add(pid)
        process.kill(pid, 'SIGKILL')
      }
      if ((await page.getByRole('button', { name: 'Try again' }).count()) > 0) break
      expect(Date.now() - began).toBeLessThan(60_000)
    }
    // The first, and five restarts after 0.5, 1, 2, 4 and 8 s.
    expect(seen.size).toBe(6)
    expect(Date.now() - began).toBeGreaterThan(15_000)
    await page.getByText(/ended 6 times in a row/).waitFor()
    expect(await backEndPid(shell)).toBeUndefined()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Try again' }).waitFor({ state: 'detached' })
    await page.getByRole('main').getByRole('button', { name: 'Start' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Stop' }).waitFor()
  })

  test('a lab file that is a folder is told with a remedy, and nothing is started again', async () => {
    folder = new LabFolder()
    mkdirSync(folder.file)
    shell = await startShell({ args: [folder.file] })
    const page = await labPage(shell)
    await page.getByText(/The lab file is a folder .* open another lab file/).waitFor()
    const pid = await backEndPid(shell)
    expect(shell.output()).not.toContain('EISDIR')
    // Another lab opens from here.
    const other = join(folder.root, 'other.yaml')
    writeFileSync(other, 'interface: 127.0.0.1\nmode: listen\n')
    const second = await startShell({ home: shell.home, args: [other] })
    await second.ended
    await page.getByText('other.yaml').first().waitFor()
    expect(await page.getByText('The lab file is a folder').count()).toBe(0)
    expect(await backEndPid(shell)).toBe(pid)
  })
})
