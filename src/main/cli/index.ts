/** The command line of PXE Lab: its commands and options. `run.ts` runs it, the documentation prints it. */
import { t } from '#messages/text.ts'
import { version } from '../version.ts'
import type { ApprovalsOptions, DecisionOptions, Verdict } from './approvals.ts'
import type { AgentOptions } from './agent.ts'
import type { AskOptions } from './ask.ts'
import type { HubCommandOptions } from './hub.ts'
import type { HubBootsOptions } from './hub-boots.ts'
import type { DoctorOptions } from './doctor.ts'
import type { MatrixOptions, SimulateOptions } from './simulate.ts'
import type { CertificateOptions } from './certificate.ts'
import type { CheckOptions } from './check.ts'
import type { ImportOptions } from './import.ts'
import type { EngineOptions } from './engine.ts'
import type { ExportOptions } from './export.ts'
import type { PlanOptions } from './plan.ts'
import type { NextBootOptions } from './next-boot.ts'
import type { RenderOptions } from './render.ts'
import type { ProbeOptions } from './probe.ts'
import type { ReadLogOptions } from './read-log.ts'
import type { RemedyOptions } from './remedy.ts'
import type { RespondOptions } from './respond.ts'
import type { RivalOptions } from './rival.ts'
import type { ScaleOptions } from './scale.ts'
import type { WakeOptions } from './wake.ts'
import type { ImageOptions } from './image.ts'
import type { WindowsPeOptions } from './windows-pe.ts'
import type { SecureBootOptions } from './secure-boot.ts'
import type { ExportLessonsOptions, PrintLessonsOptions } from './lessons.ts'
import type { ServeOptions } from './serve.ts'
import type { CaptureCommandOptions } from './capture.ts'
import { LabCommand } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

/** What was asked for makes no sense and has been told. */
async function usageChecked(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UsageError) return exitCodes.usage
    throw error
  }
}

const stopOption = ['--stop-on-stdin-end', t('commands.any-stop-on-stdin-end')] as const

export const program = new LabCommand()
  .name('pxe-lab')
  .description(t('commands.program'))
  .version(version, '-V, --version', t('commands.version'))
  .helpOption('-h, --help', t('commands.help'))
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'pxe-lab: ')) })

program
  .command('respond')
  .description(t('commands.respond'))
  .option('-c, --config <file>', t('commands.respond-config'))
  .option('-i, --interface <name>', t('commands.respond-interface'))
  .option('--json', t('commands.respond-json'))
  .option('-q, --quiet', t('commands.respond-quiet'))
  .option('--hub <url>', t('commands.respond-hub'))
  .option('--credentials <file>', t('commands.respond-credentials'))
  .option('--ca <file>', t('commands.respond-ca'))
  .option('--fingerprint <sha256>', t('commands.respond-fingerprint'))
  .option('--spool <folder>', t('commands.respond-spool'))
  .option(...stopOption)
  .addHelpText('after', `\n${t('commands.respond-exit')}`)
  .action(async (options: RespondOptions) => {
    const { respond } = await import('./respond.ts')
    process.exitCode = await respond(options)
  })

program
  .command('decode')
  .description(t('commands.decode'))
  .argument('<file>', t('commands.any-capture'))
  .option('--json', t('commands.decode-json'))
  .option('--filter <expression>', t('commands.decode-filter'))
  .option('--tree', t('commands.decode-tree'))
  .addHelpText('after', `\n${t('commands.decode-exit')}`)
  .action(async (file: string, options: { json?: boolean; filter?: string; tree?: boolean }) => {
    const { decode } = await import('./decode.ts')
    process.exitCode = await usageChecked(() => decode(file, options))
  })

program
  .command('explain')
  .description(t('commands.explain'))
  .argument('<file>', t('commands.any-capture'))
  .option('--json', t('commands.any-json-schema', { schema: 'resources/explain.schema.json' }))
  .option('--ladder', t('commands.any-ladder'))
  .option('--client <mac>', t('commands.explain-client'))
  .addHelpText('after', `\n${t('commands.explain-exit')}`)
  .action(async (file: string, options: { json?: boolean; ladder?: boolean; client?: string }) => {
    const { explain } = await import('./explain.ts')
    process.exitCode = await explain(file, options)
  })

