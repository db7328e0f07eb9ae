# 各页面，以及多个页面共用的部分。

another-party = 其他主体
more-count = 另有 { $count } 项
rows-count = { $n ->
    [0] 整个文件
   *[other] { $count } 行
}
accepted-label = 如何处理：
date-hint = 例如 2025-05-03
filter-all = 全部
filter-button = 筛选
country-or-area = 国家或地区 { $x }

column-accepted = 如何处理
column-bounds = 范围
column-column = 列
column-concerns = 涉及
column-content = 元素量
column-counterparty = 对方
column-date = 日期
column-detail = 详情
column-element = 元素
column-expected = 应为
column-fault = 问题
column-filing = 申报
column-filings = 申报数
column-finding = 核查发现
column-kind = 类型
column-line = 行号
column-lot = 批次
column-mass = 净重
column-month = 月份
column-observed = 申报值
column-origin = 来源
column-party = 主体
column-role = 分录
column-severity = 级别
column-share = 占比
column-site = 场所
column-stage = 环节
column-state = 状态
column-total = 合计
column-use = 用途

stat-filings = 申报
stat-first-date = 最早申报日期
stat-faults = 启动以来的故障
stat-hours = 已运行小时数
stat-last-date = 最近申报日期
stat-lots = 批次
stat-lots-held = 在库批次
stat-parties = 主体
stat-rows = 申报行
stat-sessions = 当前会话
stat-sites = 场所
stat-started = 启动时间
stat-version = 版本

home-title = 首页
home-filer-caption = 本单位台账
home-todo = 待办事项
home-case-yours = 案件 { $x } 等待您的答复
home-case-about = { $x }；运往 { $y }
home-case-overdue = 案件 { $x } 自 { $y } 起已逾期
home-case-due = 案件 { $x } 于 { $y } 到期
home-count-drafts = 尚未提交的申请
home-text-drafts = 继续填写、检查并提交。
home-count-to_sign = 待签署的案件
home-text-to_sign = 阅读拟作出的决定，签署或退回。
home-count-mine = 我的未结案件
home-text-mine = 按时限和库存，最紧急的在前。
home-count-open = 未结案件
home-text-open = 按时限和库存，最紧急的在前。
home-count-nobodys = 无人承办的案件
home-text-nobodys = 时限正在计算。
home-count-enquiries = 待答复的咨询
home-text-enquiries = 咨询人等待记录在案的答复。
home-count-registrations = 待核验的企业
home-text-registrations = 已申请登记。
home-office-none = 暂无待办，没有案件等待您处理。
home-todo-none = 暂无待办，台账中没有未解决的核查发现。
home-file-title = 批量申报
home-file-text = 上传申报文件，先看核对结果，确认之后才会入账。
home-file-button = 开始申报
home-all-stock = 查看更多在库批次
home-all-filings = 查看台账中的更多申报
home-no-book = 该主体尚无申报记录。首次申报后即建立台账。
home-authority-title = 台账概况
home-period = 申报日期：{ $x } 至 { $y }
home-serious = 最严重的核查发现
home-all-findings = 查看全部 { $count } 项核查发现
home-operator-title = 运行状况
home-operator-text = 服务的运行情况。运维人员看不到贸易数据。
operator-health = 进程是否存活
operator-ready = 是否可以受理请求
operator-metrics = 监控指标

chart-finding = { $x }申报最多，共 { $y } 项
chart-finding-even = 各月申报数
chart-about = { $x }至{ $y }每月申报数
chart-bar = { $x }：{ $y }
chart-source = 按业务日期统计，不含已更正或已作废的申报。
chart-table = 以表格显示数据

findings-title = 核查发现
findings-lede = 台账中相互矛盾或尚未了结之处。后续申报将其理清后，发现会自动消失。
findings-none = 没有核查发现，已申报的内容相互吻合。
findings-found = { $n ->
    [0] 没有核查发现
   *[other] 共 { $count } 项核查发现
}

search-title = 查询
search-label = 主体、批次或申报
search-hint = 输入主体标识、批次号或申报编号的开头部分
search-button = 查询
search-found = { $n ->
    [0] 没有以“{ $x }”开头的记录
   *[other] “{ $x }”：{ $count } 条结果
}
search-parties = 主体
search-lots = 批次
search-filings = 申报
search-full = 可能还有更多结果，请输入更多字符以缩小范围。

party-caption = 主体
party-verified = 已核验
party-unverified = 未核验
party-findings = { $count } 项核查发现
party-balance = 物料平衡
party-balance-text = 按场所和元素汇总全部申报：期初 + 收入 + 产出 − 投入 − 发出 − 损耗 = 期末。差额为账面与最近一次盘点之差。此处精确到克，接口提供精确值。
party-balance-none = 尚无物料入账。
party-stock = 库存
party-stock-none = 没有在库批次。
party-recent = 最近申报
balance-opening = 期初
balance-in = 收入
balance-made = 产出
balance-consumed = 投入
balance-out = 发出
balance-loss = 损耗
balance-closing = 期末
balance-unaccounted = 差额

