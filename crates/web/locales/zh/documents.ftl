# 申请人提交的文件

stop-document_too_large-title = 文件过大
stop-document_too_large-text = 未作任何存储。单个文件不得超过 25 MB：请压缩其中的图片后另存，或拆分文件。
stop-document_waiting-title = 该文件尚未扫描
stop-document_waiting-text = 文件在任何人打开之前都要进行病毒扫描。请一分钟后重试。
stop-document_scan_failed-title = 该文件未能扫描
stop-document_scan_failed-text = 未经病毒扫描的文件不向任何人提供。运维人员已收到提示，可安排重新扫描。
stop-document_infected-title = 该文件带有病毒
stop-document_infected-text = 扫描发现其中有病毒。文件已封存作为证据，不向任何人提供。请检查文件来源的计算机，并提交无病毒的副本。

problem-document_too_large-title = 文件过大
problem-document_too_large-text = 未作任何存储。单个文件不得超过 25 MiB。
problem-document_waiting-title = 尚未扫描
problem-document_waiting-text = 文件经扫描无病毒后方可下载。请查询其元数据，直至 “scan” 不再是 “waiting”。
problem-document_scan_failed-title = 未能扫描
problem-document_scan_failed-text = 扫描程序未能扫描该文件。运维人员可安排重试。
problem-document_infected-title = 带有病毒
problem-document_infected-text = 扫描发现病毒。文件已封存，不向任何人提供。请提交无病毒的副本。

api-group-documents = 文件

audit-action-document_stored = 提交文件
audit-action-document_clean = 文件经扫描无病毒
audit-action-document_infected = 文件经扫描发现病毒
audit-action-document_scan_failed = 文件未能扫描

activity-what-document = 一份文件

job-kind-document_scan = 文件扫描
documents-title = 文件
documents-scanner = 扫描程序：{ $x }
scanner-none = 未设置。文件处于等待状态，任何人都不能下载。请以 --scanner 启动服务。
scanner-clamd = clamd
scanner-command = 运维人员提供的程序
scanner-signature = 仅识别测试文件的特征。这不是病毒扫描程序，仅供演示。
documents-waiting = 尚未扫描：{ $count }
documents-clean = 无病毒：{ $count }
documents-infected = 带有病毒，已封存：{ $count }
documents-failed = 未能扫描：{ $count }
