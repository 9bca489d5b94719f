import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'

/** What port 67 is asked to do twice, and how it is meant to be: one server, one port, two services. */
export function OnePortPicture({ isRepaired }: { readonly isRepaired: boolean }): ReactElement {
  const bad = 'var(--lab-bad)'
  const good = 'var(--lab-good)'
  const box = (
    x: number,
    y: number,
    width: number,
    title: string,
    lines: readonly string[],
    colour = 'currentColor',
  ) => (
    <g>
      <rect x={x} y={y} width={width} height={52} rx={4} fill="none" stroke={colour} strokeWidth={1.3} />
      <text x={x + width / 2} y={y + 20} fontSize={12} fontWeight={600} textAnchor="middle" fill="currentColor">
        {title}
      </text>
      {lines.map((line, index) => (
        <text
          key={line}
          x={x + width / 2}
          y={y + 36 + index * 14}
          fontSize={11}
          textAnchor="middle"
          fill="currentColor"
        >
          {line}
        </text>
      ))}
    </g>
  )
  const port = (y: number, number: number, colour: string) => (
    <g>
      <rect x={196} y={y} width={62} height={30} rx={15} fill="none" stroke={colour} strokeWidth={1.6} />
      <text x={227} y={y + 19} fontSize={12} fontWeight={600} textAnchor="middle" fill={colour}>
        {number}
      </text>
    </g>
  )
  const line = (x1: number, y1: number, x2: number, y2: number, colour: string, isDashed = false) => (
    <line
      x1={x1}
      y1={y1}
      x2={x2}
      y2={y2}
      stroke={colour}
      strokeWidth={1.5}
      {...(isDashed ? { strokeDasharray: '5 4' } : {})}
    />
  )
  return (
    <svg
      viewBox="0 0 470 190"
      role="img"
      aria-label={isRepaired ? t('doctor-page.dhcp-holds-port-67-sends') : t('doctor-page.client-asks-port-67-dhcp')}
      className="port-picture"
    >
      {box(6, 68, 110, t('doctor-page.client'), [
        isRepaired ? t('doctor-page.port-67-then-4011') : t('doctor-page.asks-port-67'),
      ])}
      {box(330, 14, 134, t('doctor-page.dhcp-server'), [
        isRepaired ? t('doctor-page.sends-option-60') : t('doctor-page.wants-67'),
      ])}
      {box(330, 122, 134, t('doctor-page.wds'), [isRepaired ? 'UseDHCPPorts = 0' : 'UseDHCPPorts = 1'])}
      {isRepaired ? (
        <>
          {port(25, 67, good)}
          {port(133, 4011, good)}
          {line(116, 88, 196, 42, good)}
          {line(116, 100, 196, 148, good)}
          {line(258, 40, 330, 40, good)}
          {line(258, 148, 330, 148, good)}
        </>
      ) : (
        <>
          {port(79, 67, bad)}
          {line(116, 94, 196, 94, 'currentColor')}
          {line(258, 90, 330, 42, 'currentColor')}
          {line(258, 98, 330, 146, bad, true)}
          <text x={296} y={122} fontSize={15} fontWeight={700} fill={bad} textAnchor="middle">
            ✕
          </text>
        </>
      )}
    </svg>
  )
}