lot-made-by = 产出方
lot-mass = 产出时净重
lot-composition = 成分
lot-not-analysed = 未检测
lot-places = 现在何处
lot-trace = 溯源
lot-direction = 查看
lot-element = 元素
direction-back = 来源
direction-forward = 去向
lot-to = 追溯至
lot-to-root = 源头
lot-to-party = 供应方
lot-times = 查看其他时点
lot-as-of = 截至日期
lot-known-at = 截至当时已知
lot-times-button = 查看
lot-makers = 产出该批次的申报
lot-draws = 领用或移动该批次的申报
lot-state-made = 已产出
lot-state-undeclared = 从未申报产出

trace-empty = { $y } 不含 { $x }
trace-others = { $y } 中的 { $x } 来自其他主体
trace-others-some = { $x } 的 { $z } 来自其他主体，其余来自本单位的批次
trace-root = { $x } 本身就是其中 { $y } 的来源
trace-back-one = { $x } 全部来自 { $y }
trace-back = { $x } 有 { $count } 个来源
trace-back-most = ，占比最大的是 { $x }（{ $y }）
trace-forward = { $y } 中有 { $x } { $z }
trace-about-back = 批次 { $y } 中{ $x }的来源，元素量 { $z }
trace-about-forward = 批次 { $y } 中{ $x }的现况，元素量 { $z }
trace-as-of = { $x }（截至 { $y }）
trace-table-back = 来源
trace-table-forward = 现在何处
trace-more = 另有 { $count } 项，见 CSV 文件。
trace-unexplained = 其中 { $x } 没有对应的投入：某项申报的产出多于投入所含。
trace-not-analysed = 沿途有 { $count } 个批次未检测该元素，按零计：{ $x }
trace-cycles = 此处有批次成为自身的来源，已在 { $x } 处断开循环。
trace-source = 依据申报，按质量平衡监管链、比例混合（ISO 22095）计算。
trace-csv = 下载 CSV
unexplained = 投入无法解释（{ $x }）
bounds = 至少 { $x }，按比例 { $y }，至多 { $z }
bounds-exact = 确定值

lineage-label = 该批次上下游批次示意图
lineage-here = 本批次
lineage-before = 上游第 { $count } 步
lineage-after = 下游第 { $count } 步
lineage-more = 另有 { $count } 个批次
lineage-card = { $x } { $y } { $z }
lineage-ribbon = 从 { $x } 到 { $y }：{ $z }

filing-title = 申报 { $x }
filing-live = 有效
filing-replaced = 已被替代
filing-filer = 申报人
filing-counterparty = 对方
filing-date = 业务日期
filing-recorded = 入账时间
filing-digest = 各行摘要值（SHA-256 前半部分）
filing-legs = 物料
filing-legs-none = 该申报不涉及物料变动。
filing-sum-in = 投入合计
filing-sum-out = 产出合计
filing-sum-loss = 申报损耗
filing-chain = 更正记录
filing-chain-none = 未被更正，也未更正其他申报。
filing-step = { $x }，{ $y } 入账

file-title = 批量申报
file-lede = 上传申报文件，先看核对结果，确认之后才会入账。
file-choose = 选择文件
file-hint = CSV 文件，以逗号、分号或制表符分隔，可压缩（.gz、.zst），不超过 { $x }。
file-button = 核对文件
file-missing = 请选择有内容的文件
file-working = 正在处理，请稍候……
file-next-title = 后续步骤
file-next-1 = 逐行核对，问题按处理方法归类。
file-next-2 = 查看结果并确认。确认之前不会入账。
file-next-3 = 取得回执，载明入账时间和文件摘要值。
file-form-title = 文件格式
file-form-text = 首行为列名，其后每行是一项申报的一条分录。列的顺序不限，不需要的列可以省略。
file-template = 下载模板（CSV）
file-correct-text = 更正申报时，请用新的编号重新申报，并在“corrects”列填写原编号。
file-api = 通过接口申报

import-rows = 读取行数
import-would = 可申报
import-filed = 已入账申报
import-duplicate = 此前已入账
import-rejected = 未受理申报
import-rejected-rows = 未受理行数

preview-caption = 申报前核对
preview-back = 返回上传
preview-all-good = { $count } 项申报均可入账
preview-some = { $count } 项申报可入账，{ $x } 项未受理
preview-nothing = 暂时没有可以入账的申报
preview-all-duplicate = 全部内容此前已入账
preview-consequence-all = 确认后，{ $count } 项申报将入账。入账后不能修改，只能以后续申报更正。
preview-consequence-some = 确认后，{ $count } 项申报将入账。未受理的申报不会入账：请修改未受理的行后重新上传。
preview-consequence-repair = 未作任何申报。请修改下列各行后重新上传。
preview-consequence-none = 未作任何申报，文件中没有新的内容。
preview-confirm = 确认申报 { $count } 项
preview-other = 上传其他文件
preview-errors = { $count } 类问题需要修改
preview-errors-text = 用同一方法可以修改的行归为一类。一项申报要么整体受理，要么整体不受理。
preview-notes = 提示
preview-notes-text = 以下内容不影响申报。其中的矛盾会保留在“核查发现”中，直到后续申报将其理清。
preview-rows = 未受理的行
preview-rows-shown = 此处显示 { $count } 行。未受理行文件包含全部行以及各行的处理方法。
rejects-download = 下载未受理的行（CSV）
group-in-column = { $x }：“{ $y }”列
group-lines = 见第 { $x } 行

