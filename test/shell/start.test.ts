import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeShell, startShell, type Shell } from '../helpers/shell.ts'

describeShell('the desktop application', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await startShell()
  })
  afterAll(() => shell.close())

  test('opens its window, which reaches the back end by a message port', async () => {
    const page = await shell.page()
    await page.getByRole('heading', { name: 'Set up this lab' }).waitFor()
    expect(await page.evaluate('pxeLabShell')).toEqual({ transport: 'message-port' })
  })
})
