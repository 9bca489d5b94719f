/** Where WDS and the ConfigMgr distribution point keep their settings (Microsoft cc733103; Use PXE to deploy Windows). */
export const wdsKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE'
export const wdsTftpKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSTFTP'
export const wdsParametersKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Parameters'
/** Whom WDS answers, as its own PXE provider is told. */
export const wdsAnswerKey = `${wdsKey}\\Providers\\BINLSVC`
export const dhcpParametersKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\DHCPServer\\Parameters'
export const dpKey = 'HKLM\\SOFTWARE\\Microsoft\\SMS\\DP'
/** Hands-free deployment of WDS (KB 5074952). */
export const wdsUnattendKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WdsImgSrv\\Unattend'
/** Which certificates a site system of ConfigMgr trusts clients by. */
export const smsSecurityKey = 'HKLM\\SOFTWARE\\Microsoft\\SMS\\Security'
