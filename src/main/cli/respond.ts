/** `pxe-lab respond`: the responder without a window. */
import { t } from '#messages/text.ts'
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { Observed } from '../responder/observed.ts'
import { Responder } from '../responder/responder.ts'
import { ResponderLife } from '../responder/responder-life.ts'
import { StartError } from '../responder/start-error.ts'
import { onStop } from '../stop.ts'
import { BootWatch } from '../telemetry/boot-watch.ts'
import { leaseCountsOf, Telemetry, tellsOthers } from '../telemetry/telemetry.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { exitCodes } from './exit-codes.ts'
import { HubLink, type HubLinkOptions } from './hub-link.ts'
import { tellHub } from './tell-hub.ts'
import { firstLabFile, makeFirstLab } from './first-lab.ts'
import { labOf } from './lab-input.ts'
import { givenNames } from '#shared/lab/given-names.ts'
import { jsonLog, sayingNames, textLog } from './log.ts'
import { writeStyled } from './terminal.ts'

export interface RespondOptions extends Partial<HubLinkOptions> {
  /** Undefined for `lab.yaml`, which is written where it does not exist. */
  readonly config?: string
  /** For the first lab file, where several interfaces could serve. */
  readonly interface?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly stopOnStdinEnd?: boolean
}

export async function respond(options: RespondOptions): Promise<number> {
  const write = (line: string): void => writeStyled(process.stdout, line)
  const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
  if (options.config !== undefined && options.interface !== undefined) {
    complain(t('cli.interface-first-lab-file-config'))
    return exitCodes.usage
  }
  // The first line of --json is "ready", and --quiet says little.
  const path = options.config ?? firstLabFile
  const isMade =
    options.config !== undefined ||
    (await makeFirstLab(path, options.interface, options.json || options.quiet ? () => {} : write))
  if (!isMade) return exitCodes.badLabFile
  const given = await labOf(path, '--config')
  if (!given) return exitCodes.badLabFile
  const { file, lab } = given
  const say = sayingNames(givenNames(lab))
  const log = options.json ? jsonLog(write, say) : textLog(write, say)
  const state = await placeOfState(file, lab)
  if (state.refused) {
    process.stderr.write(`pxe-lab: ${state.refused.message}. ${state.refused.remedy}\n`)
    return exitCodes.badLabFile
  }
  const link = options.hub === undefined ? undefined : await HubLink.open({ spoolLimit: '256', ...options }, [t('cli.responder', { path })]) // prettier-ignore
  if (typeof link === 'number') return link
  const hub = link && tellHub(link, lab)
  let finish: () => void
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const life = new ResponderLife<Responder>(({ state }) => {
    if (state === 'stopped' || state === 'failed') finish()
  })
  onStop((reason) => void life.close(reason), { onStdinEnd: options.stopOnStdinEnd })
  if (!options.json && lab.mode === 'dhcp' && !lab.allowOtherServers)
    write(`${t('cli.looking-other-dhcp-servers-4')}\n`)
  if (!options.quiet) for (const event of state.told) log(event)
  const others = tellsOthers(lab.telemetry)
    ? new Telemetry({
        settings: lab.telemetry,
        resolve: (name) => file.resolve(name),
        leases: async () => leaseCountsOf(life.living?.leases ?? []),
        warn: (message) => log({ type: 'warning', message }),
      })
    : undefined
  const watch =
    others &&
    new BootWatch({
      ports: lab.ports,
      onVerdict: (verdict) => others.judged(verdict),
      onSettled: (boot) => others.settled(boot),
      warn: (message) => log({ type: 'warning', message }),
    })
  await watch?.open()
  await others?.open()
  const tell = (event: UntimedEvent): void => {
    others?.hear({ ...event, time: Date.now() })
    hub?.hear(event)
    if (!options.quiet || event.type === 'ready' || event.type === 'stopped') log(event)
  }
  const observe = (seen: Observed): void => {
    watch?.observe(seen)
    hub?.observe(seen)
  }
  void life.start(
    () =>
      new Responder({
        lab,
        labFile: file.path,
        bootFolder: file.resolve(lab.boot.files),
        stateFolder: state.folder,
        uploadFolder: lab.tftp.upload === null ? undefined : file.resolve(lab.tftp.upload),
        tell,
        ...(watch || hub ? { observe } : {}),
      }),
  )
  await finished
  await watch?.close()
  await others?.close()
  await hub?.stop()
  if (life.state.state !== 'failed') return exitCodes.ok
  const { error } = life.state
  if (!(error instanceof StartError)) throw error
  complain(`${error.message}. ${error.remedy}`)
  return error.problem.kind === 'port'
    ? exitCodes.portProblem
    : error.problem.kind === 'other-server'
      ? exitCodes.otherServer
      : exitCodes.badLabFile
}
