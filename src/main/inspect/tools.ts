/** Running the tools of the system, and what they printed: the one place where this program starts one of them. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Facts } from '#shared/lab/facts.ts'

export type System = Facts['system']

export interface ToolOutput {
  readonly command: string
  /** What it printed on both channels, cut off where it is long. */
  readonly output: string
  readonly code: number
  /** Why it told nothing, or not all. */
  readonly problem?: string
}
export type RunTool = (
  program: string,
  values: readonly string[],
  timeoutMs?: number,
  signal?: AbortSignal,
) => Promise<ToolOutput>

/** Kept of what a tool prints; the firewall rules of a server are some hundred kilobytes. */
const longestOutput = 1 << 20
const toolTimeoutMs = 8000

/**
 * A folder with programs that take the place of reg.exe, sc.exe, netsh.exe and so on: this machine then passes for a
 * Windows server. For tests and for showing a repair where there is no server to spare.
 */
const doubles = process.env['PXE_LAB_WINDOWS_TOOLS']

export const hostSystem = (): System =>
  doubles !== undefined || process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'macos' : 'linux'

/** Windows looks for programs in the current folder first; what runs with administrator rights has to be its own. */
function pathOf(program: string): string {
  if (doubles !== undefined) return join(doubles, program.replace(/\.exe$/, ''))
  const root = process.env['SystemRoot']
  if (process.platform !== 'win32' || root === undefined) return program
  const file = program.endsWith('.exe') ? program : `${program}.exe`
  return file === 'powershell.exe'
    ? join(root, 'System32', 'WindowsPowerShell', 'v1.0', file)
    : join(root, 'System32', file)
}

export const runTool: RunTool = (program, values, timeoutMs = toolTimeoutMs, signal) =>
  new Promise((resolve) => {
    execFile(
      pathOf(program),
      values,
      {
        timeout: timeoutMs,
        maxBuffer: 1 << 24,
        windowsHide: true,
        ...(signal ? { signal } : {}),
        env: { ...process.env, LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        const problem = !error
          ? undefined
          : error.code === 'ENOENT'
            ? `${program} is not here`
            : error.name === 'AbortError'
              ? `${program} was not waited for`
              : error.killed === true
                ? `${program} did not end within ${timeoutMs / 1000} s`
                : `${program} ended with ${String(error.code)}`
        resolve({
          command: [program, ...values].join(' '),
          output: `${stdout}${stderr}`.slice(0, longestOutput),
          code: !error ? 0 : typeof error.code === 'number' ? error.code : -1,
          ...(problem === undefined ? {} : { problem }),
        })
      },
    ).stdin?.end()
  })