program
  .command('report')
  .description(t('commands.report'))
  .argument('<file>', t('commands.any-capture'))
  .requiredOption('-o, --output <file>', t('commands.any-output'))
  .option('--mask', t('commands.report-mask'))
  .addHelpText('after', `\n${t('commands.report-exit')}`)
  .action(async (file: string, options: { output: string; mask?: boolean }) => {
    const { report } = await import('./explain.ts')
    process.exitCode = await report(file, options)
  })

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

program
  .command('simulate')
  .description(t('commands.simulate'))
  .argument('[scenario]', t('commands.simulate-arg-scenario'))
  .option('--list', t('commands.simulate-list'))
  .option('--client <firmware>', t('commands.simulate-client'))
  .option('--set <path=value>', t('commands.simulate-set'), collect)
  .option('--seed <number>', t('commands.any-seed'))
  .option('--json', t('commands.simulate-json'))
  .option('--ladder', t('commands.any-ladder'))
  .option('--pcapng <file>', t('commands.simulate-pcapng'))
  .option('--until <stage>', t('commands.simulate-until'))
  .option('--compare <capture>', t('commands.simulate-compare'))
  .option('--lab <file>', t('commands.simulate-lab'))
  .option('--dbx <file>', t('commands.simulate-dbx'))
  .addHelpText('after', `\n${t('commands.simulate-exit')}`)
  .action(async (name: string | undefined, options: SimulateOptions) => {
    const { simulate } = await import('./simulate.ts')
    process.exitCode = await usageChecked(() => simulate(name, options))
  })

program
  .command('import')
  .description(t('commands.import'))
  .argument('[file...]', t('commands.import-arg-file'))
  .option('--mac <address>', t('commands.import-mac'))
  .option('--twin', t('commands.import-twin'))
  .option('--lab <file>', t('commands.import-lab'))
  .option('--before <file...>', t('commands.import-before'))
  .option('--after <file...>', t('commands.import-after'))
  .option('--json', t('commands.import-json'))
  .addHelpText(
    'after',
    `\n${t('commands.import-exit')}\n${t('commands.import-exit-twin')}\n${t('commands.import-exit-lab')}\n${t('commands.import-exit-before')}`,
  )
  .action(async (files: string[], options: ImportOptions) => {
    const { importConfiguration } = await import('./import.ts')
    process.exitCode = await usageChecked(() => importConfiguration(files, options))
  })

program
  .command('engine')
  .description(t('commands.engine'))
  .argument('<action>', t('commands.engine-arg-action'))
  .requiredOption('-c, --config <file>', t('commands.engine-config'))
  .addHelpText('after', `\n${t('commands.engine-note')}\n${t('commands.engine-exit')}`)
  .action(async (action: string, options: EngineOptions) => {
    const { engine } = await import('./engine.ts')
    process.exitCode = await usageChecked(() => engine(action, options))
  })

program
  .command('matrix')
  .description(t('commands.matrix'))
  .option('--json', t('commands.any-json-array'))
  .option('--markdown', t('commands.matrix-markdown'))
  .option('--where <column=value>', t('commands.matrix-where'), collect)
  .action(async (options: MatrixOptions) => {
    const { matrix } = await import('./simulate.ts')
    process.exitCode = await usageChecked(() => Promise.resolve(matrix(options)))
  })

program
  .command('doctor')
  .description(t('commands.doctor'))
  .option('--json', t('commands.any-json-schema', { schema: 'resources/doctor.schema.json' }))
  .option('--facts <file>', t('commands.doctor-facts'))
  .option('--collect', t('commands.doctor-collect'))
  .option('--lab <file>', t('commands.doctor-lab'))
  .addHelpText('after', `\n${t('commands.doctor-note')}\n${t('commands.doctor-exit')}`)
  .action(async (options: DoctorOptions) => {
    const { doctor } = await import('./doctor.ts')
    process.exitCode = await usageChecked(() => doctor(options))
  })

