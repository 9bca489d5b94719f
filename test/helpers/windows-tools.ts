/** A folder of programs that play the tools of a Windows server, and the server they read and change. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stateOf, type DoubleState, type WindowsServer } from './windows-double.ts'

const script = fileURLToPath(new URL('windows-tool.ts', import.meta.url))

export interface WindowsTools {
  /** What makes the program take these tools. */
  readonly environment: NodeJS.ProcessEnv
  state(): DoubleState
}

export function windowsTools(folder: string, server: WindowsServer): WindowsTools {
  const tools = join(folder, 'tools')
  const file = join(folder, 'server.json')
  mkdirSync(tools, { recursive: true })
  // The addresses are those of this machine: they are not read with a tool.
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => one.family === 'IPv4' && !one.internal)
    .map((one) => one.address)
  writeFileSync(file, JSON.stringify(stateOf({ addresses, ...server })))
  for (const name of [
    'reg',
    'sc',
    'net',
    'netsh',
    'netstat',
    'tasklist',
    'whoami',
    'powershell',
    'wdsutil',
    'wevtutil',
  ]) {
    writeFileSync(
      join(tools, name),
      `#!/bin/sh\nNODE_COMPILE_CACHE='${join(folder, 'cache')}' exec '${process.execPath}' '${script}' '${file}' ${name} "$@"\n`,
    )
    chmodSync(join(tools, name), 0o755)
  }
  return {
    environment: { ...process.env, PXE_LAB_WINDOWS_TOOLS: tools },
    state: () => JSON.parse(readFileSync(file, 'utf8')) as DoubleState,
  }
}
