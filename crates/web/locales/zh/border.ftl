### 口岸的许可证。

audit-action-licence_activated = 海关确认收到许可证
audit-action-licence_allotted = 向口岸分配数量或结清分配
audit-action-licence_closed = 关闭许可证
audit-action-licence_drawn_down = 核销许可证数量
audit-action-licence_issued = 颁发许可证
audit-action-licence_reinstated = 恢复许可证
audit-action-licence_revoked = 撤销许可证
audit-action-licence_superseded = 以新许可证取代旧许可证
audit-action-licence_surrendered = 交回许可证
audit-action-licence_suspended = 中止许可证
audit-action-licence_user_registered = 登记通用许可的用户