program
  .command('ask')
  .description(t('commands.ask'))
  .option('--code <code>', t('commands.ask-code'))
  .option('--capture <file>', t('commands.ask-capture'))
  .option('--client <mac>', t('commands.ask-client'))
  .option('--facts <file>', t('commands.ask-facts'))
  .option('--answer <observation=answer>', t('commands.ask-answer'), collect)
  .option('--json', t('commands.any-json-schema', { schema: 'resources/ask.schema.json' }))
  .addHelpText('after', `\n${t('commands.ask-note')}\n${t('commands.ask-exit')}`)
  .action(async (options: AskOptions) => {
    const { ask } = await import('./ask.ts')
    process.exitCode = await usageChecked(() => ask(options))
  })

const remedyProgram = program
  .command('remedy')
  .description(t('commands.remedy'))
  .option('--state <folder>', t('commands.remedy-state'))
  .addHelpText('after', `\n${t('commands.remedy-exit')}`)
  .action(async (options: RemedyOptions) => {
    const { list } = await import('./remedy.ts')
    process.exitCode = await usageChecked(() => list(options))
  })
const remedyOptions = (): RemedyOptions => remedyProgram.opts<RemedyOptions>()
remedyProgram
  .command('apply')
  .description(t('commands.remedy-apply'))
  .argument('<finding>', t('commands.remedy-apply-arg-finding'))
  .option('--yes', t('commands.remedy-apply-yes'))
  .action(async (name: string, options: { yes?: boolean }) => {
    const { apply } = await import('./remedy.ts')
    process.exitCode = await usageChecked(() => apply(name, { ...remedyOptions(), ...options }))
  })
for (const verb of ['undo', 'finish'] as const)
  remedyProgram
    .command(verb)
    .description(t(verb === 'undo' ? 'commands.remedy-undo' : 'commands.remedy-finish'))
    .argument('[id]', t(verb === 'undo' ? 'commands.remedy-undo-id' : 'commands.remedy-finish-id'))
    .action(async (id: string | undefined) => {
      const { goOn } = await import('./remedy.ts')
      process.exitCode = await usageChecked(() => goOn(verb, id, remedyOptions()))
    })
remedyProgram
  .command('answer', { hidden: true })
  .argument('<name>')
  .requiredOption('--journal <folder>')
  .action(async (name: string, { journal }: { journal: string }) => {
    const { answer } = await import('./remedy.ts')
    process.exitCode = await answer(name, journal)
  })

program
  .command('probe')
  .description(t('commands.probe'))
  .requiredOption('-i, --interface <name>', t('commands.probe-interface'))
  .option('--arch <client>', t('commands.probe-arch'), 'all')
  .option('--rehearse', t('commands.probe-rehearse'))
  .option('--json', t('commands.any-json-schema', { schema: 'resources/probe.schema.json' }))
  .addHelpText('after', `\n${t('commands.probe-note')}\n${t('commands.probe-exit')}`)
  .action(async (options: ProbeOptions) => {
    const { probe } = await import('./probe.ts')
    process.exitCode = await usageChecked(() => probe(options))
  })

program
  .command('check')
  .description(t('commands.check'))
  .option('--expect <file>', t('commands.check-expect'))
  .option('--record <file>', t('commands.check-record'))
  .option('-i, --interface <name...>', t('commands.check-interface'))
  .option('--config <file>', t('commands.check-config'))
  .option('--clients <kind...>', t('commands.check-clients'))
  .option('--form <form>', t('commands.check-form'))
  .option('--json', t('commands.check-json'))
  .option('--textfile <file>', t('commands.check-textfile'))
  .option('--schedule <manager>', t('commands.check-schedule'))
  .option('--every <minutes>', t('commands.check-every'))
  .option('--out <folder>', t('commands.check-out'))
  .addHelpText('after', `\n${t('commands.check-exit')}\n${t('commands.check-exit-form')}`)
  .action(async (options: CheckOptions) => {
    const { check } = await import('./check.ts')
    process.exitCode = await usageChecked(() => check(options))
  })

program
  .command('secure-boot')
  .description(t('commands.secure-boot'))
  .argument('[file...]', t('commands.secure-boot-arg-file'))
  .option('-c, --config <file>', t('commands.secure-boot-config'))
  .option('--dbx <file>', t('commands.secure-boot-dbx'))
  .option('--json', t('commands.any-json-schema', { schema: 'resources/secure-boot.schema.json' }))
  .addHelpText('after', `\n${t('commands.secure-boot-exit')}`)
  .action(async (files: string[], options: SecureBootOptions) => {
    const { secureBoot } = await import('./secure-boot.ts')
    process.exitCode = await secureBoot(files, options)
  })

