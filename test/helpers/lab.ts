/** A lab file with its folders, and the responder running on it as a process of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { LabInput } from '#shared/lab/lab.ts'
import type { Network, Running } from './network.ts'

export const cli = fileURLToPath(new URL('../../src/main/cli/run.ts', import.meta.url))

export class LabFolder {
  #root: string | undefined

  /** Made when it is first asked for, and anew after `remove`. */
  get root(): string {
    return (this.#root ??= mkdtempSync(join(tmpdir(), 'pxe-lab-')))
  }

  get file(): string {
    return join(this.root, 'lab.yaml')
  }

  write(lab: LabInput): this {
    mkdirSync(join(this.root, 'boot'), { recursive: true })
    // Beside the lab file, where tests look for it.
    writeFileSync(this.file, stringify({ state: './state', ...lab }))
    return this
  }

  put(name: string, content: string | Uint8Array): this {
    const path = join(this.root, 'boot', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return this
  }

  remove(): void {
    if (this.#root !== undefined) rmSync(this.#root, { recursive: true, force: true })
    this.#root = undefined
  }
}

/** `pxe-lab respond --json` in a namespace, once it is ready. */
export async function startResponder(
  network: Network,
  namespace: string,
  folder: Pick<LabFolder, 'file'>,
  environment: NodeJS.ProcessEnv = {},
  node = process.execPath,
): Promise<Running> {
  const running = network.start(namespace, node, [cli, 'respond', '--config', folder.file, '--json'], environment)
  await running.sees(/"type":"ready"/)
  return running
}

/** What it has told so far; the last line may have come in part. */
export const eventsOf = (running: Running): { type: string; [name: string]: unknown }[] =>
  running.stdout
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string })
