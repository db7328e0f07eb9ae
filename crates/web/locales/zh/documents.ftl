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
audit-action-documents_key_changed = 更换文件加密密钥
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

documents-lede = 随申请提交的文件。每份文件均加密保存，并在任何人打开之前进行病毒扫描。
documents-choose = 选择文件
documents-hint = { $x }；不超过 { $y }。文件内容须与文件名后缀一致。
documents-button = 提交文件
documents-list = 已提交
documents-none = 尚未提交任何文件。
documents-name = 名称
documents-size = 大小
documents-scan = 扫描
documents-shown = 仅显示最近的 { $x } 份。
documents-how = 同一文件无论提交多少次只保存一份。文件不能更改或删除：请提交新文件。经扫描无病毒后，贵公司人员及主管机关的官员可以下载；谁下载过均有记录。
documents-stored = 文件已提交，正在扫描。
documents-there = 该文件此前已提交，未再次存储。
documents-scan-waiting = 扫描中
documents-scan-clean = 无病毒
documents-scan-infected = 带有病毒，已封存
documents-scan-failed = 未能扫描
documents-kind-pdf = PDF
documents-kind-png = 图片（PNG）
documents-kind-jpeg = 图片（JPEG）
documents-kind-tiff = 图片（TIFF）
documents-kind-docx = Word 文档
documents-kind-xlsx = Excel 表格
documents-kind-odt = OpenDocument 文档
documents-kind-ods = OpenDocument 表格
documents-kind-text = 纯文本
documents-kind-csv = 表格（CSV）
documents-kind-xml = XML
documents-refused-file_missing = 请选择文件
documents-refused-document_name = 文件名须有后缀，例如 report.pdf
documents-refused-document_extension = 不接受该后缀的文件：请选择所列类型之一，或将文件另存为 PDF
documents-refused-document_kind = 文件内容与文件名后缀不符，或文件已损坏：请打开后重新保存，再次选择
documents-refused-document_empty = 文件为空：请选择有内容的文件
documents-refused-document_too_large = 文件超过 25 MB：请压缩其中的图片后另存，或拆分文件
documents-refused-document_day_full = 贵公司在过去 24 小时内已提交 2 GB：请明天再试
documents-refused-document_cut = 文件在传输中断开：请重新提交
