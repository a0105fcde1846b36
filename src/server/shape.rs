//! Cases in the words of the interface.

use crate::review::{CriticalLimits, CriticalLoop, CriticalStep, State};
use crate::store::{CaseRow, Named, Recorded, Store, StoreError, Version};
use crate::text::{Text, text};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A case as lists show it.
pub fn row(row: &CaseRow) -> Value {
    let state = serde_json::to_value(&row.case.state).ok();
    let tag = state.as_ref().and_then(|s| s.get("state")).cloned().unwrap_or(Value::Null);
    let c = &row.clinical;
    json!({
        "id": row.id,
        "site": row.site,
        "state": tag,
        "priority": row.priority,
        "senior": matches!(row.case.state, State::Waiting { senior: true }),
        "received": row.received,
        "due": row.due,
        "recorded": row.recorded,
        "patient_id": c.patient_id,
        "patient_name": c.patient_name,
        "sex": c.sex,
        "age": c.age,
        "chest_pain": c.chest_pain,
        "urgent": c.urgent,
        "critical": row.alarm_step(),
        "verdict": row.verdict,
        "summary": row.summary,
        "reader": row.reader,
        "until": row.until(),
        "first": row.first,
        "versions": row.case.versions,
        "reason": row.reason,
        "device": row.device,
        "erased": row.erased,
        "revision": row.revision,
    })
}

/// A signed version.
pub fn version(v: &Version) -> Value {
    let b = &v.body;
    json!({
        "version": v.number,
        "signed": v.signed,
        "by": v.by,
        "second": v.second,
        "decision": if b.changed { "changed" } else { "confirmed" },
        "code": v.code,
        "lines": b.lines,
        "advice": b.advice,
        "reason": b.reason,
        "verdict": b.verdict,
        "sha256": b.pdf_zh,
        "sha256_en": b.pdf_en,
    })
}

/// The loop of a critical value.
pub async fn alarm(
    store: &Store,
    alarm: &CriticalLoop,
    items: &[Text],
    limits: &CriticalLimits,
    now: Timestamp,
) -> Result<Value, StoreError> {
    let mut people: [Option<Named>; 2] = [None, None];
    let ids = [alarm.acknowledged.map(|(_, by)| by), alarm.disposed.as_ref().map(|(_, by, _)| *by)];
    for (name, id) in people.iter_mut().zip(ids) {
        if let Some(id) = id {
            *name = Some(store.name_of(id).await?);
        }
    }
    let [acknowledged_by, disposed_by] = people;
    let acknowledged = alarm.acknowledged.map(|(at, _)| at);
    let dispose_by = acknowledged.filter(|_| alarm.step() == CriticalStep::Acknowledged).map(|at| at + limits.dispose);
    Ok(json!({
        "step": alarm.step(),
        "raised": alarm.raised,
        "items": items,
        "acknowledged": acknowledged,
        "acknowledged_by": acknowledged_by,
        "disposed": alarm.disposed.as_ref().map(|(at, _, _)| *at),
        "disposed_by": disposed_by,
        "disposition": alarm.disposed.as_ref().map(|(_, _, what)| what),
        "withdrawn": alarm.withdrawn.map(|(at, _)| at),
        "overdue_s": alarm.overdue(now, limits).map(|d| d.as_secs()),
        "acknowledge_by": (alarm.step() == CriticalStep::Raised).then(|| alarm.raised + limits.acknowledge),
        "dispose_by": dispose_by,
    }))
}

/// What the audit calls things.
#[rustfmt::skip]
const ACTIONS: &[(&str, Text)] = &[
    ("received", text("收到", "received")),
    ("analysed", text("完成分析", "analysed")),
    ("set-aside", text("无法分析，待人工处理", "set aside")),
    ("claimed", text("打开阅读", "opened to read")),
    ("released", text("关闭（未签）", "closed unread")),
    ("taken-over", text("上级接管", "taken over")),
    ("handed-over", text("移交", "handed over")),
    ("asked-senior", text("请求上级", "senior asked for")),
    ("drafted", text("修改草稿", "draft changed")),
    ("refused", text("因质量退回", "refused for quality")),
    ("signed-first", text("初诊签名", "signed by the first reader")),
    ("signed", text("签发报告", "report signed")),
    ("amended", text("打开修订", "opened to amend")),
    ("critical-raised", text("危急值报出", "critical value raised")),
    ("critical-acknowledged", text("危急值确认接收", "critical value acknowledged")),
    ("critical-disposed", text("危急值处置记录", "critical value disposed")),
    ("critical-withdrawn", text("危急值撤销", "critical value withdrawn")),
    ("clinical-changed", text("修改临床信息", "clinical data changed")),
    ("viewed", text("查看", "viewed")),
    ("report-fetched", text("取报告", "report fetched")),
    ("file-fetched", text("取原始文件", "original fetched")),
    ("login", text("登录", "logged in")),
    ("login-failed", text("密码错误", "wrong password")),
    ("logout", text("退出", "logged out")),
    ("language-changed", text("修改语言", "language changed")),
    ("password-changed", text("修改密码", "password changed")),
    ("pin-changed", text("修改签名 PIN", "PIN changed")),
    ("password-reset", text("重置密码", "password reset")),
    ("person-added", text("新增人员", "person added")),
    ("person-changed", text("修改人员", "person changed")),
    ("site-added", text("新增单位", "site added")),
    ("blind-drawn", text("抽取盲法复读样本", "sample drawn for blind re-reading")),
    ("blind-read", text("完成盲法复读", "read blindly")),
    ("originals-erased", text("删除到期原始文件", "expired originals deleted")),
    ("site-changed", text("修改单位", "site changed")),
    ("key-added", text("新增密钥", "key added")),
    ("key-revoked", text("吊销密钥", "key revoked")),
    ("settings-changed", text("修改设置", "settings changed")),
    ("backed-up", text("备份", "backed up")),
    ("reanalysis", text("发起重新分析", "analysis again asked for")),
    ("retried", text("重试分析", "tried again")),
    ("searched", text("检索", "searched")),
];

/// An action in words.
pub fn action(name: &str) -> Text {
    let known = ACTIONS.iter().find(|(n, _)| *n == name);
    known.map_or_else(|| Text::of(name, name), |(_, words)| words.clone())
}

/// Entries of the audit with the names of people.
pub async fn entries(store: &Store, entries: &[Recorded]) -> Result<Vec<Value>, StoreError> {
    let mut said = Vec::with_capacity(entries.len());
    for e in entries {
        let actor = match e.person {
            Some(id) => Some(store.name_of(id).await?),
            None => None,
        };
        said.push(json!({
            "seq": e.seq,
            "at": e.at,
            "actor": actor,
            "key": e.key,
            "action": e.action,
            "action_text": action(&e.action),
            "case": e.case,
            "site": e.site,
            "detail": e.detail,
            "hash": e.hash,
        }));
    }
    Ok(said)
}
