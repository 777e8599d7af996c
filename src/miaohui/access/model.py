"""Roles and permissions: who may do what. Pure.

A role is held in one shop (or in every shop, for owners of the installation), optionally limited to groups.
"""

from __future__ import annotations

PERMISSIONS: dict[str, str] = {
    "inbox.read": "查看本组会话",
    "inbox.read_all": "查看全店会话",
    "inbox.reply": "回复买家",
    "inbox.note": "写内部备注",
    "inbox.assign": "转接会话",
    "inbox.bulk": "批量操作会话",
    "inbox.transcript": "打印会话记录",
    "routing.read": "查看分流与排队",
    "routing.presence": "切换自己的接待状态",
    "routing.manage": "调整分流、接管、批量转移",
    "sla.read": "查看回复时钟",
    "sla.manage": "调整回复目标与日历",
    "shop.read": "查看店铺设置",
    "shop.manage": "修改店铺设置、直播场次与大促",
    "staff.read": "查看客服与分组",
    "staff.manage": "管理客服、分组、技能",
    "buyers.read": "查看买家资料（脱敏）",
    "buyers.merge": "合并重复买家",
    "buyers.reveal": "查看明文（需填原因，留审计）",
    "trade.read": "查看订单与售后",
    "trade.refresh": "重新拉取订单",
    "channels.read": "查看渠道状态",
    "channels.manage": "接入与管理渠道",
    "webhooks.manage": "管理外发回调",
    "phrasebook.read": "使用快捷短语",
    "phrasebook.manage": "管理快捷短语",
    "importing.run": "导入文件",
    "insight.read": "查看指标与报告",
    "insight.manage": "管理口径、规则与豁免日历",
    "access.manage": "管理人员、角色与邀请",
    "access.audit": "查看审计",
    "jobs.read": "查看后台任务与死信",
    "jobs.replay": "重放死信",
    "system.backup": "备份与恢复",
}

_VIEWER = {"inbox.read", "routing.read", "sla.read", "shop.read", "staff.read", "trade.read", "insight.read"}
_AGENT = _VIEWER | {
    "inbox.reply", "inbox.note", "inbox.assign", "inbox.transcript", "routing.presence", "buyers.read",
    "trade.refresh", "phrasebook.read",
}  # fmt: skip
_INSPECTOR = _VIEWER | {"inbox.read_all", "inbox.note", "inbox.transcript", "buyers.read", "phrasebook.read"}
_SUPERVISOR = _AGENT | {
    "inbox.read_all", "inbox.bulk", "routing.manage", "sla.manage", "shop.manage", "staff.manage", "buyers.merge",
    "buyers.reveal", "channels.read", "phrasebook.manage", "importing.run", "insight.manage", "jobs.read",
}  # fmt: skip
_MANAGER = _SUPERVISOR | {
    "channels.manage", "webhooks.manage", "access.manage", "access.audit", "jobs.replay", "system.backup",
}  # fmt: skip

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(PERMISSIONS),
    "manager": frozenset(_MANAGER),
    "supervisor": frozenset(_SUPERVISOR),
    "agent": frozenset(_AGENT),
    "inspector": frozenset(_INSPECTOR),
    "viewer": frozenset(_VIEWER | {"inbox.read_all"}),
}
ROLE_NAMES_ZH = {
    "owner": "老板", "manager": "店长", "supervisor": "客服主管", "agent": "客服", "inspector": "质检", "viewer": "只读",
}  # fmt: skip
