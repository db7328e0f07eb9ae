nav-quotas = 配额
quotas-title = 配额
quotas-lede = 每年可开采和分离多少、由谁持有多少，以及申报已使用多少。所有质量均按氧化物（REO）计。
quotas-none = 该年度无人获得配额，也无人使用。
quota-year = 年度
quota-line = 环节与矿种
quota-stage-mining = 开采
quota-stage-separation = 分离
quota-stage-smelting_separation = 冶炼分离
quota-issued-caption = 主管机关下达的指标
quota-issued = 已下达
quota-slices = 批次
quota-reserved = 预留
quota-undivided = 尚未分配
quota-groups = 集团
quota-group = { $x }：获得 { $y }，其中 { $z } 尚未下分
quota-companies-caption = 企业使用情况
quota-standing = 状态
quota-standing-awaiting = 待分配
quota-standing-within = 额度内
quota-standing-alarmed = 接近用尽
quota-standing-over = 超配额
quota-allocated = 已分配
quota-carried = 结转
quota-cut-short = 扣减
quota-used = 已使用
quota-uncounted = 不计入
quota-left = 剩余
quota-proof = 使用配额的申报
quota-beyond = 超出配额 { $x }
quota-proofs-more = 另有较早的 { $count } 份申报
quota-imported-yes = 以进口矿生产的计入配额。
quota-imported-no = 以进口矿生产的不计入配额。
quota-secondary-yes = 以二次资源生产的计入配额。
quota-secondary-no = 以二次资源生产的不计入配额。
quota-carry = 本年度自有配额剩余部分的 { $x }% 可在下一年度使用。
quota-cut = 超出部分按其 { $x }% 扣减下一年度配额。
quota-cut-unknown = 超出部分如何扣减下一年度配额未有规定，此处不作扣减。
quota-reserve = 每批次预留 { $x }%。
quota-allocate = 分配
quota-allocate-text = 下达批次、向下分配、收回未使用部分，或调给同一集团的其他企业。每一步及其理由均记录在案。
quota-from = 来自
quota-from-issue = 新下达：由主管机关下达
quota-from-authority = 主管机关尚未分配部分
quota-from-reserve = 预留
quota-to = 给予
quota-to-hint = authority、group:名称，或企业标识，如 gad:skarn-mining。下达批次时留空。
quota-amount = 数量（吨，氧化物）
quota-amount-hint = 数字和一个小数点，如 1200.5。分配 0 表示没有配额。
quota-slice = 批次
quota-slice-hint = 仅在下达批次时填写：批次编号，从 1 起。
quota-day = 生效日期
quota-reason = 理由
quota-refused-quota_line = 请选择本规则包的环节与矿种。
quota-refused-quota_unknown = 请选择本规则包的配额。
quota-refused-quota_year = 请填写四位数年份。
quota-refused-quota_holder = 请填写 authority、reserve、group:名称 或企业标识。
quota-refused-quota_company = 该标识下没有已登记的企业。
quota-refused-quota_amount = 请填写大于 0 的吨数，用数字和一个小数点；仅在表示没有配额时填 0。
quota-refused-quota_way = 不能这样调拨。数量由主管机关分给集团或企业，由集团分给其企业，可原路收回，或在同一集团的企业之间调剂。
quota-refused-quota_other_parent = 该持有者的配额来自另一方。请先收回，或通过同一集团分配。
quota-refused-quota_beyond_parent = 来源处没有这么多。
quota-refused-quota_used = 企业已使用的多于收回后所余。最多可收回剩余部分。
quota-refused-quota_slice = 该批次已下达，或规则包没有此批次。批次从 1 编号；其他步骤请留空。
quota-refused-quota_day = 请填写日期，如 2026-02-01，且不早于该环节和年度的上一步。
quota-refused-quota_reason = 请填写 1 至 1000 个字符的理由。
quota-refused-changed_meanwhile = 期间已有他人分配。请重新查看数量。

