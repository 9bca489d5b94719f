/** What this program knows of a Windows machine: asked of Windows itself, and of its tools where it may not be asked. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsSchema } from '#shared/lab/facts.ts'
import { cli } from '../helpers/lab.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

describeWith([...windowsNeeds, 'root', 'ip'], 'a Windows machine', () => {
  let network: Network
  let windows: Windows
  beforeAll(() => {
    network = new Network()
    const { here, there } = network.wire({ server: ['10.77.0.1/24'], client: [] })
    network.cable({ in: here, name: 'srv1', addresses: ['10.78.0.1/20'] }, { in: there, name: 'cli1' })
    network.ip('-n', here, 'link', 'set', 'srv0', 'mtu', '1400')
    windows = new Windows({ namespace: here })
  })
  afterAll(async () => {
    await windows.close()
    await network.close()
  })

  /** A module of this program's source, run by Windows Node, and the JSON it prints. */
  const told = async (script: string, environment: NodeJS.ProcessEnv = {}): Promise<unknown> => {
    const file = join(windows.drive, 'script.mjs')
    const imports = script.replaceAll(/'@(.*?)'/g, (_, path: string) => {
      const target = windows.path(fileURLToPath(new URL(`../../src/main/${path}`, import.meta.url)))
      return `'file:///${target.replaceAll('\\', '/')}'`
    })
    writeFileSync(file, imports)
    const { stdout, stderr } = await windows.run([windows.path(file)], { environment })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  test('who holds a port: UDP and TCP, both families, by process', async () => {
    const script = `
      import { createSocket } from 'node:dgram'
      import { createServer } from 'node:net'
      import { once } from 'node:events'
      import { portOwners } from '@inspect/port-owner.ts'
      const bound = async (socket, port, address) => { socket.bind(port, address); await once(socket, 'listening') }
      await bound(createSocket('udp4'), 6067, '127.0.0.1')
      await bound(createSocket('udp6'), 6068, '::')
      const server = createServer().listen(6080, '10.77.0.1')
      await once(server, 'listening')
      const told = (list) => list.map((one) => [one.address, one.port, one.pid === process.pid, one.process])
      console.log(JSON.stringify([told(await portOwners([6067, 6068, 6080])), await portOwners([6080], 'tcp'), await portOwners([6099])]))
      process.exit()`
    expect(await told(script)).toEqual([
      [
        ['127.0.0.1', 6067, true, 'node.exe'],
        ['[::]', 6068, true, 'node.exe'],
      ],
      // This Wine does not know the process of a TCP socket.
      [{ address: '10.77.0.1', port: 6080 }],
      [],
    ])
  })

  test.each([
    ['on', 1400, true],
    // Node knows neither; and this Wine takes an interface for up whose cable is out.
    ['off', 1500, null],
  ])('interfaces with MTU and link; native calls: %s', async (native, mtu, hasLink) => {
    const script = `
      import { listInterfaces } from '@responder/interfaces.ts'
      console.log(JSON.stringify(listInterfaces().filter((one) => !one.isLoopback).map((one) => ({ ...one, hasLink: one.hasLink ?? null }))))`
    const list = (await told(script, { PXE_LAB_NATIVE_SOCKETS: native })) as Record<string, unknown>[]
    expect(list).toMatchObject([
      {
        name: 'srv0',
        address: 0x0a_4d_00_01,
        prefixLength: 24,
        mtu,
        hasLink,
        mac: expect.stringMatching(/^(..:){5}..$/),
      },
      { name: 'srv1', address: 0x0a_4e_00_01, prefixLength: 20, mtu: 1500, hasLink },
    ])
  })

  test('programs: those of System32, whatever is in the current folder, in PATH and in SystemRoot', async () => {
    writeFileSync(join(windows.drive, 'whoami.exe'), 'taken')
    writeFileSync(join(windows.drive, 'pxe-lab-none.exe'), 'taken')
    const script = `
      import { findProgram } from '@system/program-paths.ts'
      import { runTool } from '@system/programs.ts'
      process.chdir('C:\\\\')
      process.env.PATH = process.env.SystemRoot = 'C:\\\\'
      const { output, code } = await runTool('reg', ['query', 'HKLM\\\\SOFTWARE\\\\Microsoft\\\\Windows NT\\\\CurrentVersion', '/v', 'CurrentBuild'])
      console.log(JSON.stringify([findProgram('whoami'), findProgram('pxe-lab-none') ?? null, findProgram('powershell'), /REG_SZ/.test(output), code]))`
    for (const native of ['on', 'off'])
      expect(await told(script, { PXE_LAB_NATIVE_SOCKETS: native })).toEqual([
        expect.stringMatching(/^C:\\windows\\System32\\whoami\.exe$/i),
        null,
        expect.stringMatching(/^C:\\windows\\System32\\WindowsPowerShell\\v1\.0\\powershell\.exe$/i),
        true,
        0,
      ])
  })

  test('the doctor sees the ports, with the names of their programs', async () => {
    const holder = windows.start(['-e', `require('dgram').createSocket('udp4').bind(4011, () => console.log('bound', process.pid))`]) // prettier-ignore
    const [, pid] = await holder.sees(/bound (\d+)/)
    const { code, stdout } = await windows.run([windows.path(cli), 'doctor', '--collect'])
    expect(code).toBe(0)
    const facts = factsSchema.parse(JSON.parse(stdout))
    expect(facts.udp?.value).toMatchObject([{ address: '0.0.0.0', port: 4011, pid: Number(pid), process: 'node.exe' }])
    expect(facts.interfaces?.value).toMatchObject([{ name: 'srv0', mtu: 1400 }, { name: 'srv1', mtu: 1500 }]) // prettier-ignore
    await holder.stop()
  })
})