program
  .command('certificate')
  .description(t('commands.certificate'))
  .option('-c, --config <file>', t('commands.any-config'), 'lab.yaml')
  .option('--form <form>', t('commands.certificate-form'), 'pem')
  .option('--out <file>', t('commands.certificate-out'))
  .addHelpText('after', `\n${t('commands.certificate-note')}\n${t('commands.certificate-exit')}`)
  .action(async (options: CertificateOptions) => {
    const { certificate } = await import('./certificate.ts')
    process.exitCode = await usageChecked(() => certificate(options))
  })

program
  .command('export')
  .description(t('commands.export'))
  .argument('<file>', t('commands.export-arg-file'))
  .requiredOption('--to <server>', t('commands.export-to'))
  .option('--engine-version <version>', t('commands.export-engine-version'))
  .option('--address <address>', t('commands.export-address'))
  .option('--tftp-root <folder>', t('commands.export-tftp-root'))
  .option('--out <folder>', t('commands.export-out'))
  .option('--check', t('commands.export-check'))
  .addHelpText('after', `\n${t('commands.export-exit')}`)
  .action(async (file: string, options: ExportOptions) => {
    const { exportLab } = await import('./export.ts')
    process.exitCode = await usageChecked(() => exportLab(file, options))
  })

program
  .command('plan')
  .description(t('commands.plan'))
  .argument('<site>', t('commands.plan-arg-site'))
  .option('--json', t('commands.any-json-schema', { schema: 'resources/plan.schema.json' }))
  .option('--only <rule...>', t('commands.plan-only'))
  .option('--facts <file...>', t('commands.plan-facts'))
  .option('--upgrade-to <version>', t('commands.plan-upgrade-to'))
  .addHelpText('after', `\n${t('commands.plan-exit')}`)
  .action(async (file: string, options: PlanOptions) => {
    const { plan } = await import('./plan.ts')
    process.exitCode = await usageChecked(() => plan(file, options))
  })

program
  .command('scale')
  .description(t('commands.scale'))
  .requiredOption('--machines <number>', t('commands.scale-machines'))
  .option('--minutes <minutes>', t('commands.scale-minutes'), '15')
  .option('--within <seconds>', t('commands.scale-within'), '4')
  .option('--no-spread', t('commands.scale-no-spread'))
  .option('--bandwidth <Mbit/s>', t('commands.scale-bandwidth'), '1000')
  .option('--latency <ms>', t('commands.scale-latency'), '0.05')
  .option('--loss <percent>', t('commands.scale-loss'), '0')
  .option('--mtu <bytes>', t('commands.scale-mtu'), '1500')
  .option('--program <size>', t('commands.scale-program'), '1M')
  .option('--image <size>', t('commands.scale-image'))
  .option('--firmware <type>', t('commands.scale-firmware'), 'edk2')
  .option('--block <bytes>', t('commands.scale-block'), '1468')
  .option('--window <blocks>', t('commands.scale-window'), '4')
  .option('--measured <file>', t('commands.scale-measured'))
  .option('--seed <number>', t('commands.any-seed'), '1')
  .option('--json', t('commands.any-json-schema', { schema: 'resources/scale.schema.json' }))
  .addHelpText('after', `\n${t('commands.scale-exit')}`)
  .action(async (options: ScaleOptions) => {
    const { scale } = await import('./scale.ts')
    process.exitCode = await usageChecked(() => scale(options))
  })

program
  .command('windows-pe')
  .description(t('commands.windows-pe'))
  .argument('<image>', t('commands.windows-pe-arg-image'))
  .option('--store <file>', t('commands.windows-pe-store'))
  .option('--path <path>', t('commands.windows-pe-path'))
  .option('--sdi <path>', t('commands.windows-pe-sdi'), '\\Boot\\boot.sdi')
  .option('--firmware <type>', t('commands.windows-pe-firmware'), 'uefi')
  .option('--title <text>', t('commands.windows-pe-title'))
  .option('--block <bytes>', t('commands.windows-pe-block'))
  .option('--window <blocks>', t('commands.windows-pe-window'))
  .option('--measure <interface>', t('commands.windows-pe-measure'))
  .option('--measured <file>', t('commands.windows-pe-measured'))
  .option('--json', t('commands.any-json-object'))
  .addHelpText('after', `\n${t('commands.windows-pe-exit')}`)
  .action(async (image: string, options: WindowsPeOptions) => {
    const { windowsPe } = await import('./windows-pe.ts')
    process.exitCode = await usageChecked(() => windowsPe(image, options))
  })