rule-quota_exceeded = 超出配额
about-quota_exceeded = 开采或分离量超过配额；所列申报超出部分。
repair-quota_exceeded = 请申请增加配额，或更正申报。超出部分可能扣减下一年度配额。

rule-quota_nearly_used = 配额接近用尽
about-quota_nearly_used = 该年度配额已大部分使用。
repair-quota_nearly_used = 请安排本年度余下生产，或申请增加配额。

rule-export_without_licence = 无许可证出口
about-export_without_licence = 受管制货物已出口，而申报未注明许可证。
repair-export_without_licence = 请更正申报并注明许可证，或提交检测证明该货物不受管制。

rule-export_declaration_missing = 出口申报缺少报关单号
about-export_declaration_missing = 申报注明了许可证但没有报关单号，无法核对。
repair-export_declaration_missing = 请更正申报并注明报关单号。

rule-licence_unknown = 许可证行不存在
about-licence_unknown = 申报注明的许可证行从未签发。
repair-licence_unknown = 请更正申报，注明已签发的许可证行。

rule-licence_of_another = 他人的许可证
about-licence_of_another = 申报注明的许可证由其他企业持有。
repair-licence_of_another = 请更正申报，注明申报人自己的许可证。

rule-licence_not_in_force = 许可证不在有效期
about-licence_not_in_force = 出口日期不在许可证可使用的期间内。
repair-licence_not_in_force = 请更正日期或许可证；或由海关将核销日期更正至有效期内。

rule-licence_wrong_destination = 目的地与许可不符
about-licence_wrong_destination = 货物去往的目的地与许可证或核销记录不符。
repair-licence_wrong_destination = 请更正目的地，或变更许可证。

rule-export_not_drawn_down = 出口未核销
about-export_not_drawn_down = 出口已申报，而海关未就该报关单核销。
repair-export_not_drawn_down = 请由海关核销，或更正申报的报关单号。

rule-draw_down_not_filed = 核销无对应申报
about-draw_down_not_filed = 海关已核销许可证，而出口未申报。
repair-draw_down_not_filed = 请申报该报关单的出口，或由海关更正核销。

rule-licence_wrong_line = 核销于另一行
about-licence_wrong_line = 申报与核销注明同一许可证的不同行。
repair-licence_wrong_line = 请更正申报，或由海关更正核销，使两者一致。

rule-licence_wrong = 核销于另一许可证
about-licence_wrong = 申报与核销注明不同的许可证。
repair-licence_wrong = 请更正申报，或由海关更正核销，使两者一致。

rule-draw_down_differs = 申报与核销数量不符
about-draw_down_differs = 同一报关单的申报与核销数量不同。
repair-draw_down_differs = 请更正申报，或由海关更正核销，使两者数量一致。

rule-duty_overdue = 报告逾期
about-duty_overdue = 许可后应交的报告在最后期限前未收到。
repair-duty_overdue = 请提交报告。

rule-report_unknown = 报告无对应核销
about-report_unknown = 所报告的出口海关从未核销。
repair-report_unknown = 请以注明正确许可证行和报关单的报告替换。

rule-report_before_draw_down = 报告早于核销
about-report_before_draw_down = 报告日期早于海关核销日期。
repair-report_before_draw_down = 请以日期正确的报告替换。

rule-receipt_short = 到货少于核销
about-receipt_short = 到货与退运合计少于核销数量。
repair-receipt_short = 请报告其余部分或退运部分；或替换有误的报告。

rule-receipt_beyond = 到货多于核销
about-receipt_beyond = 对方收到的数量多于核销数量。
repair-receipt_beyond = 请替换有误的报告，或由海关更正核销。

rule-reimport_beyond = 复运进口多于核销
about-reimport_beyond = 复运进口数量多于核销数量。
repair-reimport_beyond = 请替换有误的报告，或由海关更正核销。

rule-installed_beyond = 安装多于到货
about-installed_beyond = 报告的安装数量多于到货数量。
repair-installed_beyond = 请替换有误的报告。

