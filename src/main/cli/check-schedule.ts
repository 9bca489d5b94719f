/** Definitions with which the service managers of Linux and Windows run a check again and again. */
import { escapeXml } from '#shared/trace/ladder-svg.ts'

export const schedulers = ['systemd', 'windows'] as const
export type Scheduler = (typeof schedulers)[number]

export interface Schedule {
  /** Program and its arguments as they are, not quoted; paths are absolute. */
  readonly command: readonly string[]
  /** 1 to 44,640: a month is the longest that Task Scheduler repeats after. */
  readonly everyMinutes: number
}

export interface ScheduleFile {
  readonly name: string
  readonly content: string | Uint8Array
}

const description = 'PXE Lab: whether networks boot as expected'

/** One argument of a unit file: quoted, with specifiers and variables as plain text (systemd.service(5), "Command lines"). */
const systemdArgument = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')}"`

function systemd({ command, everyMinutes }: Schedule): ScheduleFile[] {
  const service = `[Unit]
Description=${description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${command.map(systemdArgument).join(' ')}
`
  const timer = `[Unit]
Description=${description}, every ${everyMinutes} min

[Timer]
OnBootSec=2min
OnUnitActiveSec=${everyMinutes}min
RandomizedDelaySec=5

[Install]
WantedBy=timers.target
`
  return [
    { name: 'pxe-lab-check.service', content: service },
    { name: 'pxe-lab-check.timer', content: timer },
  ]
}

/** As CommandLineToArgvW takes a command line apart: backslashes count only before a quote. */
const windowsArgument = (text: string): string =>
  /^[^\s"]+$/.test(text) ? text : `"${text.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`

/** Task Scheduler schema 1.2; the account is LocalSystem, which may ask on port 68. */
function windows({ command: [program = '', ...values], everyMinutes }: Schedule): ScheduleFile[] {
  const text = `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${escapeXml(description)}</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>PT${everyMinutes}M</Interval>
      </Repetition>
      <StartBoundary>2020-01-01T00:00:00</StartBoundary>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-18</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT1H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(program)}</Command>
      <Arguments>${escapeXml(values.map(windowsArgument).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`
  // schtasks reads what its declaration says.
  return [{ name: 'pxe-lab-check.xml', content: Buffer.from(`\u{feff}${text.replaceAll('\n', '\r\n')}`, 'utf16le') }]
}

export const scheduleFiles: Readonly<Record<Scheduler, (schedule: Schedule) => ScheduleFile[]>> = { systemd, windows }

/** What is left to do by hand, in the shell of that system. */
export const installSteps: Readonly<Record<Scheduler, (folder: string) => string>> = {
  systemd: (folder) =>
    `Install them with: cp ${folder}/pxe-lab-check.* /etc/systemd/system/ && systemctl enable --now pxe-lab-check.timer`,
  windows: (folder) => `Install it with: schtasks /Create /TN "PXE Lab check" /XML "${folder}\\pxe-lab-check.xml"`,
}