program
  .command('image')
  .description(t('commands.image'))
  .argument('<image>', t('commands.image-arg-image'))
  .option('--server <address>', t('commands.image-server'), '{image}')
  .option('--json', t('commands.any-json-object'))
  .addHelpText('after', `\n${t('commands.image-exit')}`)
  .action(async (image: string, options: ImageOptions) => {
    const { showImage } = await import('./image.ts')
    process.exitCode = await showImage(image, options)
  })

program
  .command('read-log')
  .description(t('commands.read-log'))
  .argument('<log...>', t('commands.read-log-arg-log'))
  .option('--machine <id>', t('commands.read-log-machine'))
  .option('--from <time>', t('commands.read-log-from'))
  .option('--to <time>', t('commands.read-log-to'))
  .option('--capture <file>', t('commands.read-log-capture'))
  .option('--json', t('commands.read-log-json'))
  .addHelpText('after', `\n${t('commands.read-log-exit')}`)
  .action(async (files: readonly string[], options: ReadLogOptions) => {
    const { readLogs } = await import('./read-log.ts')
    process.exitCode = await readLogs(files, options)
  })

program
  .command('rival')
  .description(t('commands.rival'))
  .requiredOption('-i, --interface <name>', t('commands.rival-interface'))
  .requiredOption('--client <mac>', t('commands.rival-client'), collect)
  .addHelpText('after', `\n${t('commands.rival-exit')}`)
  .option(...stopOption)
  .action(async (options: RivalOptions) => {
    const { rival } = await import('./rival.ts')
    process.exitCode = await rival(options)
  })

program
  .command('capture')
  .description(t('commands.capture'))
  .requiredOption('-i, --interface <name>', t('commands.capture-interface'))
  .option('-w, --write <file>', t('commands.capture-write'))
  .addHelpText('after', `\n${t('commands.capture-exit')}`)
  .option(...stopOption)
  .action(async (options: CaptureCommandOptions) => {
    const { capture } = await import('./capture.ts')
    process.exitCode = await capture(options)
  })

program
  .command('serve')
  .description(t('commands.serve'))
  .option('-c, --config <file>', t('commands.any-config'), 'lab.yaml')
  .option('-p, --port <number>', t('commands.serve-port'), '0')
  .option('--host <address>', t('commands.any-host'), '127.0.0.1')
  .option('--tls', t('commands.serve-tls'))
  .option('--tls-cert <file>', t('commands.serve-tls-cert'))
  .option('--tls-key <file>', t('commands.any-tls-key'))
  .option('--open', t('commands.serve-open'))
  .option('--class [address]', t('commands.serve-class'))
  .option('--api', t('commands.serve-api'))
  .option('--allow-folder <path...>', t('commands.serve-allow-folder'))
  .option(...stopOption)
  .action(async (options: ServeOptions) => {
    const { serve } = await import('./serve.ts')
    process.exitCode = await serve(options)
  })

const lessonsProgram = program
  .command('lessons')
  .description(t('commands.lessons'))
  .action(async () => {
    const { listLessons } = await import('./lessons.ts')
    process.exitCode = await listLessons()
  })
lessonsProgram
  .command('export')
  .description(t('commands.lessons-export'))
  .argument('[lesson]', t('commands.lessons-export-arg-lesson'))
  .option('-o, --out <file>', t('commands.lessons-export-out'))
  .option('--blind', t('commands.any-blind'))
  .action(async (lesson: string | undefined, options: ExportLessonsOptions) => {
    const { exportLessons } = await import('./lessons.ts')
    process.exitCode = await exportLessons(lesson, options)
  })

lessonsProgram
  .command('print')
  .description(t('commands.lessons-print'))
  .argument('[lesson]', t('commands.lessons-print-arg-lesson'))
  .option('-o, --out <file>', t('commands.any-output'))
  .option('--seed <number>', t('commands.lessons-print-seed'), '1')
  .option('--blind', t('commands.any-blind'))
  .action(async (lesson: string | undefined, options: PrintLessonsOptions) => {
    const { printLessons } = await import('./lessons.ts')
    process.exitCode = await usageChecked(() => printLessons(lesson, options))
  })

