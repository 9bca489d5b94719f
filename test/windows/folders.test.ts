/** Boot and upload folders that only Windows has: below a path longer than MAX_PATH, and a drive of their own. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

describeWith([...windowsNeeds, 'root', 'ip', 'curl'], 'folders on Windows', () => {
  const network = new Network()
  let here: string
  let windows: Windows
  let disk: string
  let responder: Running
  const curl = (...values: string[]) => network.exec(here, 'curl', ['-sS', '-m', '10', ...values])

  beforeAll(async () => {
    here = network.namespace('s')
    windows = new Windows({ namespace: here })
    // A drive of Wine is a link; `subst` and a mapped share make such a one on Windows.
    disk = join(dirname(windows.drive), 'disk')
    mkdirSync(join(disk, 'logs'), { recursive: true })
    symlinkSync(disk, join(dirname(windows.drive), 'dosdevices/e:'))
    // Wine cannot tell the real path of what is so deep, and Windows not that of a RAM disk.
    const deep = ['a', 'b', 'c', 'd', 'e'].map((one) => one.repeat(60))
    const folder = join(windows.drive, ...deep)
    mkdirSync(join(folder, 'boot/sub'), { recursive: true })
    writeFileSync(join(folder, 'boot/sub/file.txt'), 'inside')
    writeFileSync(
      join(folder, 'lab.yaml'),
      "interface: 127.0.0.1\nmode: proxy-dhcp\nallowOtherServers: true\nboot: { programs: [{ file: sub/file.txt }] }\ntftp: { upload: 'E:\\' }\nhttp: { enabled: true }\n",
    )
    responder = windows.start(
      [windows.path(cli), 'respond', '--config', `C:\\${deep.join('\\')}\\lab.yaml`, '--json'],
      { cwd: windows.drive },
    ) // prettier-ignore
    await responder.sees(/"type":"ready"/)
  })
  afterAll(async () => {
    await windows.close()
    await network.close()
  })

  test.each(['tftp://127.0.0.1/sub/file.txt', 'tftp://127.0.0.1/SUB%5CFile.TXT', 'http://127.0.0.1/sub/file.txt'])(
    'a file comes from a boot folder below a long path: %s',
    async (url) => {
      expect(await curl(url)).toMatchObject({ code: 0, stdout: 'inside' })
    },
  )

  test('what lies beside such a folder is not sent', async () => {
    expect(await curl('tftp://127.0.0.1/..%5Clab.yaml')).toMatchObject({ code: 69, stdout: '' })
    expect(await curl('-f', '--path-as-is', 'http://127.0.0.1/..%5Clab.yaml')).toMatchObject({ code: 22, stdout: '' })
  })

  test.each(['log.txt', 'logs/log.txt'])('a whole drive takes uploads: %s', async (name) => {
    const file = join(windows.drive, 'log.txt')
    writeFileSync(file, 'what happened')
    expect(await curl('-T', file, `tftp://127.0.0.1/${name}`)).toMatchObject({ code: 0 })
    expect(readFileSync(join(disk, name), 'utf8')).toBe('what happened')
  })
})
