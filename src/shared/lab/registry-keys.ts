/** Where WDS and the ConfigMgr distribution point keep their settings (Microsoft cc733103; Use PXE to deploy Windows). */
export const wdsKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE'
export const wdsTftpKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSTFTP'
export const wdsParametersKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Parameters'
export const dpKey = 'HKLM\\SOFTWARE\\Microsoft\\SMS\\DP'