program
  .command('wake')
  .description(t('commands.wake'))
  .argument('[machine...]', t('commands.any-arg-machine'))
  .option('--group <name>', t('commands.wake-group'))
  .option('-c, --config <file>', t('commands.wake-config'))
  .option('-i, --interface <name>', t('commands.wake-interface'), collect)
  .option('--password <octets>', t('commands.wake-password'))
  .addHelpText('after', `\n${t('commands.wake-note')}\n${t('commands.wake-exit')}`)
  .action(async (machines: readonly string[], options: WakeOptions) => {
    const { wake } = await import('./wake.ts')
    process.exitCode = await usageChecked(() => wake(machines, options))
  })

program
  .command('next-boot')
  .description(t('commands.next-boot'))
  .argument('[machine]', t('commands.any-arg-machine'))
  .argument('[file]', t('commands.next-boot-arg-file'))
  .option('--local-disk', t('commands.next-boot-local-disk'))
  .option('--undo', t('commands.next-boot-undo'))
  .option('-c, --config <file>', t('commands.next-boot-config'), 'lab.yaml')
  .option('--json', t('commands.any-json-array'))
  .addHelpText('after', `\n${t('commands.next-boot-note')}\n${t('commands.next-boot-exit')}`)
  .action(async (machine: string | undefined, file: string | undefined, options: NextBootOptions) => {
    const { nextBoot } = await import('./next-boot.ts')
    process.exitCode = await usageChecked(() => nextBoot(machine, file, options))
  })

program
  .command('render')
  .description(t('commands.render'))
  .argument('<file>', t('commands.render-arg-file'))
  .option('--mac <address>', t('commands.any-arg-machine'))
  .option('--uuid <uuid>', t('commands.render-uuid'))
  .option('--serial <number>', t('commands.render-serial'))
  .option('--asset <tag>', t('commands.render-asset'))
  .option('--hostname <name>', t('commands.render-hostname'))
  .option('--ip <address>', t('commands.render-ip'))
  .option('--architecture <key>', t('commands.render-architecture'))
  .option('-c, --config <file>', t('commands.any-config'), 'lab.yaml')
  .option('--json', t('commands.render-json'))
  .addHelpText('after', `\n${t('commands.render-note')}\n${t('commands.render-exit')}`)
  .action(async (file: string, options: RenderOptions) => {
    const { render } = await import('./render.ts')
    process.exitCode = await usageChecked(() => render(file, options))
  })

const approvalsProgram = program
  .command('approvals')
  .description(t('commands.approvals'))
  .option('-c, --config <file>', t('commands.approvals-config'), 'lab.yaml')
  .option('--state <folder>', t('commands.approvals-state'))
  .option('--json', t('commands.approvals-json'))
  .addHelpText('after', `\n${t('commands.approvals-note')}\n${t('commands.approvals-exit')}`)
  .action(async (options: ApprovalsOptions) => {
    const { listApprovals } = await import('./approvals.ts')
    process.exitCode = await usageChecked(() => listApprovals(options))
  })
const decideOn = async (
  verdict: Verdict,
  requests: readonly string[],
  options: Partial<DecisionOptions>,
): Promise<void> => {
  const { decide } = await import('./approvals.ts')
  const all = { ...approvalsProgram.opts<ApprovalsOptions>(), ...options }
  process.exitCode = await usageChecked(() => decide(verdict, requests, all))
}
for (const verdict of ['approve', 'refuse'] as const)
  approvalsProgram
    .command(verdict)
    .description(t(verdict === 'approve' ? 'commands.approvals-approve' : 'commands.approvals-refuse'))
    .argument('<request...>')
    .option('--name <name>', t('commands.approvals-decide-name'))
    .option('--remember', t('commands.approvals-decide-remember'))
    .action((requests: string[], options: Partial<DecisionOptions>) => decideOn(verdict, requests, options))
approvalsProgram
  .command('name')
  .description(t('commands.approvals-name'))
  .argument('<request>')
  .argument('<name>')
  .action((request: string, name: string) => decideOn('name', [request], { name }))