receipt-caption = 回执
receipt-title = { $n ->
    [0] 没有申报入账
   *[other] { $count } 项申报已入账
}
receipt-party = 申报主体
receipt-recorded = 入账时间
receipt-file = 文件
receipt-digest = 文件摘要值（SHA-256）
receipt-digest-text = 请保存该文件，摘要值可以证明它就是所申报的文件。
receipt-next = 继续申报
receipt-home = 返回首页
receipt-taken = 已入账的申报

api-title = 接口（API）
api-lede = 页面所能显示和办理的一切，都可由程序调用。
api-rules = 接口规则
api-document = OpenAPI 文档（JSON）
api-parameter = 参数
api-parameters = 参数
api-parameters-of = { $x } 的参数
api-where = 位置
api-meaning = 含义
api-example-of = { $x } 示例
api-answers = 返回：{ $x }
api-group-account = 账号
api-group-filing = 申报
api-group-trace = 溯源与物料平衡
api-group-ledger = 主体、批次、申报与核查发现
api-group-law = 法规
api-group-audit = 审计与查阅记录
api-group-document = 本文档
api-rule-1 = 在请求头“Authorization: Bearer …”中发送令牌。在浏览器中，登录会话只可用于读取。
api-rule-2 = 错误以 application/problem+json（RFC 9457）返回，代码固定不变；有误的字段一次全部列出。
api-rule-3 = 质量为以千克计的精确十进制文本，元素量为整数微克，时间采用 RFC 3339。
api-rule-4 = 较长的列表分页返回：以“limit”限定条数，以答复中的“next”作为“cursor”继续。
api-rule-5 = POST 请求可带“Idempotency-Key”。同一编号的申报重复发送，也不会重复入账。
api-rule-6 = 每个账号每分钟最多 1200 次请求，超出后返回 429，并附“Retry-After”。
api-problems = 错误代码
api-problems-text = 每个错误都有以下代码之一，并附状态码和处理方法。
api-problem-code = 代码
api-problem-status = 状态码
api-problem-meaning = 含义

preview-unread = 无法读取该文件
preview-consequence-unread = 未作任何申报。请按下方说明修改文件后重新上传。
fault-date_form = “{ $x }”不是日期，请按 2025-05-03 的形式填写
fault-instant_form = “{ $x }”不是时间，请按 2025-05-03 或 2025-05-03T14:00:00Z 的形式填写
fault-element = “{ $x }”不是元素，请选择该批次所含的元素
fault-other = 此处无法识别“{ $x }”

lot-trace-not-own = 该批次由其他主体产出。其物料的来源，以及在本单位台账之外的去向，记载于其他主体的台账，此处不显示。

problem-sign_in-title = 没有有效令牌
problem-sign_in-text = 请在请求头“Authorization: Bearer …”中发送本服务的令牌。
problem-not_found-title = 未找到
problem-not_found-text = 不存在，或所属台账该账号无权查看。
problem-method-title = 不允许的方法
problem-method-text = 该地址不接受此方法，可用的方法见 OpenAPI 文档。
problem-fields-title = 字段有误
problem-fields-text = 未作任何更改。“errors”列出各字段、问题所在以及可接受的内容。
problem-too_large-title = 内容过大
problem-too_large-text = 未作任何申报。请减少单次发送的内容，或用 gzip、zstd 压缩。
problem-media_type-title = 不接受的媒体类型
problem-media_type-text = 请以 text/csv 发送文本表格，可用 gzip 或 zstd 压缩。
problem-key_reused-title = 幂等键已被使用
problem-key_reused-text = 该键属于另一请求，新的请求请使用新的键。
problem-key_busy-title = 请求正在处理
problem-key_busy-text = 使用该键的请求正在处理，请稍候，以同一键重新发送。
problem-too_many-title = 请求过多
problem-too_many-text = 请等待“Retry-After”所示的秒数后继续。
problem-too_slow-title = 处理超时
problem-too_slow-text = 请求已中止。请重新发送，已入账的申报不会重复入账。
problem-fault-title = 服务故障
problem-fault-text = 这是系统的故障，已记录。请稍后重新发送，已入账的申报不会重复入账。
problem-all_rejected-title = 没有申报入账
problem-all_rejected-text = 该批申报全部未受理，原因见答复中的逐行报告。
problem-form_expired-title = 缺少表单令牌
problem-form_expired-text = 该地址供页面使用，程序请使用 /api/v1 下的地址。