rule-report_unit = 报告使用其他单位
about-report_unit = 报告所用单位没有任何核销。
repair-report_unit = 请以许可证行的单位重新报告。

nav-duties = 许可后义务
duties-title = 许可后义务
duties-lede = 持证人对许可证下每次出口须报告的事项：运输、到货、安装、使用，以及对方的收货。
duties-owed = 应交报告
duties-none = 尚无核销，因此没有应交报告。
duties-more = 另有 { $count } 项较不紧急
duties-gaps = 数量不符
duties-told = 已记录的报告
duties-told-none = 尚无报告。
duties-told-more = 另有 { $count } 份较早的报告
duty-what = 报告
duty-last-day = 最后期限
duty-gap = 不符之处
duty-expected = 核销或到货
duty-observed = 报告
duty-state-done = 已完成
duty-state-done_late = 逾期完成
duty-state-due = 待交
duty-state-owed = 应交
duty-state-overdue = 逾期
report-kind-transport = 运输
report-kind-arrival = 到货
report-kind-installation = 安装
report-kind-use = 使用
report-kind-receipt = 对方收货
report-kind-reimport = 复运进口
report-title = 报告
report-text = 报告按所述记录并保留。有误的报告由后来的报告替换。
duties-receipt-title = 对方收货
receipt-text = 最终用户或进口主管机关所述的收货数量。其效力高于持证人报告的到货。
report-holder = 持证人，如 gad:magnet-maker
report-reference = 编号
report-licence = 许可证号
report-line = 许可证行
report-day = 发生日期
report-mass = 净重（千克），如有
report-pieces = 件数，如有
report-quantities = 数量
report-note = 备注
report-replaces = 替换的报告
report-replaced = 已由 { $x } 替换
report-button = 记录报告
report-refused-report_field = 请填写 1 至 64 个可见字符；行号最多 16 个。
report-refused-report_holder = 没有以此标识登记的企业。
report-refused-report_day = 请填写日期，如 2026-02-01，且不在将来。
report-refused-report_kind = 请选择报告事项。
report-refused-report_teller = 此事项由另一方报告：收货由主管机关记录，其余由持证人报告。
report-refused-report_note = 备注最多 1000 个字符。
report-refused-report_quantities = 请填写大于 0 的数量，仅用数字和至多一个小数点；件数为整数。
report-refused-report_taken = 该编号已用于另一份报告。请使用新编号。
report-refused-report_replaces = 本方没有此报告，或已被替换。

shipments-title = 许可证与海关
shipments-lede = 是否需要许可证，货物是否在所注明许可证的剩余数量之内，以及海关就该报关单核销的数量。
shipments-more = 另有 { $count } 份出口申报未在此列出；提交后可在各自页面查看。
shipment-declaration = 报关单
shipment-licence = 许可证及行
shipment-none-named = 未注明
shipment-fit = 剩余数量
shipment-fits = 足够
shipment-fits-not = 不符
shipment-unit-fits = { $x }，剩余 { $y }
shipment-unit-beyond = 申报 { $x }，剩余 { $y }
shipment-unit-untold = 剩余 { $x }；申报未注明此单位
shipment-customs = 海关
shipment-drawn = { $x }：{ $y }，{ $z }
shipment-observed = { $x }：{ $y }
shipment-expected = { $x }：{ $y }
shipment-both = { $x }：应为 { $y }，申报 { $z }
shipment-goods = 货物
shipment-need = 许可证
shipment-codes = 管制编码
need-needed = 需要
need-not_needed = 不需要
need-unknown = 不详
need-refer = 须补充说明
tie-matched = 核销与申报一致
tie-waiting = 尚未核销
tie-differs = 不一致
tie-no_licence = 不需要许可证
fit-licence_unknown = 申报人没有此许可证行
fit-licence_of_another = 此许可证由其他企业持有
fit-licence_not_in_force = 许可证不在有效状态
fit-licence_wrong_destination = 目的地与许可不符
quantity-content = { $x }（所含 { $y }）
quantity-oxide = { $x }（{ $y } 氧化物）