approvalsProgram
  .command('remember')
  .description(t('commands.approvals-remember'))
  .argument('<request...>')
  .action((requests: string[]) => decideOn('remember', requests, {}))
approvalsProgram
  .command('forget')
  .description(t('commands.approvals-forget'))
  .argument('<request...>')
  .action((requests: string[]) => decideOn('forget', requests, {}))

program
  .command('agent')
  .description(t('commands.agent'))
  .option('--hub <url>', t('commands.agent-hub'))
  .option('-i, --interface <name>', t('commands.agent-interface'), collect)
  .option('--beside <lab-file>', t('commands.agent-beside'))
  .option('--credentials <file>', t('commands.agent-credentials'))
  .option('--ca <file>', t('commands.agent-ca'))
  .option('--fingerprint <sha256>', t('commands.agent-fingerprint'))
  .option('--spool <folder>', t('commands.agent-spool'))
  .option('--spool-limit <MiB>', t('commands.agent-spool-limit'), '256')
  .option('--status', t('commands.agent-status'))
  .option('--json', t('commands.agent-json'))
  .option(...stopOption)
  .addHelpText('after', `\n${t('commands.agent-exit')}\n${t('commands.agent-exit-status')}`)
  .action(async (options: AgentOptions) => {
    const { agent } = await import('./agent.ts')
    process.exitCode = await agent(options)
  })

const hubProgram = program
  .command('hub')
  .description(t('commands.hub'))
  .option('--folder <folder>', t('commands.hub-folder'))
  .option('--host <address>', t('commands.any-host'), '0.0.0.0')
  .option('-p, --port <number>', t('commands.hub-port'), '8910')
  .option('--tls-cert <file>', t('commands.hub-tls-cert'))
  .option('--tls-key <file>', t('commands.any-tls-key'))
  .option('--s3 <url>', t('commands.hub-s3')) // prettier-ignore
  .option('--keep-days <number>', t('commands.hub-keep-days'))
  .option('--window-host <address>', t('commands.hub-window-host'), '127.0.0.1')
  .option('--window-port <number>', t('commands.hub-window-port'), '8911')
  .option('--no-window', t('commands.hub-no-window'))
  .option(...stopOption)
  .addHelpText(
    'after',
    `\n${t('commands.hub-note')}\n${t('commands.hub-note-2')}\n${t('commands.hub-note-3')}\n${t('commands.hub-exit')}`,
  )
  .action(async (options: HubCommandOptions) => {
    const { hub } = await import('./hub.ts')
    process.exitCode = await hub(options)
  })
hubProgram
  .command('boots')
  .description(t('commands.hub-boots'))
  .option('--by <what>', t('commands.hub-boots-by')) // prettier-ignore
  .option('--where <name=value>', t('commands.hub-boots-where'), collect) // prettier-ignore
  .option('--since <time>', t('commands.hub-boots-since'))
  .option('--csv', t('commands.hub-boots-csv'))
  .option('--json', t('commands.hub-boots-json'))
  .addHelpText('after', `\n${t('commands.hub-boots-exit')}`)
  .action(async (options: HubBootsOptions) => {
    const { hubBoots } = await import('./hub-boots.ts')
    process.exitCode = await hubBoots({ ...hubProgram.opts<HubCommandOptions>(), ...options })
  })
const tokenProgram = hubProgram.command('token').description(t('commands.hub-token'))
tokenProgram
  .command('add')
  .description(t('commands.hub-token-add'))
  .argument('<site>')
  .action(async (site: string) => {
    const { addToken } = await import('./hub.ts')
    process.exitCode = await addToken(site, hubProgram.opts<HubCommandOptions>())
  })
tokenProgram
  .command('list')
  .description(t('commands.hub-token-list'))
  .action(async () => {
    const { listTokens } = await import('./hub.ts')
    process.exitCode = await listTokens(hubProgram.opts<HubCommandOptions>())
  })
tokenProgram
  .command('revoke')
  .description(t('commands.hub-token-revoke'))
  .argument('<id-or-site>')
  .action(async (idOrSite: string) => {
    const { revokeToken } = await import('./hub.ts')
    process.exitCode = await revokeToken(idOrSite, hubProgram.opts<HubCommandOptions>())
  })
